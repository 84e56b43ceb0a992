import Generation

/// Values for several fields of a request under one name.
public struct ParameterPreset: Hashable, Sendable {
    /// Width to height of a preset that follows the model's own number of pixels.
    public struct AspectRatio: Hashable, Sendable {
        public var width: Int
        public var height: Int

        /// Both at least 1.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }

        /// The size with about `width` times `height` pixels of the model in this shape.
        ///
        /// Sides are multiples of 64 for models of 512 pixels and more, of 8 for small ones.
        public func size(for defaults: RequestDefaults) -> (width: Int, height: Int) {
            let area = Double(defaults.width) * Double(defaults.height)
            let step = min(defaults.width, defaults.height) >= 512 ? 64.0 : 8.0
            let ratio = Double(width) / Double(height)
            func side(_ length: Double) -> Int {
                Int(max(step, (length / step).rounded() * step))
            }
            return (side((area * ratio).squareRoot()), side((area / ratio).squareRoot()))
        }
    }

    /// What `--preset` takes.
    public var name: String
    /// What a list shows.
    public var title: String
    /// One line about when to use it.
    public var summary: String
    /// The fields it sets, in the order of the file.
    public var fields: [RequestField]
    /// A request that holds their values.
    public var values: GenerationRequest
    /// A shape, when the preset sets one; fills `width` and `height`.
    public var aspectRatio: AspectRatio?

    /// A preset that sets `fields` to what `values` holds.
    public init(
        name: String, title: String, fields: [RequestField], values: GenerationRequest
    ) {
        self.name = name
        self.title = title
        self.summary = ""
        self.fields = fields
        self.values = values
    }

    /// The request with the preset's values, except for the fields that were given explicitly.
    ///
    /// - Parameter defaults: those of the backend and model, for the size of an aspect ratio.
    public func applied(
        to request: GenerationRequest, defaults: RequestDefaults,
        keeping given: Set<RequestField> = []
    ) -> GenerationRequest {
        var result = request
        for field in fields where !given.contains(field) {
            result.copy(field, from: values)
        }
        if let aspectRatio, given.isDisjoint(with: [.width, .height]) {
            let size = aspectRatio.size(for: defaults)
            result.width = size.width
            result.height = size.height
        }
        return result
    }
}
