import Foundation
import Generation
import Studio
import Testing

@testable import StudioRuntime

@Suite("Drafts of several studios")
struct DraftFolderTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("drafts-\(UUID().uuidString)")

    private static func draft(_ prompt: String, waiting: [String] = []) -> Draft {
        var request = GenerationRequest(prompt: "")
        request.backend = "fake"
        var draft = Draft(prompt: prompt, negative: "", request: request)
        draft.waiting = waiting.map { text in
            WaitingJob(Job(id: 1, request: GenerationRequest(prompt: text), randomSeeds: 1))
        }
        return draft
    }

    @Test("each studio has its own; the newest that nobody has is gone on with")
    func own() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let first = DraftFolder(folder: folder)
            let second = DraftFolder(folder: folder)
            #expect(first.load() == nil)
            #expect(second.load() == nil)
            try second.save(Self.draft("second"))
            try first.save(Self.draft("first"))
            #expect(first.load()?.prompt == "first")
            #expect(second.load()?.prompt == "second")
            #expect(first.left().isEmpty)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: 10)],
                ofItemAtPath: folder.appendingPathComponent("draft-2.json").path)
        }
        let next = DraftFolder(folder: folder)
        #expect(next.load()?.prompt == "second")
        #expect(next.left().map(\.prompt) == ["first"])
        let another = DraftFolder(folder: folder)
        #expect(another.load()?.prompt == "first")
        #expect(next.left().isEmpty)
    }

    @Test("jobs that waited in the other drafts are taken over, once")
    func waiting() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let first = DraftFolder(folder: folder)
            let second = DraftFolder(folder: folder)
            try second.save(Self.draft("second", waiting: ["b"]))
            try first.save(Self.draft("first", waiting: ["a"]))
        }
        let next = DraftFolder(folder: folder)
        let draft = try #require(next.load())
        #expect(Set(draft.waiting.map(\.request.prompt)) == ["a", "b"])
        let another = DraftFolder(folder: folder)
        #expect(another.load()?.waiting.isEmpty == true)
        #expect(next.load()?.waiting.count == 2)
    }

    @Test("a draft that was taken over is gone when the next one is saved")
    func taken() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let first = DraftFolder(folder: folder)
            let second = DraftFolder(folder: folder)
            try second.save(Self.draft("second"))
            try first.save(Self.draft("first"))
        }
        let next = DraftFolder(folder: folder)
        let left = try #require(next.left().first)
        #expect(next.take(left.name)?.prompt == left.prompt)
        #expect(next.left().isEmpty)
        try next.save(Self.draft("both"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { $0.hasSuffix(".json") }.count == 1)
    }

    @Test("a file that cannot be read is put aside, never written over")
    func unreadable() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("draft.json")
        try Data("{ typed words".utf8).write(to: file)
        let drafts = DraftFolder(folder: folder)
        #expect(drafts.load() == nil)
        try drafts.save(Self.draft("new"))
        #expect(
            try String(contentsOf: file.appendingPathExtension("unreadable"), encoding: .utf8)
                == "{ typed words")
    }

    @Test("a grid is kept beside the draft")
    func sheet() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let sheet = Sheet(
            .sweep, columns: ["4"],
            cells: [.init(label: "steps=4", request: GenerationRequest(prompt: "a"))])
        do {
            let drafts = DraftFolder(folder: folder)
            try drafts.save(Self.draft("a"))
            try drafts.saveSheet(sheet)
        }
        let next = DraftFolder(folder: folder)
        #expect(next.load()?.prompt == "a")
        #expect(next.loadSheet() == sheet)
        try next.saveSheet(nil)
        #expect(next.loadSheet() == nil)
    }
}
