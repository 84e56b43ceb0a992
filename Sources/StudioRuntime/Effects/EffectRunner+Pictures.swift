import Foundation
import Generation
import Images
import Screen
import Studio
import Synchronization

/// The small pictures that are wanted, and whether somebody makes them.
struct ThumbnailWork {
    /// Names of entries, most wanted last.
    var wanted: [String] = []
    var isRunning = false
}

extension EffectRunner {
    /// Longest side of a small picture in pixels.
    private static let thumbnailSize = 96

    /// Makes small pictures one after the other; what was wanted before and is not begun is dropped.
    func loadThumbnails(_ entries: [String]) {
        let starts = thumbnails.withLock { work in
            work.wanted = entries.reversed()
            defer { work.isRunning = true }
            return !work.isRunning
        }
        guard starts else { return }
        Task.detached(priority: .utility) { [self] in
            while let entry = nextThumbnail() {
                inbox.post(.thumbnail(entry: entry, await thumbnail(of: entry)))
            }
        }
    }

    private func nextThumbnail() -> String? {
        thumbnails.withLock { work in
            let next = work.wanted.popLast()
            if next == nil { work.isRunning = false }
            return next
        }
    }

    /// Nil where there is no picture, or its file is gone: that is told when the entry is selected.
    private func thumbnail(of entry: String) async -> ImageReference? {
        guard let image = try? await dependencies.journal.picture(0, of: entry) else { return nil }
        let size = image.size(
            fittingWidth: min(Self.thumbnailSize, image.width),
            height: min(Self.thumbnailSize, image.height))
        return images.store(
            image.resized(width: size.width, height: size.height), as: "small \(entry)")
    }

    /// Compares two pictures off the store's thread.
    func compare(_ first: ImageReference, _ second: ImageReference, _ asked: Int?) {
        Task.detached(priority: .userInitiated) { [self] in
            guard let left = images.image(first.id), let right = images.image(second.id) else {
                inbox.post(
                    .message(StatusMessage(.warning, "One of the pictures is no longer in memory")))
                return
            }
            let scaled = right.resized(width: left.width, height: left.height)
            let gain = asked ?? left.suitableGain(to: scaled)
            let found = left.difference(to: scaled, gain: gain)
            let image = images.store(
                found.image, as: "difference \(gain) \(first.id) \(second.id)")
            let ratio = left.peakSignalToNoiseRatio(to: scaled)
            inbox.post(
                .difference(
                    PictureDifference(
                        first: first.id, second: second.id, asked: asked, gain: gain, image: image,
                        decibels: ratio.flatMap { $0.isFinite ? $0 : nil }, share: found.share,
                        largest: found.largest, isScaled: scaled.size != right.size)))
        }
    }

    /// Saves a picture: the kept file itself where there is one, with all that is written in it.
    func save(_ picture: PictureOrigin, _ path: String, _ replaces: Bool) {
        attempt("the picture could not be saved") { runner in
            let url = runner.target(of: path)
            if !replaces, FileManager.default.fileExists(atPath: url.path) {
                runner.inbox.post(.fileExists(picture, path))
                return
            }
            try AtomicFile.write(try await runner.bytes(of: picture, for: url), to: url.path)
            runner.inbox.post(.message(StatusMessage(.success, "Saved as \(printable(url.path))")))
        }
    }

    func target(of path: String) -> URL {
        let expanded = (path as NSString).expandingTildeInPath
        let url =
            expanded.hasPrefix("/")
            ? URL(fileURLWithPath: expanded)
            : dependencies.workingFolder.appendingPathComponent(expanded)
        return url.standardizedFileURL
    }

    private func bytes(of picture: PictureOrigin, for url: URL) async throws -> [UInt8] {
        let isJPEG = ["jpg", "jpeg"].contains(url.pathExtension.lowercased())
        let pixels = images.image(picture.image.id)
        if !isJPEG, let entry = picture.entry,
            let file = try await dependencies.journal.pictureFile(picture.index, of: entry)
        {
            do {
                return try ImageFile.bytes(at: file.path)
            } catch  where pixels != nil {
                // The file is gone, what it showed is not.
            }
        }
        guard let pixels else { throw MemoryJournal.MissingPicture() }
        return isJPEG ? try JPEGCodec.encode(pixels) : try PNGCodec.encode(pixels, level: 6)
    }

    /// Shows the folder of a picture; where nothing can, its path goes to the clipboard.
    func openFolder(_ entry: String, _ index: Int) {
        attempt("the folder could not be opened") { runner in
            guard let file = try await runner.dependencies.journal.pictureFile(index, of: entry)
            else { throw MemoryJournal.MissingPicture() }
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw MemoryJournal.MissingPicture(file: file.path)
            }
            let folder = file.deletingLastPathComponent()
            if runner.dependencies.openFolder(folder) {
                runner.inbox.post(
                    .message(StatusMessage(.success, "Opening \(printable(folder.path))")))
            } else {
                await runner.dependencies.terminal.copy(file.path)
                runner.inbox.post(
                    .message(StatusMessage(.information, "Copied \(printable(file.path))")))
            }
        }
    }
}

extension PixelImage {
    fileprivate var size: [Int] { [width, height] }

    /// The power of two up to 64 that makes differences as strong as can be while no more than one
    /// pixel in fifty is cut off.
    fileprivate func suitableGain(to other: PixelImage) -> Int {
        var counts = [Int](repeating: 0, count: 256)
        for (left, right) in zip(self.rgb, other.rgb) {
            counts[abs(Int(left) - Int(right))] += 1
        }
        var rest = min(self.rgb.count, other.rgb.count) / 50
        var most = 255
        while most > 1, counts[most] <= rest {
            rest -= counts[most]
            most -= 1
        }
        var gain = 1
        while gain < 64, gain * 2 * most <= 255 { gain *= 2 }
        return gain
    }

    /// The absolute difference to a picture of the same size, `gain` times as strong; the share of
    /// pixels that differ, and the largest difference of a colour.
    fileprivate func difference(to other: PixelImage, gain: Int) -> (
        image: PixelImage, share: Double, largest: Int
    ) {
        var rgb = [UInt8](repeating: 0, count: self.rgb.count)
        var (changed, largest) = (0, 0)
        self.rgb.withUnsafeBufferPointer { left in
            other.rgb.withUnsafeBufferPointer { right in
                for pixel in 0..<min(left.count, right.count) / 3 {
                    var most = 0
                    for index in pixel * 3..<pixel * 3 + 3 {
                        let distance = abs(Int(left[index]) - Int(right[index]))
                        most = max(most, distance)
                        rgb[index] = UInt8(min(255, distance * gain))
                    }
                    if most > 0 { changed += 1 }
                    largest = max(largest, most)
                }
            }
        }
        let image = PixelImage(width: width, height: height, rgb: rgb) ?? self
        return (image, Double(changed) / Double(width * height), largest)
    }
}
