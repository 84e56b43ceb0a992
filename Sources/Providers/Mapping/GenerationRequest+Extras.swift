import Generation
import Images

extension GenerationRequest {
    /// The value of the extra `name` as JSON, by its kind in `fields`.
    func extra(_ name: String, of fields: [ExtraField]) -> JSONValue? {
        fields.first { $0.name == name }.flatMap { extra($0) }
    }

    /// Seeds in runs, each counting up by one from its first.
    func seedRuns(longest: Int) -> [(first: UInt64, count: Int)] {
        var runs: [(first: UInt64, count: Int)] = []
        for seed in seeds {
            if let last = runs.last, last.count < longest, seed > last.first,
                seed - last.first == UInt64(last.count)
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((seed, 1))
            }
        }
        return runs
    }
}
