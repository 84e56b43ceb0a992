import Foundation
import Generation
import Images
import Screen
import Studio

extension EffectRunner {
    /// Longest side of a picture that is shown beside its parameter.
    private static let inputSide = 1024

    /// Reads pictures that a parameter names.
    func show(_ inputs: [InputPicture]) {
        Task.detached(priority: .userInitiated) { [self] in
            for input in inputs {
                do {
                    inbox.post(.inputPicture(input, try content(of: input)))
                } catch {
                    // The file as it was typed: the whole path would leave no room for the reason.
                    let problem = Self.sentence("", error).replacingOccurrences(
                        of: printable(target(of: input.path).path), with: printable(input.path))
                    inbox.post(.inputPicture(input, .problem(problem)))
                }
            }
        }
    }

    private func content(of input: InputPicture) throws -> InputPictureContent {
        let path = target(of: input.path).path
        var picture: PixelImage
        var note: String
        switch input.look {
        case .plain:
            picture = try ImageFile.read(path)
            note = Self.text(picture.width, picture.height)
        case .mask(let start):
            let mask = try ImageFile.readMask(path)
            (picture, note) = try Self.marked(mask, in: start.map { target(of: $0).path })
        case .control(let name, let size):
            picture = try ImageFile.read(path)
            note = Self.text(picture.width, picture.height) + " · \(name)"
            if let size { picture = picture.resampled(width: size.width, height: size.height) }
            picture = (ControlMap(rawValue: name) ?? .none)(picture)
        }
        let size = picture.size(
            fittingWidth: min(picture.width, Self.inputSide),
            height: min(picture.height, Self.inputSide))
        picture = picture.resized(width: size.width, height: size.height)
        let changed = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
        let stamp = (changed as? Date)?.timeIntervalSince1970 ?? 0
        let image = images.store(picture, as: "input \(stamp) \(input)")
        return .image(image, note: note)
    }

    private static func text(_ width: Int, _ height: Int) -> String { "\(width)×\(height)" }

    /// A mask as red over its picture, and how much it covers.
    private static func marked(
        _ mask: GrayImage, in start: String?
    ) throws -> (PixelImage, String) {
        let white = mask.values.count { $0 >= 128 }
        let share = Double(white) * 100 / Double(mask.values.count)
        let percent = share > 0 && share < 1 ? "under 1" : "\(Int(share.rounded()))"
        var note = text(mask.width, mask.height) + " · \(percent) % white"
        guard let start else { return (PixelImage(mask), note) }
        let picture = try ImageFile.read(start)
        if picture.width != mask.width || picture.height != mask.height {
            note += ", is resized to \(text(picture.width, picture.height))"
        }
        let fitted = mask.resampled(width: picture.width, height: picture.height)
        var rgb = picture.rgb
        for (pixel, value) in fitted.values.enumerated() where value >= 128 {
            for (channel, tint) in [255, 48, 48].enumerated() {
                let index = pixel * 3 + channel
                rgb[index] = UInt8((Int(rgb[index]) * 2 + tint * 3) / 5)
            }
        }
        let marked = PixelImage(width: picture.width, height: picture.height, rgb: rgb)
        return (marked ?? picture, note)
    }
}

extension PixelImage {
    /// A mask as it is.
    fileprivate init(_ mask: GrayImage) {
        self =
            PixelImage(
                width: mask.width, height: mask.height,
                rgb: mask.values.flatMap { [$0, $0, $0] })
            ?? PixelImage(width: mask.width, height: mask.height, filledWith: (0, 0, 0))
    }
}
