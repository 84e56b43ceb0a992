import Foundation

/// Turns a document into a ``Configuration``, collecting every problem instead of stopping at the
/// first.
struct ConfigurationReader {
    private(set) var problems: [ConfigurationError.Problem] = []

    mutating func read(_ root: PositionedValue) -> Configuration {
        var configuration = Configuration()
        var groups: PositionedValue.Member?
        for member in members(of: root, path: "the file") {
            switch member.key {
            case "backends": configuration.backends = backends(member)
            case "groups": groups = member
            case "defaultBackend":
                if let name = text(member, path: member.key) { configuration.defaultBackend = name }
            case "theme": configuration.theme = text(member, path: member.key)
            case "wildcards": configuration.wildcards = text(member, path: member.key)
            case "keys": configuration.keys = keys(member)
            default:
                unknown(
                    member, path: member.key,
                    known: [
                        "backends", "groups", "defaultBackend", "theme", "wildcards", "keys",
                    ])
            }
        }
        if let groups {
            configuration.groups = self.groups(groups, backends: configuration.backends)
        }
        return configuration
    }

    /// Groups, whose members have to be there.
    private mutating func groups(
        _ table: PositionedValue.Member, backends: [String: BackendSettings]
    ) -> [String: [String]] {
        let known = Set(backends.keys).union(BackendKind.allCases.map(\.rawValue))
        var groups: [String: [String]] = [:]
        for entry in members(of: table.value, path: "groups") {
            let path = "groups.\(entry.key)"
            guard !known.contains(entry.key), !["local", "fake"].contains(entry.key) else {
                report(entry.line, "\(path): the name is taken by a backend")
                continue
            }
            guard case .list(let elements) = entry.value.content, !elements.isEmpty else {
                mismatch(entry.value, path: path, expected: "a list of backends")
                continue
            }
            for element in elements {
                guard case .text(let name) = element.content else {
                    mismatch(element, path: path, expected: "a text")
                    continue
                }
                guard known.contains(name) else {
                    report(element.line, "\(path): there is no backend \"\(name)\"")
                    continue
                }
                groups[entry.key, default: []].append(name)
            }
        }
        return groups
    }

    private mutating func backends(_ table: PositionedValue.Member) -> [String: BackendSettings] {
        var backends: [String: BackendSettings] = [:]
        for entry in members(of: table.value, path: "backends") {
            let path = "backends.\(entry.key)"
            guard !["local", "fake"].contains(entry.key) else {
                report(entry.line, "\(path): the name is taken by a built-in backend")
                continue
            }
            if let settings = backend(entry, path: path) { backends[entry.key] = settings }
        }
        return backends
    }

    private mutating func backend(
        _ entry: PositionedValue.Member, path: String
    ) -> BackendSettings? {
        let members = members(of: entry.value, path: path)
        guard case .object = entry.value.content else { return nil }
        guard let kindMember = members.first(where: { $0.key == "kind" }) else {
            report(entry.line, "\(path): \"kind\" is missing; it is one of \(kinds)")
            return nil
        }
        guard let name = text(kindMember, path: "\(path).kind") else { return nil }
        guard let kind = BackendKind(rawValue: name) else {
            report(kindMember.line, "\(path).kind: \"\(name)\" is not one of \(kinds)")
            return nil
        }
        var settings = BackendSettings(kind: kind)
        for member in members where member.key != "kind" {
            read(member, path: "\(path).\(member.key)", into: &settings)
        }
        return settings
    }

