/// What the UNet was trained to predict.
public enum PredictionType: String, CaseIterable, Sendable {
    /// The noise.
    case epsilon
    /// The velocity of Salimans and Ho 2022.
    case vPrediction = "v_prediction"
    /// The clean sample.
    case sample
}
