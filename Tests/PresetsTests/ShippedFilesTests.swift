import Foundation
import Generation
import Presets
import Testing

@Suite struct ShippedFilesTests {
    private let presets = PresetLibrary.load(userFolder: nil)
    private let themes = ThemeLibrary.load(userFolder: nil)

    @Test func everyFileIsWithoutProblems() {
        #expect(presets.problems == [])
        #expect(themes.problems == [])
    }

    @Test func thereAreEnoughStyles() {
        #expect(presets.styles.count >= 40)
        #expect(presets.groups.count >= 4)
        #expect(Set(presets.styles.map(\.prompt)).count == presets.styles.count)
        #expect(Set(presets.styles.map(\.title)).count == presets.styles.count)
        #expect(presets.styles.allSatisfy { !$0.negative.isEmpty })
    }

    @Test(arguments: [
        "draft", "turbo", "lightning", "quality", "portrait", "landscape", "square", "lcm",
    ])
    func theUsualParameterPresetsExist(name: String) throws {
        let preset = try #require(presets.parameters(named: name))
        #expect(!preset.summary.isEmpty)
    }

    /// A preset must lead to a request that an engine with every field accepts.
    @Test func parameterPresetsGiveValidRequests() {
        for preset in presets.parameters {
            let request = preset.applied(
                to: GenerationRequest(prompt: "x"), defaults: RequestDefaults())
            #expect(request != GenerationRequest(prompt: "x"), "\(preset.name)")
            for side in [request.width, request.height].compactMap({ $0 }) {
                #expect(side % 8 == 0 && 256...2048 ~= side, "\(preset.name)")
            }
            #expect(request.steps.map { 1...60 ~= $0 } ?? true)
        }
    }

    @Test func thereAreEnoughThemes() {
        #expect(themes.themes.count >= 6)
        #expect(themes[ThemeLibrary.defaultName] != nil)
        for name in ["daylight", "contrast", "okabe", "terminal", "monochrome"] {
            #expect(themes[name] != nil, "\(name)")
        }
        #expect(themes.themes.allSatisfy { !$0.summary.isEmpty })
    }

    @Test func everyThemeSaysEveryRole() {
        for theme in themes.themes {
            let missing = ThemeRole.allCases.filter { theme.styles[$0] == nil }
            #expect(missing == [], "\(theme.name)")
        }
    }

    /// Text must be readable on its own background wherever a theme states both.
    @Test func textStandsOutFromItsBackground() {
        for theme in themes.themes {
            let wanted = theme.name == "contrast" ? 7.0 : 4.0
            for role in ThemeRole.allCases where !Self.isDecoration(role) {
                let style = theme[role]
                guard let front = luminance(style.foreground),
                    let back = luminance(style.background)
                else { continue }
                let contrast = (max(front, back) + 0.05) / (min(front, back) + 0.05)
                #expect(contrast >= wanted, "\(theme.name) \(role.rawValue) \(contrast)")
            }
        }
    }

    private static func isDecoration(_ role: ThemeRole) -> Bool {
        [.border, .progressRest].contains(role)
    }

    /// Relative luminance of WCAG 2.
    private func luminance(_ color: ThemeColor) -> Double? {
        guard case .rgb(let red, let green, let blue) = color else { return nil }
        let linear = [red, green, blue].map { component -> Double in
            let value = Double(component) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// What a person must tell apart stays apart with few colours or none.
    @Test(arguments: ColorDepth.allCases)
    func importantRolesDiffer(depth: ColorDepth) {
        let pairs: [(ThemeRole, ThemeRole)] = [
            (.text, .selection), (.border, .borderFocused), (.text, .promptError),
            (.status, .statusProblem), (.title, .titleFocused), (.diffAdded, .diffRemoved),
            (.text, .textSelected),
        ]
        for theme in themes.themes {
            // Without colours only the theme that is made for it can tell everything apart.
            if depth == .monochrome, theme.name != "monochrome" { continue }
            let styles = theme.resolved(for: depth)
            for (one, other) in pairs {
                #expect(styles[one] != styles[other], "\(theme.name) \(one) \(other)")
            }
        }
    }

    @Test(arguments: ColorDepth.allCases)
    func aSelectionIsAlwaysVisible(depth: ColorDepth) {
        for theme in themes.themes {
            let styles = theme.resolved(for: depth)
            #expect(styles[.selection] != styles[.text], "\(theme.name)")
        }
    }
}
