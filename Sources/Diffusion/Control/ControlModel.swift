import Tensors

/// A network that follows a control picture, with its weights.
enum ControlModel {
    case net(ControlNetModel)
    case adapter(StructureAdapter)

    init(_ network: ControlNetwork, _ compute: Compute) throws {
        switch network {
        case .net(let network): self = .net(try network.load(compute))
        case .adapter(let network): self = .adapter(try network.load(compute))
        }
    }
}