    private mutating func read(
        _ member: PositionedValue.Member, path: String, into settings: inout BackendSettings
    ) {
        switch member.key {
        case "baseURL": settings.baseURL = url(member, path: path, schemes: ["http", "https"])
        case "keyCommand": settings.keyCommand = text(member, path: path)
        case "keyFile": settings.keyFile = text(member, path: path)
        case "keyVariable": settings.keyVariable = text(member, path: path)
        case "model": settings.model = text(member, path: path)
        case "parallelJobs":
            settings.parallelJobs = number(member, path: path, in: 1...64, isWhole: true)
                .map { Int($0) }
        case "timeout":
            settings.timeout = number(member, path: path, in: 1...86_400, isWhole: false)
        case "pollInterval":
            settings.pollInterval = number(member, path: path, in: 0.01...3600, isWhole: false)
        case "proxy":
            settings.proxy = url(member, path: path, schemes: ["http", "socks5"])
        case "caFile": settings.caFile = text(member, path: path)
        case "key", "apiKey", "token", "password":
            report(
                member.line,
                "\(path): keys are not kept in this file; use keyCommand, keyFile or keyVariable")
        default:
            unknown(
                member, path: path,
                known: [
                    "kind", "baseURL", "keyCommand", "keyFile", "keyVariable", "model",
                    "parallelJobs", "timeout", "pollInterval", "proxy", "caFile",
                ])
        }
    }

    private mutating func keys(_ table: PositionedValue.Member) -> [String: [String]] {
        var keys: [String: [String]] = [:]
        for member in members(of: table.value, path: "keys") {
            switch member.value.content {
            case .text(let key): keys[member.key] = [key]
            case .null: keys[member.key] = []
            case .list(let elements):
                var list: [String] = []
                for element in elements {
                    if case .text(let key) = element.content {
                        list.append(key)
                    } else {
                        mismatch(element, path: "keys.\(member.key)", expected: "a text")
                    }
                }
                keys[member.key] = list
            default:
                mismatch(member.value, path: "keys.\(member.key)", expected: "a text or a list")
            }
        }
        return keys
    }

    private var kinds: String { BackendKind.allCases.map(\.rawValue).joined(separator: ", ") }
}

extension ConfigurationReader {
    private mutating func report(_ line: Int, _ text: String) {
        problems.append(.init(line: line, text: text))
    }

    private mutating func unknown(
        _ member: PositionedValue.Member, path: String, known: [String]
    ) {
        report(
            member.line, "\(path): no such key; known here: \(known.joined(separator: ", "))")
    }

    private mutating func mismatch(_ value: PositionedValue, path: String, expected: String) {
        report(value.line, "\(path): \(expected) is needed, not \(value.kind)")
    }

    private mutating func members(
        of value: PositionedValue, path: String
    ) -> [PositionedValue.Member] {
        guard case .object(let members) = value.content else {
            mismatch(value, path: path, expected: "an object")
            return []
        }
        return members
    }

    private mutating func text(_ member: PositionedValue.Member, path: String) -> String? {
        guard case .text(let text) = member.value.content else {
            mismatch(member.value, path: path, expected: "a text")
            return nil
        }
        guard !text.isEmpty else {
            report(member.value.line, "\(path): the text is empty")
            return nil
        }
        return text
    }

    private mutating func url(
        _ member: PositionedValue.Member, path: String, schemes: [String]
    ) -> URL? {
        guard let text = text(member, path: path) else { return nil }
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            schemes.contains(scheme), url.host?.isEmpty == false
        else {
            report(
                member.value.line,
                "\(path): an address like \(schemes[0])://host:port is needed")
            return nil
        }
        return url
    }

    private mutating func number(
        _ member: PositionedValue.Member, path: String, in range: ClosedRange<Double>,
        isWhole: Bool
    ) -> Double? {
        guard case .number(let number) = member.value.content else {
            mismatch(member.value, path: path, expected: "a number")
            return nil
        }
        guard range.contains(number), !isWhole || number == number.rounded() else {
            let kind = isWhole ? "a whole number" : "a number"
            report(
                member.value.line,
                "\(path): \(kind) from \(Self.shown(range.lowerBound)) to \(Int(range.upperBound)) "
                    + "is needed")
            return nil
        }
        return number
    }

    private static func shown(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}
