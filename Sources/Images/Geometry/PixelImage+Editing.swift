import Generation

extension PixelImage {
    /// Another size as Pillow makes it; diffusers' image processor uses `LANCZOS`, CLIP's `BICUBIC`.
    /// The same size returns the picture itself.
    public func resampled(
        width: Int, height: Int, filter: ResamplingFilter = .lanczos
    ) -> PixelImage {
        guard width != self.width || height != self.height else { return self }
        let plane = filter.resample(
            .init(width: self.width, height: self.height, channels: 3, bytes: rgb),
            width: max(1, width), height: max(1, height))
        return PixelImage(width: plane.width, height: plane.height, rgb: plane.bytes) ?? self
    }

    /// Pillow's `GaussianBlur` in each channel.
    ///
    /// - Parameter radius: the deviation in pixels; 0 changes nothing.
    public func blurred(radius: Double) -> PixelImage {
        var bytes = rgb
        for channel in 0..<3 {
            let values = stride(from: channel, to: rgb.count, by: 3).map { rgb[$0] }
            guard let plane = GrayImage(width: width, height: height, values: values) else {
                return self
            }
            for (pixel, value) in plane.blurred(radius: radius).values.enumerated() {
                bytes[pixel * 3 + channel] = value
            }
        }
        return PixelImage(width: width, height: height, rgb: bytes) ?? self
    }

    /// The part that a rectangle covers; it must lie inside.
    public func cropped(_ area: PixelArea) -> PixelImage {
        let rows = area.rows.flatMap {
            rgb[(($0 * width + area.left) * 3)..<(($0 * width + area.right) * 3)]
        }
        return PixelImage(width: area.width, height: area.height, rgb: rows) ?? self
    }

    /// The picture inside a larger one, with its edges drawn out to all sides.
    ///
    /// - Parameter area: where it stands in the larger picture.
    public func extended(width: Int, height: Int, at area: PixelArea) -> PixelImage {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for y in 0..<height {
            let row = min(max(y - area.top, 0), self.height - 1) * self.width
            for x in 0..<width {
                let pixel = (row + min(max(x - area.left, 0), self.width - 1)) * 3
                bytes += rgb[pixel..<(pixel + 3)]
            }
        }
        return PixelImage(width: width, height: height, rgb: bytes) ?? self
    }

    /// This picture where the mask is black, `other` where it is white, a mixture between; all
    /// three have one size.
    ///
    /// With the rounding of diffusers' `apply_overlay`: Pillow multiplies this picture's colours by
    /// their share, divides by it again and lays them over the other.
    public func blended(with other: PixelImage, by mask: GrayImage) -> PixelImage {
        var bytes = rgb
        for (pixel, white) in mask.values.enumerated() where white > 0 {
            let share = 255 - Int(white)
            for index in (pixel * 3)..<(pixel * 3 + 3) {
                guard share > 0 else {
                    bytes[index] = other.rgb[index]
                    continue
                }
                let own = min(255 * Self.divided(Int(rgb[index]) * share + 128) / share, 255)
                let sum = 128 * (own * share + Int(other.rgb[index]) * Int(white))
                bytes[index] = UInt8(Self.divided(sum + 128 * 128) >> 7)
            }
        }
        return PixelImage(width: width, height: height, rgb: bytes) ?? self
    }

    /// Pillow's division by 255.
    private static func divided(_ value: Int) -> Int { ((value >> 8) + value) >> 8 }

    /// The picture at `area` of a larger one, its edges drawn out as diffusers' `resize_mode="fill"`
    /// does: Pillow enlarges a strip without width by its bicubic filter, which goes on along the
    /// slope of the two outermost pixels.
    public func drawnOut(width: Int, height: Int, at area: PixelArea) -> PixelImage {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for y in 0..<height {
            let rows = Self.outermost(y - area.top, self.height)
            for x in 0..<width {
                let columns = Self.outermost(x - area.left, self.width)
                let outer = (rows.outer * self.width + columns.outer) * 3
                let inner = (rows.inner * self.width + columns.inner) * 3
                for channel in 0..<3 {
                    let sum = 9 * Int(rgb[outer + channel]) - Int(rgb[inner + channel])
                    bytes.append(UInt8(min(max((sum + 4) >> 3, 0), 255)))
                }
            }
        }
        return PixelImage(width: width, height: height, rgb: bytes) ?? self
    }

    /// The place itself inside of `0..<count`, the edge and its neighbour outside.
    private static func outermost(_ place: Int, _ count: Int) -> (outer: Int, inner: Int) {
        if place < 0 { return (0, min(1, count - 1)) }
        if place >= count { return (count - 1, max(count - 2, 0)) }
        return (place, place)
    }

    /// The picture with `other` put over it at `area`, which has the other's size and lies inside.
    public func replacing(_ area: PixelArea, with other: PixelImage) -> PixelImage {
        var bytes = rgb
        for (row, y) in area.rows.enumerated() {
            let from = row * other.width * 3
            bytes.replaceSubrange(
                ((y * width + area.left) * 3)..<((y * width + area.right) * 3),
                with: other.rgb[from..<(from + area.width * 3)])
        }
        return PixelImage(width: width, height: height, rgb: bytes) ?? self
    }
}
