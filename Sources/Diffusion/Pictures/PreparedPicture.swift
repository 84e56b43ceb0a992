import Generation
import Images

/// The initial picture as the model sees it, what of it is repainted, and how the result goes back
/// into the original.
struct PreparedPicture {
    /// Of the size that the model works at.
    let picture: PixelImage
    /// 1 where it is repainted, 0 elsewhere, one value per pixel of ``picture``; nil: everywhere.
    let mask: [Float]?
    /// Puts the result back; nil: the result is the picture.
    let overlay: PictureOverlay?
    /// What was changed on the way, in words.
    let warnings: [String]
}

/// Puts a repainted part back into its original.
struct PictureOverlay {
    /// The whole picture.
    let original: PixelImage
    /// White where the result shows, of the original's size.
    let mask: GrayImage
    /// The part that was repainted; nil: all of it.
    let area: PixelArea?

    /// The original with `result` where the mask is white.
    func applied(to result: PixelImage) -> PixelImage {
        var whole = result
        if let area {
            whole = original.replacing(
                area, with: result.covering(width: area.width, height: area.height))
        }
        return original.blended(with: whole, by: mask)
    }
}

/// Makes a ``PreparedPicture`` of a request's pictures.
struct PicturePreparation {
    let request: GenerationRequest
    /// What the model works at, in pixels.
    let width: Int
    let height: Int
    private var warnings: [String] = []

    init(_ request: GenerationRequest, width: Int, height: Int) {
        self.request = request
        self.width = width
        self.height = height
    }

    /// Reads and prepares the pictures; nil without an initial one.
    ///
    /// - Throws: an error of the files, or `InvalidRequest` for a mask without any white.
    static func run(
        _ request: GenerationRequest, width: Int, height: Int
    ) throws -> PreparedPicture? {
        guard let path = request.initImage else { return nil }
        var preparation = PicturePreparation(request, width: width, height: height)
        return try preparation.prepare(try ImageFile.read(path))
    }

    private mutating func prepare(_ initial: PixelImage) throws -> PreparedPicture {
        var picture = initial
        var mask = try request.maskImage.map { try readMask($0, for: initial) }
        var feather = request.maskFeather
        if let outpaint = request.outpaint {
            let canvas = OutpaintCanvas(initial, mask: mask, outpaint)
            (picture, mask) = (canvas.picture, canvas.mask)
            if feather == 0 { feather = OutpaintCanvas.margin / 3 }
        }
        guard let mask else {
            return PreparedPicture(
                picture: fitted(picture), mask: nil, overlay: nil, warnings: warnings)
        }
        let soft = mask.blurred(radius: Double(feather))
        if let padding = request.maskPadding {
            return try part(of: picture, soft, padding: padding)
        }
        let small = soft.resampled(width: width, height: height)
        let whole = fitted(picture)
        return PreparedPicture(
            picture: whole, mask: try binarised(small),
            overlay: feather > 0 ? PictureOverlay(original: whole, mask: small, area: nil) : nil,
            warnings: warnings)
    }

    /// The masked part alone, enlarged.
    private func part(
        of picture: PixelImage, _ mask: GrayImage, padding: Int
    ) throws -> PreparedPicture {
        guard
            let area = CropRegion.around(mask, padding: padding, width: width, height: height)
        else { throw nothingWhite }
        return PreparedPicture(
            picture: picture.cropped(area).filling(width: width, height: height),
            mask: try binarised(mask.cropped(area).filling(width: width, height: height)),
            overlay: PictureOverlay(original: picture, mask: mask, area: area),
            warnings: warnings)
    }

    private mutating func readMask(_ path: String, for picture: PixelImage) throws -> GrayImage {
        let mask = try ImageFile.readMask(path)
        guard mask.width != picture.width || mask.height != picture.height else { return mask }
        // On the whole picture it is resized once, to the size that the model works at.
        let isWhole = request.maskPadding == nil && request.outpaint == nil
        let size = isWhole ? (width, height) : (picture.width, picture.height)
        warnings.append(
            "the mask has \(mask.width)x\(mask.height) pixels, the initial picture "
                + "\(picture.width)x\(picture.height); it is resized to \(size.0)x\(size.1)")
        return isWhole ? mask : mask.resampled(width: picture.width, height: picture.height)
    }

    private mutating func fitted(_ picture: PixelImage) -> PixelImage {
        guard picture.width != width || picture.height != height else { return picture }
        warnings.append(
            "the initial picture has \(picture.width)x\(picture.height) pixels and is resized to "
                + "\(width)x\(height)")
        return picture.resampled(width: width, height: height)
    }

    /// Cut at one half, as diffusers does.
    private func binarised(_ mask: GrayImage) throws -> [Float] {
        guard mask.values.contains(where: { $0 >= 128 }) else { throw nothingWhite }
        return mask.values.map { $0 >= 128 ? 1 : 0 }
    }

    private var nothingWhite: InvalidRequest {
        InvalidRequest(problems: [
            RequestProblem(
                field: .maskImage, value: request.maskImage ?? "",
                reason: "it has nothing white, so nothing would be repainted")
        ])
    }
}
