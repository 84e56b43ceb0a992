import Generation
import Images
import Tensors

/// The control networks of one run, beside the UNet.
struct ControlStage {
    /// One network with everything of it that stays the same from step to step.
    struct Active {
        let network: ControlNetModel
        /// For every picture side by side.
        let features: Tensor
        let conditioning: PreparedConditioning
        let scale: Float
        /// Fractions of the schedule at which it begins and ends.
        let start: Double
        let end: Double
    }

    let active: [Active]
    let compute: Compute

    /// What the networks add at one call of the UNet, nil when none acts.
    ///
    /// - Parameters:
    ///   - latents: `[N, h, w, channels]`, scaled by the scheduler.
    ///   - call: number of the call from 0, of `calls`: as the reference, a network acts while the
    ///     call lies wholly inside its part of the schedule.
    func residuals(
        _ latents: Tensor, timestep: Float, call: Int, of calls: Int
    ) throws -> ControlResiduals? {
        var sum: ControlResiduals?
        for control in active where control.acts(call: call, of: calls) {
            let residuals = try control.network(
                latents, features: control.features, timestep: timestep,
                conditioning: control.conditioning, scale: control.scale)
            sum = try sum.map { try $0.adding(residuals, compute) } ?? residuals
        }
        return sum
    }
}

extension ControlStage.Active {
    func acts(call: Int, of calls: Int) -> Bool {
        let (first, last) = (Double(call) / Double(calls), Double(call + 1) / Double(calls))
        return scale != 0 && first >= start && last <= end
    }
}

/// A control picture as numbers.
struct ControlPicture {
    /// `[1, height, width, 3]`, colours from 0 to 1, -1 where an inpainting network paints.
    let values: [Float]

    /// Reads and prepares the picture that `reference` names.
    ///
    /// - Parameters:
    ///   - mask: where to paint, for `inpaint`.
    ///   - warn: told when the picture had to be resized.
    init(
        _ reference: ControlReference, mask: PixelImage?, width: Int, height: Int, isBGR: Bool,
        warn: (String) -> Void
    ) throws {
        let map = ControlMap(rawValue: reference.preprocessor ?? "none") ?? .none
        var picture = try ImageFile.read(reference.image)
        if picture.width != width || picture.height != height {
            warn(
                "the control picture \(reference.image) has \(picture.width)x\(picture.height) "
                    + "pixels and is resized to \(width)x\(height)")
            picture = picture.resampled(width: width, height: height)
        }
        picture = map(picture)
        var values = picture.rgb.map { Float($0) / 255 }
        if map == .inpaint, let mask = mask?.resized(width: width, height: height) {
            for index in values.indices where mask.rgb[index] >= 128 { values[index] = -1 }
        }
        if isBGR {
            for pixel in 0..<(width * height) { values.swapAt(3 * pixel, 3 * pixel + 2) }
        }
        self.values = values
    }
}
