import ArgumentParser
import Generation

/// Pictures that the result follows.
struct ConditionOptions: ParsableArguments {
    @Option(
        name: .customLong("init"), parsing: .unconditional,
        help: ArgumentHelp("Picture to start from.", valueName: "image"))
    var initImage: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How much of it is replaced, 0 to 1 (default 0.8).", valueName: "f"))
    var strength: String?

    @Option(
        name: .customLong("mask"), parsing: .unconditional,
        help: ArgumentHelp("White where --init is repainted.", valueName: "image"))
    var maskImage: String?

    @Option(
        name: .customLong("mask-feather"), parsing: .unconditional,
        help: ArgumentHelp("Pixels over which the mask's edge is blended.", valueName: "n"))
    var maskFeather: String?

    @Option(
        name: .customLong("mask-padding"), parsing: .unconditional,
        help: ArgumentHelp(
            "Works on the masked area alone, enlarged, with this many pixels around it.",
            valueName: "n"))
    var maskPadding: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Pixels added on each side of --init; :noise fills them with noise.",
            valueName: "l,t,r,b[:fill]"))
    var outpaint: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A ControlNet; opens a group, repeatable.", valueName: "name|path"))
    var control: [OrderedValue] = []

    @Option(
        name: .customLong("control-image"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The picture that the ControlNet before it follows.", valueName: "image")
    )
    var controlImage: [OrderedValue] = []

    @Option(
        name: .customLong("control-scale"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Its strength (default 1).", valueName: "f"))
    var controlScale: [OrderedValue] = []

    @Option(
        name: .customLong("control-start"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Share of the schedule at which it begins (default 0).", valueName: "f"))
    var controlStart: [OrderedValue] = []

    @Option(
        name: .customLong("control-end"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Share of the schedule at which it ends (default 1).", valueName: "f"))
    var controlEnd: [OrderedValue] = []

    @Option(
        name: .customLong("control-preprocess"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Preprocessor of its picture, such as canny.", valueName: "name"))
    var controlPreprocess: [OrderedValue] = []

    @Option(
        name: .customLong("ip-adapter"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("An IP-Adapter; opens a group, repeatable.", valueName: "name|path"))
    var imageAdapter: [OrderedValue] = []

    @Option(
        name: .customLong("ip-image"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The picture that prompts the IP-Adapter before it.", valueName: "image")
    )
    var imageAdapterImage: [OrderedValue] = []

    @Option(
        name: .customLong("ip-scale"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Its strength (default 0.6).", valueName: "f"))
    var imageAdapterScale: [OrderedValue] = []

    @Option(
        name: .customLong("ip-method"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("full (default), style, composition.", valueName: "name"))
    var imageAdapterMethod: [OrderedValue] = []

    @Option(
        name: .customLong("ip-mask"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("White where its picture prompts.", valueName: "image"))
    var imageAdapterMask: [OrderedValue] = []

    @Option(
        name: .customLong("ip-word"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A word of the prompt that its picture stands for: without it the picture is not read.",
            valueName: "word"))
    var imageAdapterWord: [OrderedValue] = []

    func apply(to request: inout GenerationRequest, _ reader: inout ArgumentReader) {
        if let initImage { request.initImage = initImage }
        if let maskImage { request.maskImage = maskImage }
        if let pixels = reader.integer("--mask-feather", maskFeather) {
            request.maskFeather = pixels
        }
        if let pixels = reader.integer("--mask-padding", maskPadding) {
            request.maskPadding = pixels
        }
        if let strength = reader.number("--strength", strength) { request.strength = strength }
        if let outpaint { request.outpaint = Self.outpaint(outpaint, &reader) ?? request.outpaint }
        let controls = controls(&reader)
        if !control.isEmpty { request.controls = controls }
        let prompts = imagePrompts(&reader)
        if !imageAdapter.isEmpty { request.imagePrompts = prompts }
    }

    private func controls(_ reader: inout ArgumentReader) -> [ControlReference] {
        let groups = OptionGroups(
            lead: "--control", control,
            followers: [
                "--control-image": controlImage, "--control-scale": controlScale,
                "--control-start": controlStart, "--control-end": controlEnd,
                "--control-preprocess": controlPreprocess,
            ], problems: &reader.problems)
        return groups.groups.compactMap { group in
            let scale = reader.number(
                "--control-scale", group.values["--control-scale"], in: 0...10)
            let start = reader.number("--control-start", group.values["--control-start"], in: 0...1)
            let end = reader.number("--control-end", group.values["--control-end"], in: 0...1)
            guard let image = group.values["--control-image"] else {
                reader.problems.add("--control", group.lead, "needs --control-image")
                return nil
            }
            var control = ControlReference(
                model: group.lead, image: image, scale: scale ?? 1, end: end ?? 1,
                preprocessor: group.values["--control-preprocess"])
            control.start = start ?? 0
            return control
        }
    }

    private func imagePrompts(_ reader: inout ArgumentReader) -> [ImagePromptReference] {
        let groups = OptionGroups(
            lead: "--ip-adapter", imageAdapter,
            followers: [
                "--ip-image": imageAdapterImage, "--ip-scale": imageAdapterScale,
                "--ip-method": imageAdapterMethod, "--ip-mask": imageAdapterMask,
                "--ip-word": imageAdapterWord,
            ], problems: &reader.problems)
        return groups.groups.compactMap { group in
            let scale = reader.number("--ip-scale", group.values["--ip-scale"], in: 0...10)
            let method: ImagePromptReference.Method? = reader.choice(
                "--ip-method", group.values["--ip-method"])
            guard let image = group.values["--ip-image"] else {
                reader.problems.add("--ip-adapter", group.lead, "needs --ip-image")
                return nil
            }
            var prompt = ImagePromptReference(
                model: group.lead, image: image, scale: scale ?? 0.6, method: method ?? .full,
                mask: group.values["--ip-mask"])
            prompt.word = group.values["--ip-word"]
            return prompt
        }
    }

    private static func outpaint(_ text: String, _ reader: inout ArgumentReader) -> Outpaint? {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ",", omittingEmptySubsequences: false)
        let sides = parts.compactMap { Int($0) }
        let fill = halves.count > 1 ? Outpaint.Fill(rawValue: halves[1].lowercased()) : .edges
        guard sides.count == 4, parts.count == 4, let fill,
            sides.allSatisfy({ (0...8192).contains($0) })
        else {
            reader.problems.add(
                "--outpaint", text,
                "four whole numbers from 0 to 8192 are needed, left,top,right,bottom, and perhaps "
                    + ":edges or :noise")
            return nil
        }
        return Outpaint(
            left: sides[0], top: sides[1], right: sides[2], bottom: sides[3], fill: fill)
    }
}
