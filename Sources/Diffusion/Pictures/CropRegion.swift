import Images

/// The part of a picture around its masked area that masked-area-only repainting works on.
///
/// Ports `VaeImageProcessor.get_crop_region` of diffusers 0.42, which follows A1111's.
enum CropRegion {
    /// The smallest rectangle around everything that is not black, with `padding` around it, widened
    /// to the proportions of `width` by `height` as far as the picture allows; nil for a black mask.
    static func around(
        _ mask: GrayImage, padding: Int, width: Int, height: Int
    ) -> PixelArea? {
        guard var area = bounds(mask) else { return nil }
        area.left = max(area.left - padding, 0)
        area.top = max(area.top - padding, 0)
        area.right = min(area.right + padding, mask.width)
        area.bottom = min(area.bottom + padding, mask.height)
        let wanted = Double(width) / Double(height)
        if Double(area.width) / Double(area.height) > wanted {
            let missing = Int(Double(area.width) / wanted - Double(area.height))
            (area.top, area.bottom) = widened(
                area.top, area.bottom, by: missing, limit: mask.height)
        } else {
            let missing = Int(Double(area.height) * wanted - Double(area.width))
            (area.left, area.right) = widened(
                area.left, area.right, by: missing, limit: mask.width)
        }
        return area
    }

    private static func bounds(_ mask: GrayImage) -> PixelArea? {
        let rows = (0..<mask.height).filter { y in
            mask.values[(y * mask.width)..<((y + 1) * mask.width)].contains { $0 != 0 }
        }
        guard let top = rows.first, let last = rows.last else { return nil }
        var (left, right) = (mask.width, 0)
        for y in rows {
            for x in 0..<mask.width where mask[x: x, y: y] != 0 {
                left = min(left, x)
                right = max(right, x + 1)
            }
        }
        return PixelArea(left: left, top: top, right: right, bottom: last + 1)
    }

    /// Widens a span to both sides and shifts it back inside `0..<limit`.
    private static func widened(
        _ start: Int, _ end: Int, by missing: Int, limit: Int
    ) -> (Int, Int) {
        var start = start - missing / 2
        var end = end + missing - missing / 2
        if end >= limit {
            start -= end - limit
            end = limit
        }
        if start < 0 {
            end -= start
            start = 0
        }
        return (start, min(end, limit))
    }
}
