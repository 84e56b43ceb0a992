import Tensors

extension TensorIndex {
    /// The first tensor, by name, that has a value which is infinite or no number; nil when none has.
    /// Reads every weight: for saying why a run that was lost was lost.
    func damagedTensor(_ compute: Compute) throws -> CheckpointTensor? {
        for (_, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            try compute.checkCancelled?()
            guard tensor.entry.type.elementType != nil else { continue }
            let stored = try tensor.stored()
            defer { stored.releaseMappedPages() }
            var sum: Float = 0
            try compute.floats(of: stored).withUnsafeBufferPointer { values in
                // What is infinite or no number does not become zero.
                for value in values { sum += value * 0 }
            }
            if sum.isNaN { return tensor }
        }
        return nil
    }
}

extension EngineError {
    /// Whether damaged weights may be behind it.
    private var mayBeDamage: Bool {
        switch self {
        case .notFinite, .notDecodable, .noVerdict: true
        default: false
        }
    }

    /// The weight that spoilt a run whose numbers were lost; the error itself when it is not that.
    static func cause(
        of error: any Error, in indexes: [TensorIndex], _ compute: Compute
    ) throws -> any Error {
        guard let lost = error as? EngineError, lost.mayBeDamage else { return error }
        for index in indexes {
            guard let tensor = try index.damagedTensor(compute) else { continue }
            return WeightsError.badTensor(
                file: tensor.file.path, tensor: tensor.entry.name,
                reason: "has values that are infinite or not numbers")
        }
        return error
    }
}

extension Checkpoint {
    /// The weights of all its networks.
    var networkTensors: [TensorIndex] {
        let encoders = [textEncoder, textEncoder2].compactMap { $0?.network.tensors }
        return encoders + [unet.tensors, vae.tensors]
    }
}

extension Companions {
    /// The weights of all networks beside the checkpoint.
    var networkTensors: [TensorIndex] {
        controls.map(\.network.tensors)
            + imagePrompts.flatMap { [$0.adapter.tensors, $0.encoder.tensors] }
            + (refiner?.networkTensors ?? []) + [safetyChecker?.tensors].compactMap { $0 }
    }
}
