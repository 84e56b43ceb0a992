import Generation

/// Models distilled to a few steps, recognised from their scheduler's configuration.
struct FewStepDefaults: Hashable {
    /// Steps that the model was made for.
    let steps: Int
    /// Guidance that it was made for; 0 where the negative prompt is not used.
    let guidanceScale: Double

    /// - LCM names its own scheduler; networks that are told the guidance scale want 8.
    /// - Turbo (ancestral), Lightning (Euler) and Hyper (DDIM, TCD) start at the last timestep
    ///   ("trailing"), which undistilled models do only when they are trained on pure noise: with a
    ///   velocity prediction or zero terminal signal.
    init?(_ scheduler: SchedulerConfiguration, isToldGuidance: Bool) {
        let name = scheduler.className ?? ""
        if name == "LCMScheduler" {
            (steps, guidanceScale) = (4, isToldGuidance ? 8 : 0)
            return
        }
        guard scheduler.timestepSpacing == "trailing", scheduler.predictionType != "v_prediction",
            scheduler.rescaleBetasZeroSNR != true
        else { return nil }
        switch name {
        case "EulerAncestralDiscreteScheduler", "EulerDiscreteScheduler":
            (steps, guidanceScale) = (4, 0)
        case "DDIMScheduler", "TCDScheduler": (steps, guidanceScale) = (8, 0)
        default: return nil
        }
    }
}

extension Checkpoint {
    /// What a distilled model was made for, nil for others.
    var fewSteps: FewStepDefaults? {
        FewStepDefaults(
            scheduler, isToldGuidance: unet.configuration.guidanceEmbeddingWidth != nil)
    }
}

extension GenerationRequest {
    /// The part of the schedule in which guidance acts.
    var guidedPart: Range<Double> {
        // The end of the schedule belongs to it when it reaches 1.
        let end = guidanceEnd >= 1 ? 2 : guidanceEnd
        return guidanceStart..<max(guidanceStart, end)
    }
}
