extension GenerationRequest {
    /// Names what takes longest to change between two requests: those that share it had better run
    /// one after the other.
    public var loadingKey: String {
        let files = [backend, model ?? "", vae ?? "", refiner ?? "", precision?.rawValue ?? ""]
        return (files + loras.map { "\($0.name):\($0.weight)" }).joined(separator: "\n")
    }
}
