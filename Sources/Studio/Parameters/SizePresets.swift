import Generation

/// Picture sizes to choose from.
enum SizePresets {
    /// The resolutions that SDXL was trained on, about a megapixel each.
    static let buckets = [
        (1024, 1024), (1152, 896), (896, 1152), (1216, 832), (832, 1216), (1344, 768), (768, 1344),
        (1536, 640), (640, 1536),
    ]

    /// Sizes for a model whose own size is `side` squared: its buckets scaled, then fast drafts.
    static func choices(side: Int) -> [ParameterKind.Choice] {
        var found: [ParameterKind.Choice] = []
        func add(_ width: Int, _ height: Int, _ note: String) {
            let value = "\(width)x\(height)"
            guard !found.contains(where: { $0.value == value }) else { return }
            let shape = width == height ? "square" : width > height ? "landscape" : "portrait"
            found.append(.init(value: value, title: "\(width)×\(height)", detail: shape + note))
        }
        for (width, height) in buckets {
            add(rounded(width * side / 1024), rounded(height * side / 1024), "")
        }
        for part in [3, 2] where side * part / 4 >= 128 {
            add(rounded(side * part / 4), rounded(side * part / 4), ", draft")
        }
        return found
    }

    /// Multiples of 64 for large sizes, of 8 for small ones.
    private static func rounded(_ value: Int) -> Int {
        let step = value >= 512 ? 64 : 8
        return max(64, (value + step / 2) / step * step)
    }
}
