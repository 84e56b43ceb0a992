import Generation
import Screen
import Testing

@testable import Studio

@Suite("Pictures that parameters name")
struct InputPictureTests {
    private static func studio(_ parameter: ParameterID, width: Int = 140) -> StudioDriver {
        var studio = StudioDriver(backends: ["local"], width: width, height: 40)
        studio.state.parameters.request.initImage = "in/start.png"
        studio.state.parameters.request.maskImage = "in/mask.png"
        studio.press("Alt-3")
        studio.state.parameters.selection = parameter
        studio.send(.tick(at: 1))
        return studio
    }

    private static func asked(_ studio: inout StudioDriver) -> [InputPicture] {
        studio.takeEffects().flatMap { effect -> [InputPicture] in
            if case .showInputs(let inputs) = effect { inputs } else { [] }
        }
    }

    private static let image = ImageReference(id: "input", width: 640, height: 480)

    @Test("the starting picture stands where the run's picture stood, until another pane is chosen")
    func start() {
        var studio = Self.studio(.initImage)
        let picture = InputPicture(path: "in/start.png")
        #expect(Self.asked(&studio) == [picture])
        studio.send(.inputPicture(picture, .image(Self.image, note: "640×480")))
        #expect(studio.screen.placements.map(\.imageID) == ["input"])
        let text = studio.screen.buffer.text
        #expect(text.contains("Preview: From image") && text.contains("start.png · 640×480"))
        studio.press("Alt-1")
        #expect(studio.screen.placements.isEmpty)
        studio.press("Alt-3")
        #expect(Self.asked(&studio) == [picture], "the file may have changed")
    }

    @Test("a mask is shown in its picture, a control picture as its preprocessor makes it")
    func looks() {
        var studio = Self.studio(.maskImage)
        #expect(
            Self.asked(&studio)
                == [InputPicture(path: "in/mask.png", look: .mask(of: "in/start.png"))])
        studio.state.parameters.selection = .controls
        _ = studio.state.set(.controls, to: "canny a.png; depth b.png preprocess=canny")
        studio.send(.tick(at: 2))
        let size = Size(width: 256, height: 256)
        #expect(
            Self.asked(&studio) == [
                InputPicture(path: "a.png"),
                InputPicture(path: "b.png", look: .control(preprocessor: "canny", size: size)),
            ])
        studio.send(.inputPicture(InputPicture(path: "a.png"), .problem("a.png: no such file")))
        #expect(studio.screen.buffer.text.contains("a.png: no such file"))
        studio.state.parameters.selection = .imagePrompts
        _ = studio.state.set(.imagePrompts, to: "plus cat.png mask=m.png")
        studio.send(.tick(at: 3))
        #expect(
            Self.asked(&studio) == [
                InputPicture(path: "cat.png"), InputPicture(path: "m.png", look: .mask(of: nil)),
            ])
    }

    @Test("the file that the popup points at is shown before it is taken")
    func popup() {
        var studio = Self.studio(.maskImage)
        studio.press("Enter")
        for _ in 0..<12 { studio.press("Backspace") }
        studio.send(
            .folder(
                FolderListing(
                    folder: "",
                    entries: ["a.png", "b.png"].map { .init(name: $0, isFolder: false) })))
        _ = Self.asked(&studio)
        studio.press("Down")
        #expect(
            Self.asked(&studio)
                == [InputPicture(path: "b.png", look: .mask(of: "in/start.png"))])
        #expect(studio.state.parameters.request.maskImage == "in/mask.png")
    }

    @Test("nothing is read where it would not be seen, or in the way of a run")
    func unseen() {
        var zoomed = Self.studio(.steps)
        zoomed.state.isZoomed = true
        zoomed.state.parameters.selection = .initImage
        zoomed.send(.tick(at: 2))
        #expect(Self.asked(&zoomed).isEmpty)
        var studio = Self.studio(.initImage)
        #expect(!studio.state.inputs.wanted.isEmpty)
        studio.press("F5")
        #expect(!studio.state.queue.running.isEmpty)
        #expect(studio.state.inputs.wanted.isEmpty)
    }
}
