import ArgumentParser
import Foundation
import Generation
import Images
import Terminal

/// `latent view IMAGE`: draws pictures in this terminal.
struct View: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw a picture in this terminal with the best way that it has.")

    @Argument(help: "PNG or JPEG pictures.")
    var images: [String]

    @OptionGroup var graphics: GraphicsOptions

    @Flag(help: "Say how long a sixel picture takes to encode and how large it is; draw nothing.")
    var measure = false

    func run() throws {
        var reader = ArgumentReader()
        let forced = graphics.chosen(&reader)
        try reader.problems.throwIfAny()
        let console = Console()
        guard !measure else {
            for path in images {
                let measured = try SixelMeasurement(ImageFile.read(path))
                console.printOut("\(printable(path))  \(measured.text)")
            }
            return
        }
        let terminal = TerminalQuestion.ask()
        let way = forced ?? terminal.bestGraphics
        let presenter = PicturePresenter(capabilities: terminal.capabilities, way: way)
        for path in images {
            console.printOut(bytes: try presenter.bytes(for: ImageFile.read(path)))
        }
    }
}
