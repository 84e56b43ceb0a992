extension GenerationRequest {
    /// Longest prompt that is accepted, in UTF-8 bytes.
    public static let maximumPromptBytes = 100_000

    /// Every problem of this request for a backend with `capabilities`, in the order of the fields.
    ///
    /// A field at its default is never a problem of support, only of range. An empty result means
    /// that the backend accepts the request.
    public func problems(for capabilities: GeneratorCapabilities) -> [RequestProblem] {
        var problems: [RequestProblem] = []
        for field in RequestField.allCases {
            let own = rangeProblems(of: field) + structuralProblems(of: field)
            problems += own
            guard own.isEmpty, isGiven(field) else { continue }
            problems += self.problems(of: field, with: capabilities.support(for: field))
            problems += numberProblems(of: field, for: capabilities)
        }
        problems += sizeProblems(for: capabilities) + extraProblems(for: capabilities)
        if seeds.count > capabilities.maximumCount {
            problems.append(
                RequestProblem(
                    field: .seeds, value: "\(seeds.count) pictures",
                    reason: "at most \(capabilities.maximumCount) in one request"))
        }
        return problems
    }

    /// Whether the field differs from the default of an empty request, and so must be supported.
    public func isGiven(_ field: RequestField) -> Bool {
        switch field {
        case .version, .prompt, .backend, .expansion: false
        case .width, .height, .steps, .guidanceScale: value(of: field) != .absent
        // What every SDXL model reads, and records therefore say.
        case .clipSkip: clipSkip != nil && clipSkip != 2
        default: value(of: field) != GenerationRequest(prompt: "").value(of: field)
        }
    }

    /// Ranges that hold for every backend.
    private func rangeProblems(of field: RequestField) -> [RequestProblem] {
        switch (field, value(of: field)) {
        case (.prompt, .text(let text)), (.negativePrompt, .text(let text)),
            (.prompt2, .text(let text)), (.negativePrompt2, .text(let text)):
            promptProblems(field, text)
        case (.width, .integer(let size)), (.height, .integer(let size)):
            sizeProblems(field, size)
        case (.steps, .integer(let steps)):
            range(field, steps, 1...1000)
        case (.featureReuse, .integer(let steps)):
            range(field, steps, 1...20)
        case (.clipSkip, .integer(let layer)):
            range(field, layer, 1...12)
        case (.guidanceScale, .number(let scale)):
            range(field, scale, 0...100)
        case (.guidanceRescale, .number(let value)), (.strength, .number(let value)),
            (.variationStrength, .number(let value)), (.highNoiseFraction, .number(let value)),
            (.refinerStrength, .number(let value)), (.guidanceStart, .number(let value)),
            (.guidanceEnd, .number(let value)):
            range(field, value, 0...1)
        case (.aestheticScore, .number(let value)), (.negativeAestheticScore, .number(let value)):
            range(field, value, 0...10)
        case (.maskFeather, .integer(let pixels)): range(field, pixels, 0...256)
        case (.maskPadding, .integer(let pixels)): range(field, pixels, 0...1024)
        default: []
        }
    }

    private func promptProblems(_ field: RequestField, _ text: String) -> [RequestProblem] {
        guard text.utf8.count > Self.maximumPromptBytes else { return [] }
        return [
            RequestProblem(
                field: field, value: "\(text.utf8.count) bytes",
                reason: "at most \(Self.maximumPromptBytes) bytes are accepted")
        ]
    }

    private func sizeProblems(_ field: RequestField, _ size: Int) -> [RequestProblem] {
        guard size % 8 != 0 || !(64...16384).contains(size) else { return [] }
        return [
            RequestProblem(
                field: field, value: String(size),
                reason: "a multiple of 8 from 64 to 16384 is needed")
        ]
    }

    private func range(
        _ field: RequestField, _ value: Int, _ accepted: ClosedRange<Int>
    ) -> [RequestProblem] {
        guard !accepted.contains(value) else { return [] }
        return [
            RequestProblem(
                field: field, value: String(value),
                reason: "a whole number from \(accepted.lowerBound) to \(accepted.upperBound) "
                    + "is needed")
        ]
    }

    private func range(
        _ field: RequestField, _ value: Double, _ accepted: ClosedRange<Double>
    ) -> [RequestProblem] {
        guard !accepted.contains(value) else { return [] }
        return [
            RequestProblem(
                field: field, value: String(value),
                reason: "a number from \(accepted.lowerBound) to \(accepted.upperBound) is needed")
        ]
    }

    /// Rules between fields and inside lists.
    private func structuralProblems(of field: RequestField) -> [RequestProblem] {
        switch field {
        case .maskImage where maskImage != nil && initImage == nil:
            [RequestProblem(field: field, value: maskImage ?? "", reason: "needs --init")]
        case .maskFeather where maskFeather > 0 && maskImage == nil && outpaint == nil:
            [RequestProblem(field: field, value: "", reason: "needs --mask or --outpaint")]
        case .maskPadding where maskPadding != nil && maskImage == nil:
            [RequestProblem(field: field, value: "", reason: "needs --mask")]
        case .refinerStrength where refinerStrength != nil && refiner == nil:
            [RequestProblem(field: field, value: "", reason: "needs --refiner")]
        case .outpaint where outpaint != nil && initImage == nil:
            [RequestProblem(field: field, value: "", reason: "needs --init")]
        case .outpaint: outpaintProblems
        case .hires: hiresProblems
        case .strength where strength != nil && initImage == nil:
            [RequestProblem(field: field, value: "", reason: "needs --init")]
        case .loras: loraProblems
        default: []
        }
    }

    private var loraProblems: [RequestProblem] {
        loras.compactMap { lora in
            var reason: String?
            let blocks = lora.blockWeights ?? []
            let numbers = [lora.weight, lora.textEncoderWeight ?? 1] + blocks
            if !numbers.allSatisfy(\.isFinite) { reason = "the weight must be a finite number" }
            if lora.blockWeights != nil, !LoRAReference.blockWeightCounts.contains(blocks.count) {
                reason = "lbw needs 12, 17, 20 or 26 numbers, and there are \(blocks.count)"
            }
            return reason.map { RequestProblem(field: .loras, value: lora.name, reason: $0) }
        }
    }

    private var outpaintProblems: [RequestProblem] {
        guard let outpaint else { return [] }
        let sides = [outpaint.left, outpaint.top, outpaint.right, outpaint.bottom]
        guard !sides.allSatisfy({ (0...8192).contains($0) }) || sides.allSatisfy({ $0 == 0 }) else {
            return []
        }
        return [
            RequestProblem(
                field: .outpaint, value: outpaint.description,
                reason: "0 to 8192 pixels on each side are needed, and some on one")
        ]
    }

    private var hiresProblems: [RequestProblem] {
        guard let hires else { return [] }
        var reason: String?
        if !(hires.scale > 1 && hires.scale <= 8) { reason = "a scale above 1, up to 8 is needed" }
        if !(0...1).contains(hires.strength) { reason = "a strength from 0 to 1 is needed" }
        guard let reason else { return [] }
        return [RequestProblem(field: .hires, value: hires.description, reason: reason)]
    }

    /// Rules of one backend for a field that was given.
    private func problems(of field: RequestField, with support: FieldSupport) -> [RequestProblem] {
        let value = value(of: field)
        func problem(_ reason: String) -> [RequestProblem] {
            [RequestProblem(field: field, value: value.description, reason: reason)]
        }
        switch (support, value) {
        case (.unsupported(let reason), _):
            return problem(reason)
        case (.integers(let minimum, let maximum, let step), .integer(let number)):
            let fits = (minimum...max(minimum, maximum)).contains(number) && number % step == 0
            return fits ? [] : problem(support.accepted + " is needed")
        case (.numbers(let minimum, let maximum), .number(let number)):
            return (minimum...max(minimum, maximum)).contains(number)
                ? [] : problem(support.accepted + " is needed")
        case (.choices(let names), .text(let name)):
            return names.contains(name) ? [] : problem(support.accepted + " is needed")
        case (.integers(let minimum, let maximum, _), _) where field == .seeds:
            let accepted = UInt64(max(0, minimum))...UInt64(max(0, minimum, maximum))
            let surplus = seeds.filter { !accepted.contains($0) }
            guard let seed = surplus.first else { return [] }
            return [
                RequestProblem(
                    field: field, value: String(seed), reason: support.accepted + " is needed")
            ]
        default:
            return []
        }
    }
}
