import Foundation
import Generation
import Hashing

/// Files that a request names, with the role of each.
public enum RequestFiles {
    /// The roles and paths of everything that influences the picture: model, VAE, refiner, LoRAs,
    /// embeddings, ControlNets, IP-Adapters, and the pictures that are put in.
    ///
    /// - Parameters:
    ///   - defaultModel: where the model is that a request without one means; nil: not a file.
    ///   - resolve: where the file of a name (or path) is; nil when there is none to hash.
    public static func paths(
        of request: GenerationRequest, defaultModel: String?, resolve: (String) -> String?
    ) -> [(role: String, path: String)] {
        var named: [(role: String, name: String)] = []
        func add(_ role: String, _ name: String?) {
            if let name { named.append((role, name)) }
        }
        add("model", request.model)
        add("vae", request.vae)
        add("refiner", request.refiner)
        if request.safety != .off { add("safetyChecker", request.safetyChecker) }
        for lora in request.loras { add("lora:\(baseName(lora.name))", lora.name) }
        for embedding in request.embeddings { add("embedding:\(embedding.token)", embedding.path) }
        add("initImage", request.initImage)
        add("maskImage", request.maskImage)
        for (index, control) in request.controls.enumerated() {
            add("control\(index):\(baseName(control.model))", control.model)
            add("controlImage\(index)", control.image)
        }
        for (index, prompt) in request.imagePrompts.enumerated() {
            add("ipAdapter\(index):\(baseName(prompt.model))", prompt.model)
            add("ipImage\(index)", prompt.image)
            add("ipMask\(index)", prompt.mask)
        }
        let files = named.compactMap { role, name in resolve(name).map { (role, $0) } }
        guard request.model == nil, let defaultModel else { return files }
        return [("model", defaultModel)] + files
    }

    /// The identity of each of those files. Files that cannot be read are left out: the backend
    /// says so when it needs them.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public static func identities(
        of request: GenerationRequest, cache: FileHashCache, defaultModel: String?,
        resolve: (String) -> String?
    ) throws -> [FileIdentity] {
        let named = paths(of: request, defaultModel: defaultModel, resolve: resolve)
        return try named.compactMap { role, path in
            do {
                return try FileIdentity.hashing(role: role, path: path, cache: cache)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                return nil
            }
        }
    }

    private static func baseName(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}
