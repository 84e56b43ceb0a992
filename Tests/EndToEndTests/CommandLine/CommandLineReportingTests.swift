import Diffusion
import Foundation
import Generation
import Images
import Testing

@testable import latent

/// Paths of pictures, progress, sizes in words.
@Suite struct CommandLineReportingTests {
    private static func plan(
        _ path: String?, format: String? = nil, seeds: [UInt64]
    ) -> (plan: OutputPlan, problems: [String]) {
        var reader = ArgumentReader()
        let plan = OutputPlan(
            path: path, format: format, folder: URL(fileURLWithPath: "/data/images"), id: "ID",
            seeds: seeds, reader: &reader)
        return (plan, reader.problems.descriptions)
    }

    @Test(
        arguments: [
            ("a.png", nil, [1], ["a.png"]),
            ("a.png", nil, [1, 2], ["a-0.png", "a-1.png"]),
            ("{seed}.png", nil, [1, 2], ["1.png", "2.png"]),
            ("{seed}.png", nil, [1, 1], ["1-0.png", "1-1.png"]),
            ("x{index}/{id}.jpg", nil, [4, 5], ["x0/ID.jpg", "x1/ID.jpg"]),
            ("dir.v2/name", nil, [1, 2], ["dir.v2/name-0", "dir.v2/name-1"]),
            (nil, nil, [9], ["/data/images/ID-0.png"]),
            (nil, "jpeg", [9], ["/data/images/ID-0.jpg"]),
            ("new/", nil, [1], ["new/ID-0.png"]),
        ] as [(String?, String?, [UInt64], [String])])
    func everyPictureHasItsOwnPath(
        _ path: String?, _ format: String?, _ seeds: [UInt64], _ expected: [String]
    ) {
        let (plan, problems) = Self.plan(path, format: format, seeds: seeds)
        #expect(problems.isEmpty)
        #expect(plan.paths == expected)
        #expect(Set(plan.paths + [plan.path(index: 99, seed: nil)]).count == expected.count + 1)
    }

    @Test func theFormatFollowsOptionThenName() {
        #expect(Self.plan("a.jpeg", seeds: [1]).plan.format == .jpeg)
        #expect(Self.plan("a.jpeg", format: "png", seeds: [1]).plan.format == .png)
        #expect(Self.plan("a", seeds: [1]).plan.format == .png)
        #expect(Self.plan("a.jpeg", seeds: [1]).plan.formatNote == nil)
        #expect(Self.plan("a", format: "jpeg", seeds: [1]).plan.formatNote == nil)
        #expect(Self.plan(nil, format: "jpeg", seeds: [1]).plan.formatNote == nil)
        let note = Self.plan("a.png", format: "jpeg", seeds: [1]).plan.formatNote
        #expect(note?.contains("jpeg") == true && note?.contains(".png") == true)
        #expect(Self.plan("a.tiff", seeds: [1]).problems.count == 1)
        #expect(Self.plan("a.png", format: "webp", seeds: [1]).problems.count == 1)
        #expect(Self.plan("{sed}.png", seeds: [1]).problems.count == 1)
    }

    @Test func rateAndTimeLeftComeFromStepsThatWereMeasured() {
        var meter = ProgressMeter()
        func step(_ step: Int, _ image: Int = 0) -> Stage {
            .sampling(step: step, count: 10, image: image, imageCount: 2)
        }
        #expect(meter.update(.encodingText, at: 0).stepsDone == nil)
        #expect(meter.update(step(0), at: 5).secondsPerStep == nil)
        let second = meter.update(step(2), at: 9)
        #expect(second.secondsPerStep == 2)
        #expect(second.secondsLeft == 36)
        #expect(second.stepsInAll == 20)
        let other = meter.update(step(5, 1), at: 35)
        #expect(other.stepsDone == 15)
        #expect(other.secondsLeft == 10)
    }

    @Test func theBarFitsItsTerminal() {
        let state = ProgressMeter.State(
            stage: .sampling(step: 5, count: 10, image: 0, imageCount: 1), stepsDone: 5,
            stepsInAll: 10, secondsPerStep: 1.5, secondsLeft: 7.5)
        #expect(
            ProgressBar.line(state, columns: 60)
                == "[############------------] step 5/10  1.50 s/step  ETA 0:08")
        for columns in 0..<120 {
            #expect(ProgressBar.line(state, columns: columns).count <= max(0, columns - 1) + 1)
        }
        let loading = ProgressMeter.State(stage: .loading(fraction: 0.256))
        #expect(ProgressBar.line(loading, columns: 80) == "loading 26%")
    }

    @Test(arguments: [(0.4, "0:00"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03")])
    func durationsInWords(_ seconds: Double, _ expected: String) {
        #expect(ProgressBar.duration(seconds) == expected)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1290, "1.29 kB"), (24_900_000, "24.9 MB"),
        (6_940_000_000, "6.94 GB"), (999_999, "1.0 MB"),
    ])
    func sizesInWords(_ bytes: Int, _ expected: String) {
        #expect(ByteCount.text(bytes) == expected)
    }

    @Test func jsonCarriesNothingThatActsOnATerminal() throws {
        let text = "a\u{1B}\u{7F}\u{9B}\u{2028}\u{202E}\u{2066}\u{200F}\u{61C}ü🌇\n"
        let line = try MachineOutput.line([text])
        #expect(
            line.lowercased()
                == #"["a\u001b\u007f\u009b\u2028\u202e\u2066\u200f\u061cü🌇\n"]"#)
        #expect(try JSONDecoder().decode([String].self, from: Data(line.utf8)) == [text])
    }

    @Test(arguments: [
        (SchedulerError.unsupportedSteps(2, reason: "r"), Int32(2)),
        (.unsupportedSchedule("r"), 2), (.unreadableConfiguration("r"), 1),
        (.unsupportedConfiguration(key: "k", value: "v"), 1),
    ])
    func whatASolverCannotDoIsABadRequest(_ error: SchedulerError, _ status: Int32) {
        #expect(CommandFailure(error).status.rawValue == status)
    }

    @Test func ratesInWords() {
        #expect(ProgressBar.rateText(2) == "2.00 s/step")
        #expect(ProgressBar.rateText(0.25) == "4.00 steps/s")
    }
}
