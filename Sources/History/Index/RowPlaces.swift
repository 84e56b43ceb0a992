import Generation

/// Finds the rows of jobs while a session is read.
///
/// A reading that goes on where another one stopped mostly speaks of the newest jobs: they are
/// searched from the end. Only a reading that asks for many makes a table of all of them.
struct RowPlaces {
    /// Searches from the end before a table is made.
    private static let mostSearches = 16

    private var rowOfJob: [ULID: Int] = [:]
    /// The first so many rows are not in the table.
    private var unlisted: Int
    private var searches = 0

    /// - Parameter known: how many rows there are before the reading.
    init(known: Int) { unlisted = known }

    /// The row of a job, nil when there is none.
    mutating func row(of job: ULID, in rows: [JobRow]) -> Int? {
        if let row = rowOfJob[job] { return row }
        guard unlisted > 0 else { return nil }
        searches += 1
        if searches > Self.mostSearches {
            for index in 0..<unlisted { rowOfJob[rows[index].id] = index }
            unlisted = 0
            return rowOfJob[job]
        }
        let found = rows[..<unlisted].lastIndex { $0.idLow == job.low && $0.idHigh == job.high }
        if let found { rowOfJob[job] = found }
        return found
    }

    /// Takes in a job that was just read.
    mutating func add(_ job: ULID, at row: Int) { rowOfJob[job] = row }
}
