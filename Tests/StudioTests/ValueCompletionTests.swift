import Generation
import Screen
import Testing

@testable import Studio

@Suite("Completion of values")
struct ValueCompletionTests {
    private static func studio(_ parameter: ParameterID, backend: String = "local") -> StudioDriver
    {
        var studio = StudioDriver(backends: [backend], width: 120, height: 40)
        var library = Library()
        library.loras = [.init(name: "film-grain", summary: "for SDXL; words: 35mm")]
        library.loras.append(.init(name: "film grey", summary: ""))
        library.embeddings = [.init(name: "winter", summary: "")]
        library.controlNets = [.init(name: "canny", summary: "")]
        library.imageAdapters = [.init(name: "plus face", summary: "")]
        studio.send(.library(library))
        studio.state.parameters.request.initImage =
            parameter == .initImage ? nil : "start.png"
        studio.press("Alt-3")
        studio.state.parameters.selection = parameter
        _ = studio.takeEffects()
        studio.press("Enter")
        return studio
    }

    private static func list(_ folder: String, _ names: String...) -> AppEvent {
        .folder(
            FolderListing(
                folder: folder,
                entries: names.map { name in
                    .init(
                        name: name.hasSuffix("/") ? String(name.dropLast()) : name,
                        isFolder: name.hasSuffix("/"))
                }))
    }

    private static func names(_ studio: StudioDriver) -> [String] {
        studio.state.completion?.items.map(\.name) ?? []
    }

