import Generation
import Images

extension PixelImage {
    /// The picture as large as fits into a size with its proportions, in the middle, its edges drawn
    /// out over what remains: diffusers' `resize_mode="fill"`.
    func filling(width: Int, height: Int) -> PixelImage {
        let isWider = Double(width) / Double(height) < Double(self.width) / Double(self.height)
        let inner = (
            width: isWider ? width : max(1, self.width * height / self.height),
            height: isWider ? max(1, self.height * width / self.width) : height
        )
        let resized = resampled(width: inner.width, height: inner.height)
        guard inner != (width, height) else { return resized }
        let (left, top) = (width / 2 - inner.width / 2, height / 2 - inner.height / 2)
        return resized.drawnOut(
            width: width, height: height,
            at: PixelArea(
                left: left, top: top, right: left + inner.width, bottom: top + inner.height))
    }

    /// The picture's middle, enlarged until it covers a size: diffusers' `resize_mode="crop"`.
    func covering(width: Int, height: Int) -> PixelImage {
        let isWider = Double(width) / Double(height) > Double(self.width) / Double(self.height)
        let outer = (
            width: isWider ? width : max(width, self.width * height / self.height),
            height: isWider ? max(height, self.height * width / self.width) : height
        )
        let resized = resampled(width: outer.width, height: outer.height)
        let (left, top) = (outer.width / 2 - width / 2, outer.height / 2 - height / 2)
        guard outer != (width, height) else { return resized }
        return resized.cropped(
            PixelArea(left: left, top: top, right: left + width, bottom: top + height))
    }
}

extension GrayImage {
    /// As ``Generation/PixelImage/filling(width:height:)``.
    func filling(width: Int, height: Int) -> GrayImage {
        GrayImage(colored.filling(width: width, height: height))
    }

    /// The same values in all three channels.
    private var colored: PixelImage {
        PixelImage(width: width, height: height, rgb: values.flatMap { [$0, $0, $0] })
            ?? PixelImage(width: width, height: height, filledWith: (0, 0, 0))
    }
}
