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

    func run() throws {
        var reader = ArgumentReader()
        let forced = graphics.chosen(&reader)
        try reader.problems.throwIfAny()
        let console = Console()
        let terminal = TerminalQuestion.ask()
        let way = forced ?? terminal.bestGraphics
        let presenter = PicturePresenter(capabilities: terminal.capabilities, way: way)
        for path in images {
            console.printOut(bytes: try presenter.bytes(for: ImageFile.read(path)))
        }
    }
}