    @Test("a file that is chosen for an embedding brings its word")
    func boundFile() {
        var studio = Self.studio(.embeddings)
        studio.send(Self.list("", "my cat.safetensors", "a.png", "emb/"))
        #expect(Self.names(studio) == ["my cat.safetensors", "emb/"])
        studio.type("em")
        studio.press("Tab")
        #expect(studio.state.parameters.editing?.text == "emb/")
        studio.send(Self.list("emb/", "my cat.safetensors"))
        studio.type("m")
        studio.press("Tab")
        #expect(studio.state.parameters.editing?.text == "my-cat=emb/my cat.safetensors")
        studio.press("Enter")
        #expect(
            studio.state.request.embeddings == [
                EmbeddingReference(token: "my-cat", path: "emb/my cat.safetensors")
            ])
    }

    @Test("the files of the working folder are offered as soon as a picture is asked for")
    func pictures() {
        var studio = Self.studio(.initImage)
        #expect(studio.takeEffects().contains(.listFolder("")))
        studio.send(Self.list("", "b.JPG", "a.png", "notes.txt", ".hidden.png", "more/"))
        #expect(Self.names(studio) == ["b.JPG", "a.png", "more/"])
        studio.type("m")
        #expect(Self.names(studio) == ["more/"])
        studio.press("Tab")
        #expect(studio.state.parameters.editing?.text == "more/")
        #expect(studio.takeEffects().contains(.listFolder("more/")))
        #expect(studio.state.completion == nil)
        studio.send(Self.list("more/", "castle.png", "cat.png"))
        studio.type("ca")
        studio.press("Down", "Enter")
        #expect(studio.state.parameters.editing?.text == "more/cat.png")
        #expect(studio.state.completion == nil)
        studio.press("Enter")
        #expect(studio.state.parameters.request.initImage == "more/cat.png")
        #expect(studio.state.parameters.editing == nil)
    }

    @Test("Enter takes a name that was begun, and keeps a value that is complete or empty")
    func enter() {
        var studio = Self.studio(.initImage)
        studio.send(Self.list("", "a.png", "a.png.png"))
        studio.type("a.p")
        studio.press("Enter")
        #expect(studio.state.parameters.editing?.text == "a.png")
        studio.press("Enter")
        #expect(studio.state.parameters.request.initImage == "a.png")
        studio.press("Enter")
        studio.press("Ctrl-U")
        studio.send(Self.list("", "a.png"))
        studio.press("Enter")
        #expect(studio.state.parameters.request.initImage == nil)
    }

    @Test(
        "each place of a value has its own names",
        arguments: [
            (.loras, "", ["film-grain", "film grey"]), (.loras, "film-grain:0.5, ", nil),
            (.loras, "film-grain:0.", []), (.embeddings, "x", []), (.embeddings, "x=w", ["winter"]),
            (.controls, "", ["canny", "n.safetensors", "sub/"]), (.controls, "ca", ["canny"]),
            (.controls, "canny ", ["my edges.png", "sub/"]),
            (.controls, "canny \"my", ["my edges.png"]),
            (.controls, "canny a.png ", ["scale=", "start=", "end=", "preprocess="]),
            (.controls, "canny a.png preprocess=c", ["canny"]),
            (.controls, "canny a.png scale=", []),
            (.controls, "canny a.png; ca", ["canny"]), (.imagePrompts, "p", ["plus face"]),
            (.imagePrompts, "p a.png method=", ["full", "style", "composition"]),
            (.imagePrompts, "p a.png mask=m", ["my edges.png"]), (.outpaint, "1", []),
        ] as [(ParameterID, String, [String]?)])
    func places(parameter: ParameterID, typed: String, expected: [String]?) {
        var studio = Self.studio(parameter)
        studio.send(Self.list("", "my edges.png", "n.safetensors", "sub/"))
        studio.type(typed)
        let wanted = expected ?? ["film-grain", "film grey", "n.safetensors", "sub/"]
        let files = parameter == .loras && typed.isEmpty ? ["n.safetensors", "sub/"] : []
        #expect(Self.names(studio) == wanted + files)
    }

    @Test("names with spaces are quoted where spaces end a name")
    func quotes() {
        var studio = Self.studio(.imagePrompts)
        studio.send(Self.list("", "my edges.png"))
        studio.type("plu")
        studio.press("Tab")
        studio.type(" my")
        studio.press("Tab")
        studio.type(" met")
        studio.press("Tab")
        studio.type("st")
        studio.press("Tab")
        #expect(
            studio.state.parameters.editing?.text
                == "\"plus face\" \"my edges.png\" method=style")
        studio.press("Enter")
        #expect(studio.state.parameters.request.imagePrompts.first?.model == "plus face")
        #expect(studio.state.parameters.request.imagePrompts.first?.method == .style)
    }

    @Test("what a LoRA says of itself stands beside its name, and in the status line once taken")
    func details() {
        var studio = Self.studio(.loras)
        #expect(studio.screen.buffer.text.contains("for SDXL"))
        studio.type("film-")
        studio.press("Tab")
        #expect(studio.state.status?.text == "film-grain: for SDXL; words: 35mm")
        #expect(studio.state.parameters.editing?.text == "film-grain")
    }

    @Test("services have models of their own; pictures are sent to them from here")
    func services() {
        #expect(Self.names(Self.studio(.loras, backend: "cloud")).isEmpty)
        var studio = Self.studio(.initImage, backend: "cloud")
        studio.send(Self.list("", "a.png"))
        #expect(Self.names(studio) == ["a.png"])
    }

    @Test("files are looked at when they were named, and what is wrong is told in place")
    func checked() {
        var studio = Self.studio(.initImage)
        studio.type("no.png")
        studio.press("Enter")
        let request = studio.state.request
        #expect(studio.takeEffects().contains(.checkFiles(request)))
        let problem = FileProblem(field: .initImage, sentence: "From image: there is no no.png")
        studio.send(.filesChecked(request, [problem]))
        #expect(studio.state.status?.text == problem.sentence)
        #expect(studio.state.objection(to: .initImage) == problem.sentence)
        var other = request
        other.initImage = "other.png"
        studio.send(.filesChecked(other, []))
        #expect(studio.state.objection(to: .initImage) != nil, "an older answer")
        studio.press("Backspace")
        #expect(studio.state.objection(to: .initImage) == nil)
        #expect(studio.state.parameters.request.initImage == nil)
    }

    @Test("a picture that is worked on brings its size, which is asked for anew")
    func sizeOfThePicture() {
        var studio = StudioDriver(backends: ["local"])
        for (parameter, value) in [(ParameterID.initImage, "a.png"), (.outpaint, "8,0,8,0")] {
            studio.state.parameters.selection = parameter
            studio.press("Alt-3", "Enter")
            studio.type(value)
            studio.effects = []
            studio.press("Enter")
            let request = studio.state.parameters.request
            #expect(studio.takeEffects().contains(.describeBackend(request)))
        }
        studio.state.parameters.selection = .steps
        studio.press("Right")
        #expect(
            !studio.takeEffects().contains { if case .describeBackend = $0 { true } else { false } }
        )
    }

    @Test("a model without a name is typed as a path")
    func modelPath() {
        var studio = StudioDriver(backends: ["local"])
        studio.state.backends[0].models = ["juggernaut"]
        studio.press("F11")
        studio.type("path")
        studio.press("Enter")
        #expect(studio.state.focus == .parameters)
        studio.type("/m/base")
        studio.press("Enter")
        #expect(studio.state.parameters.request.model == "/m/base")
        studio.press("Right")
        #expect(studio.state.parameters.request.model != AppState.typedPathValue)
    }
}
