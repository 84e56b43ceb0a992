import CPixels
import Generation

extension PixelImage {
    /// The picture at another size: a windowed Lanczos filter when shrinking, bilinear when
    /// growing. Sizes below 1 become 1; the same size returns the picture itself.
    public func resized(width: Int, height: Int) -> PixelImage {
        let (width, height) = (max(1, width), max(1, height))
        guard width != self.width || height != self.height else { return self }
        let size = width * height * 3
        var status: Int32 = -1
        let resized = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            status = cpixels_resize_rgb(
                rgb, UInt32(self.width), UInt32(self.height), buffer.baseAddress, UInt32(width),
                UInt32(height))
            count = size
        }
        guard status == 0 else { return PixelImage(width: width, height: height) }
        return PixelImage(width: width, height: height, rgb: resized) ?? self
    }

    /// The largest size with this picture's proportions inside `width` x `height`, at least 1x1.
    public func size(fittingWidth width: Int, height: Int) -> (width: Int, height: Int) {
        let widthByHeight = self.width * height
        let heightByWidth = self.height * width
        if widthByHeight > heightByWidth {
            return (max(1, width), max(1, (heightByWidth + self.width / 2) / self.width))
        }
        return (max(1, (widthByHeight + self.height / 2) / self.height), max(1, height))
    }

    /// Black, for when memory is lacking.
    private init(width: Int, height: Int) {
        self.init(width: width, height: height, filledWith: (0, 0, 0))
    }
}
