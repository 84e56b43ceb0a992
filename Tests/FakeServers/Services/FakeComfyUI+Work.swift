import Foundation
import Synchronization

extension FakeComfyUI {
    /// Lets the queue run, one prompt after the other.
    func work() {
        let begins = state.withLock { state -> Bool in
            guard !state.isWorking else { return false }
            state.isWorking = true
            return true
        }
        guard begins else { return }
        Task { [weak self] in
            while let self, let item = self.takeNext() { await self.run(item) }
        }
    }

    private func takeNext() -> Queued? {
        state.withLock { state in
            guard !state.behaviour.isStuck, !state.pending.isEmpty else {
                state.isWorking = false
                return nil
            }
            state.running = state.pending.removeFirst()
            return state.running
        }
    }

    private func run(_ item: Queued) async {
        let behaviour = behaviour
        let socket = state.withLock { $0.sockets[item.client] }
        if behaviour.dropsSocket { await socket?.reset() }
        let sampler = item.graph.members?.first {
            $0.value["class_type"]?.text?.hasPrefix("KSampler") == true
        }
        let node = sampler?.key ?? "1"
        await tell(item, "execution_start", [])
        await tell(item, "execution_cached", [.init(key: "nodes", value: [])])
        await tell(item, "executing", [.init(key: "node", value: .string(node))])
        let steps = sampler?.value["inputs"]?["steps"]?.integer ?? 1
        for step in 1...max(1, steps) {
            try? await Task.sleep(for: behaviour.pace)
            if state.withLock({ $0.interrupted.contains(item.id) }) {
                await interrupted(item, node)
                return
            }
            await tell(
                item, "progress",
                [
                    .init(key: "value", value: .integer(step)),
                    .init(key: "max", value: .integer(steps)),
                    .init(key: "node", value: .string(node)),
                ])
            if behaviour.sendsPreviews { await preview(item, step, behaviour) }
        }
        if let failure = behaviour.failure {
            await failed(item, node, failure)
        } else {
            await succeeded(item, behaviour)
        }
    }

    private func tell(_ item: Queued, _ type: String, _ data: [WireJSON.Member]) async {
        let socket = state.withLock { $0.sockets[item.client] }
        let members = data + [.init(key: "prompt_id", value: .string(item.id))]
        try? await socket?.send(["type": .string(type), "data": .object(members)])
    }

    private func preview(_ item: Queued, _ step: Int, _ behaviour: Behaviour) async {
        let picture =
            behaviour.hasDetailedPreviews
            ? FakePicture.detailed(width: 256, height: 256, seed: UInt64(step % 8), as: .jpeg).bytes
            : FakePicture.bytes(width: 16, height: 16, seed: UInt64(step), as: .jpeg)
        let socket = state.withLock { $0.sockets[item.client] }
        guard behaviour.namesPreviews else {
            try? await socket?.send(binary: [0, 0, 0, 1, 0, 0, 0, 1] + picture)
            return
        }
        let metadata = (["prompt_id": .string(item.id)] as WireJSON).bytes
        let length = [0, 0, UInt8(metadata.count >> 8), UInt8(metadata.count & 0xFF)]
        try? await socket?.send(
            binary: [0, 0, 0, 4] + length + metadata + picture, inFramesOf: 100)
    }

    private func succeeded(_ item: Queued, _ behaviour: Behaviour) async {
        var outputs: [WireJSON.Member] = []
        for member in item.graph.members ?? [] {
            guard let type = member.value["class_type"]?.text,
                FakeComfyNode.all[type]?.isOutput == true
            else { continue }
            let file = hold(item, node: member.key, isKept: type == "SaveImage")
            outputs.append(.init(key: member.key, value: ["images": [file]]))
        }
        let entry: WireJSON = [
            "prompt": item.wire, "outputs": behaviour.outputs ?? .object(outputs),
            "status": ["status_str": "success", "completed": true, "messages": []], "meta": [:],
        ]
        await tell(item, "execution_success", [])
        try? await Task.sleep(for: behaviour.historyDelay)
        end(item, entry)
        await tell(item, "executing", [.init(key: "node", value: .null)])
    }

    private func hold(_ item: Queued, node: String, isKept: Bool) -> WireJSON {
        let name = "latent_\(item.number)_\(node) ä.png"
        let folder = isKept ? "sub dir" : ""
        let nodes = item.graph.members ?? []
        let size = nodes.first { $0.value["class_type"]?.text == "EmptyLatentImage" }
        let sampler = nodes.first { $0.value["class_type"]?.text?.hasPrefix("KSampler") == true }
        let inputs = sampler?.value["inputs"]
        let picture = FakePicture.bytes(
            width: size?.value["inputs"]?["width"]?.integer ?? 64,
            height: size?.value["inputs"]?["height"]?.integer ?? 64,
            seed: inputs?["seed"]?.unsigned ?? inputs?["noise_seed"]?.unsigned ?? 0)
        state.withLock { $0.files["\(folder)/\(name)"] = picture }
        return [
            "filename": .string(name), "subfolder": .string(folder),
            "type": isKept ? "output" : "temp",
        ]
    }

    private func failed(_ item: Queued, _ node: String, _ text: String) async {
        let details: [WireJSON.Member] = [
            .init(key: "node_id", value: .string(node)),
            .init(key: "node_type", value: "KSampler"),
            .init(key: "exception_message", value: .string(text)),
            .init(key: "exception_type", value: "RuntimeError"),
        ]
        let entry: WireJSON = [
            "prompt": item.wire, "outputs": [:],
            "status": [
                "status_str": "error", "completed": false,
                "messages": [["execution_error", .object(details)]],
            ],
        ]
        end(item, entry)
        await tell(item, "execution_error", details)
    }

    private func interrupted(_ item: Queued, _ node: String) async {
        let entry: WireJSON = [
            "prompt": item.wire, "outputs": [:],
            "status": [
                "status_str": "error", "completed": false,
                "messages": [["execution_interrupted", ["node_id": .string(node)]]],
            ],
        ]
        end(item, entry)
        await tell(item, "execution_interrupted", [.init(key: "node_id", value: .string(node))])
    }

    private func end(_ item: Queued, _ entry: WireJSON) {
        state.withLock { state in
            state.history[item.id] = entry
            state.running = nil
        }
    }
}
