import Foundation

/// What the machine, or the container this process runs in, has to give.
struct SystemMemory {
    /// Bytes that this process could have in all: what is free or can be freed, and what it has.
    static func available() -> Int {
        let own = statusBytes("VmRSS") ?? 0
        var available = Int.max
        if let free = meminfoBytes("MemAvailable") { available = free + own }
        for group in controlGroups() {
            guard let limit = number(group + "/memory.max") else { continue }
            // Pages of files can be dropped, so they do not count as used.
            let used = number(group + "/memory.current") ?? 0
            let cache = statistic(group + "/memory.stat", "file") ?? 0
            available = min(available, limit - max(0, used - cache) + own)
        }
        return available
    }

    /// The most memory this process had so far.
    static func peakBytes() -> Int? { statusBytes("VmHWM") }

    private static func meminfoBytes(_ key: String) -> Int? { kilobytes("/proc/meminfo", key) }

    private static func statusBytes(_ key: String) -> Int? { kilobytes("/proc/self/status", key) }

    private static func kilobytes(_ path: String, _ key: String) -> Int? {
        guard let text = read(path) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap {
                Int($0)
            }.map { $0 * 1024 }
        }
        return nil
    }

    /// This process's control group and its parents.
    private static func controlGroups() -> [String] {
        guard let line = read("/proc/self/cgroup")?.split(separator: "\n").first,
            line.hasPrefix("0::")
        else { return [] }
        var path = "/sys/fs/cgroup" + line.dropFirst(3)
        var groups: [String] = []
        while path.hasPrefix("/sys/fs/cgroup"), path.count >= "/sys/fs/cgroup".count {
            groups.append(path)
            path = (path as NSString).deletingLastPathComponent
        }
        return groups
    }

    private static func number(_ path: String) -> Int? {
        read(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private static func statistic(_ path: String, _ key: String) -> Int? {
        read(path)?.split(separator: "\n").first { $0.hasPrefix(key + " ") }
            .flatMap { Int($0.dropFirst(key.count + 1)) }
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
