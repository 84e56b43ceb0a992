import Foundation
import Generation
import Hashing
import History
import Images
import Studio

extension EffectRunner {
    /// Writes a grid with its labels as one picture, and beside that of a sweep the record with which
    /// `latent sweep` goes on.
    func export(_ sheet: Sheet, _ path: String, _ replaces: Bool) {
        attempt("the grid could not be saved") { runner in
            let url = runner.target(of: path)
            if !replaces, FileManager.default.fileExists(atPath: url.path) {
                runner.inbox.post(.sheetExists(path))
                return
            }
            var pictures: [Int: PixelImage] = [:]
            var finished: [String: SweepSpec.FinishedCell] = [:]
            for (index, cell) in sheet.cells.enumerated() {
                guard let entry = cell.entry,
                    let image = try? await runner.dependencies.journal.picture(0, of: entry)
                else { continue }
                pictures[index] = image
                if let file = try await runner.dependencies.journal.pictureFile(0, of: entry) {
                    finished[sheet.key(index)] = .init(
                        id: entry, path: file.path, pixelsSHA256: image.pixelsSHA256)
                }
            }
            let format = ImageFormat(fileExtension: url.pathExtension) ?? .png
            let picture = sheet.contactSheet(pictures).picture()
            try AtomicFile.write(try picture.encoded(as: format), to: url.path)
            if let spec = try sheet.spec(finished) {
                try AtomicFile.write(try spec.record(), to: SweepSpec.recordPath(of: url.path))
            }
            let missing = sheet.cells.count - pictures.count
            let cells = missing == 1 ? "1 cell is" : "\(missing) cells are"
            let without = missing == 0 ? "" : ", \(cells) empty"
            runner.inbox.post(
                .message(
                    StatusMessage(.success, "Saved as \(printable(url.path))\(without)")))
        }
    }
}

extension Sheet {
    /// The place of a cell as the record of a sweep names it.
    fileprivate func key(_ index: Int) -> String {
        let (column, row) = (index % columnCount, index / columnCount % rowCount)
        return "\(column),\(row),\(index / (columnCount * rowCount))"
    }

    fileprivate func contactSheet(_ pictures: [Int: PixelImage]) -> Images.ContactSheet {
        let pages = (0..<pageCount).map { page in
            Images.ContactSheet.Page(
                title: self.pages.indices.contains(page) ? self.pages[page] : "",
                cells: (0..<rowCount).map { row in
                    (0..<columnCount).map { column in
                        pictures[(page * rowCount + row) * columnCount + column]
                    }
                })
        }
        return Images.ContactSheet(
            title: base?.prompt ?? cells.first?.request.prompt ?? "", columns: columns, rows: rows,
            pages: pages)
    }

    /// What `latent sweep` reads; nil for a grid that is no sweep.
    fileprivate func spec(_ finished: [String: SweepSpec.FinishedCell]) throws -> SweepSpec? {
        guard kind == .sweep, let axes, let base else { return nil }
        var spec = try SweepSpec.read(axes)
        spec.request = base
        spec.cells = finished
        return spec
    }
}
