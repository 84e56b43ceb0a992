import Generation
import Images
import Tensors

/// The control networks of one run, beside the UNet.
struct ControlStage {
    /// A ControlNet with everything of it that stays the same from step to step.
    struct Net {
        let network: ControlNetModel
        /// For every picture side by side.
        let features: Tensor
        let conditioning: ConditioningTimeline
        let scale: Float
        /// Fractions of the schedule at which it begins and ends.
        let start: Double
        let end: Double
    }

    /// A T2I-Adapter's features, which stay the same through the run.
    struct Adapter {
        /// Scaled, for every picture side by side, from fine to coarse.
        let features: [Tensor]
        /// Fractions of the schedule at which it begins and ends.
        let start: Double
        let end: Double
        /// Steps of the schedule.
        let steps: Int
        /// Whether an adapter that acts until the end does so at the calls beyond the steps too.
        let actsBeyondSteps: Bool
    }

    var nets: [Net] = []
    var adapters: [Adapter] = []
    let compute: Compute

    init(compute: Compute) {
        self.compute = compute
    }

    /// What the networks add at one call of the UNet, nil when none acts.
    ///
    /// - Parameters:
    ///   - latents: `[N, h, w, channels]`, scaled by the scheduler.
    ///   - call: number of the call from 0, of `calls`: as the reference, a network acts while the
    ///     call lies wholly inside its part of the schedule.
    ///   - promptCall: number of the call by which prompts change.
    func residuals(
        _ latents: Tensor, timestep: Float, call: Int, of calls: Int, promptCall: Int
    ) throws -> ControlResiduals? {
        var sum: ControlResiduals?
        for net in nets where net.acts(call: call, of: calls) {
            let residuals = try net.network(
                latents, features: net.features, timestep: timestep,
                conditioning: try net.conditioning.at(call: promptCall), scale: net.scale)
            sum = try sum.map { try $0.adding(residuals, compute) } ?? residuals
        }
        for adapter in adapters where adapter.acts(call: call) {
            let residuals = ControlResiduals(features: adapter.features)
            sum = try sum.map { try $0.adding(residuals, compute) } ?? residuals
        }
        return sum
    }
}

extension ControlStage.Net {
    func acts(call: Int, of calls: Int) -> Bool {
        let (first, last) = (Double(call) / Double(calls), Double(call + 1) / Double(calls))
        return scale != 0 && first >= start && last <= end
    }
}

extension ControlStage.Adapter {
    /// As the reference's pipeline for SDXL, compares the number of the call with steps although
    /// solvers of second order call twice: with those an adapter acts in the first half at most.
    /// The reference's older pipelines let an adapter act at every call.
    func acts(call: Int) -> Bool {
        guard Double(call) >= start * Double(steps) else { return false }
        return call < Int(end * Double(steps)) || (actsBeyondSteps && end >= 1)
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
    ///   - isBGR: whether blue comes first.
    ///   - isGray: whether all three channels are the picture's luma.
    ///   - warn: told when the picture had to be resized.
    init(
        _ reference: ControlReference, mask: PixelImage?, width: Int, height: Int, isBGR: Bool,
        isGray: Bool = false, warn: (String) -> Void
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
        if isGray { picture = ControlMap.gray(picture) }
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
