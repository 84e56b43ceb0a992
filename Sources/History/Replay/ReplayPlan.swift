import Foundation
import Generation
import Hashing
import Images

/// Everything that a replay will run, in order.
public struct ReplayPlan: Sendable {
    /// The items.
    public var items: [ReplayItem] = []
    /// What was left out and why, in sentences.
    public var notes: [String] = []

    /// An empty plan.
    public init() {}

    /// Changes fields of every item.
    ///
    /// - Throws: ``FieldSetting/Problem``.
    public mutating func apply(_ settings: [FieldSetting]) throws {
        for index in items.indices {
            for setting in settings {
                let changed = try setting.applied(to: items[index].request)
                guard changed != items[index].request else { continue }
                items[index].request = changed
                items[index].changes.append(setting.field)
            }
        }
    }

    /// What identifies the plan, so that a run that was stopped can be taken up: sources, requests
    /// and expected pictures.
    public var digest: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var text = ""
        for item in items {
            text += "\(item.source)\n"
            text +=
                (try? encoder.encode(item.request)).map { String(decoding: $0, as: UTF8.self) }
                ?? ""
            text += item.expected.map { $0.pixelsSHA256 ?? "-" }.joined(separator: ",") + "\n"
        }
        return SHA256.hexDigest(of: Array(text.utf8))
    }
}

/// Finds what people name: jobs, sessions, pictures.
public struct ReplayPlanner {
    private let store: JournalStore

    /// A planner over the journal.
    public init(store: JournalStore) {
        self.store = store
    }

    /// The plan for identifiers of jobs (or a unique part of one), session files (by path, or by
    /// name in the journal) and pictures.
    ///
    /// - Throws: ``JournalError``, ``PictureFormatError``, or the error of the file system.
    public func plan(_ names: [String]) throws -> ReplayPlan {
        var plan = ReplayPlan()
        var index: HistoryIndex?
        for name in names {
            if FileManager.default.fileExists(atPath: name) {
                try add(file: name, to: &plan)
                continue
            }
            let session = store.sessions.appendingPathComponent(name)
            if name.hasSuffix(".jsonl"), !name.contains("/"),
                FileManager.default.fileExists(atPath: session.path)
            {
                try add(session: session, to: &plan)
                continue
            }
            try Self.refuseMissingFile(name)
            let jobs = try index ?? store.index()
            index = jobs
            let job = try store.details(of: try jobs.job(abbreviated: name))
            let summary = jobs.job(job.id)
            plan.items.append(
                ReplayItem(job: job) {
                    store.pictureURL($0, session: summary?.session ?? "")
                })
        }
        return plan
    }

    /// An identifier has neither slashes nor the ending of a file.
    private static func refuseMissingFile(_ name: String) throws {
        guard !name.isEmpty else { throw JournalError.badValue("The name is empty") }
        let endings = ["jsonl", "png", "jpg", "jpeg", "webp"]
        let ending = name.split(separator: ".").last?.lowercased() ?? ""
        guard !name.contains("/"), !(name.contains(".") && endings.contains(ending)) else {
            throw JournalError.badValue("There is no file \(printable(name))")
        }
    }

    private func add(file path: String, to plan: inout ReplayPlan) throws {
        let url = URL(fileURLWithPath: path)
        if url.pathExtension == "jsonl" {
            try add(session: url, to: &plan)
            return
        }
        try SessionFile.requireRegular(path)
        let metadata = try PictureMetadata.read(fileAt: path)
        if let item = ReplayItem(picture: path, metadata: metadata) {
            plan.items.append(item)
        } else {
            throw JournalError.badValue(
                "\(printable(path)) holds no metadata from which it could be made again")
        }
    }

    private func add(session url: URL, to plan: inout ReplayPlan) throws {
        let contents = try SessionContents.readSession(at: url)
        for job in contents.jobs {
            guard job.status == .finished, !job.images.isEmpty, !job.isRemoved else {
                plan.notes.append(
                    "\(job.id) is left out: "
                        + (job.isRemoved ? "removed" : "\(job.status.rawValue), without pictures"))
                continue
            }
            plan.items.append(
                ReplayItem(job: job) {
                    SessionContents.pictureURL($0, session: url, data: store.data)
                })
        }
        if !contents.damaged.isEmpty {
            plan.notes.append("\(contents.damaged.count) damaged lines are left out")
        }
        let unknown = contents.unknown.values.reduce(0, +)
        if unknown > 0 { plan.notes.append("\(unknown) records of a newer latent are left out") }
    }
}
