import Generation

/// A labelled grid of pictures: a sweep along up to three axes, or one request at several backends.
///
/// Each cell is an ordinary job of the queue. What is kept of a grid is enough to go on with it
/// after the program has ended.
public struct Sheet: Hashable, Sendable, Codable {
    /// What the columns are.
    public enum Kind: String, Hashable, Sendable, Codable {
        case sweep, backends
    }

    /// One picture of the grid.
    public struct Cell: Hashable, Sendable, Codable {
        /// The values of its axes, for messages.
        public let label: String
        /// What its job runs.
        public var request: GenerationRequest
        /// What the backend cannot honour and was left out.
        public var notes: [String] = []
        /// Seeds that are still to be drawn, the same ones for all cells.
        public var openSeeds = 0
        /// The finished history entry.
        public var entry: String?
        /// Why it failed.
        public var problem: String?
        /// The job that fills it at the moment.
        public var job: Job.ID?
        /// The picture, or the last look at it.
        public var image: ImageReference?

        private enum CodingKeys: String, CodingKey {
            case label, request, notes, openSeeds, entry, problem
        }

        public init(label: String, request: GenerationRequest) {
            self.label = label
            self.request = request
        }
    }

    /// The most cells that the studio shows; `latent sweep` takes more.
    public static let maximumCells = 400

    public let kind: Kind
    /// Labels; empty where there is no such axis.
    public let columns: [String]
    public let rows: [String]
    public let pages: [String]
    /// Row by row, page by page.
    public var cells: [Cell]
    /// Index of the selected cell.
    public var selection = 0
    /// The history entry that the fields came from.
    public var parent: String?
    /// The axes of a sweep as they were typed.
    public var axes: String?
    /// What the cells of a sweep share.
    public var base: GenerationRequest?

    /// A grid; there are as many cells as the labels make places.
    public init(
        _ kind: Kind, columns: [String], rows: [String] = [], pages: [String] = [], cells: [Cell]
    ) {
        self.kind = kind
        self.columns = columns
        self.rows = rows
        self.pages = pages
        self.cells = cells
    }

    public var columnCount: Int { max(1, columns.count) }
    public var rowCount: Int { max(1, rows.count) }
    public var pageCount: Int { max(1, pages.count) }

    public var selected: Cell? { cells.indices.contains(selection) ? cells[selection] : nil }
    public var selectedColumn: Int { selection % columnCount }
    public var selectedRow: Int { selection / columnCount % rowCount }
    public var selectedPage: Int { selection / (columnCount * rowCount) }

    /// The index of a place on the page of the selection.
    public func index(column: Int, row: Int) -> Int {
        (selectedPage * rowCount + row) * columnCount + column
    }

    /// Cells that have their picture.
    public var doneCount: Int { cells.count { $0.entry != nil } }
    /// Cells whose job is in the queue.
    public var isBusy: Bool { cells.contains { $0.job != nil } }
    /// Cells that have no picture, and no job that would make one.
    public var open: [Int] {
        cells.indices.filter { cells[$0].entry == nil && cells[$0].job == nil }
    }

    /// Selects a neighbour on the page.
    public mutating func move(_ dx: Int, _ dy: Int) {
        let column = selectedColumn + dx
        let row = selectedRow + dy
        guard (0..<columnCount).contains(column), (0..<rowCount).contains(row) else { return }
        let wanted = index(column: column, row: row)
        if cells.indices.contains(wanted) { selection = wanted }
    }

    /// Goes to the same place of another page; on a single page to another cell.
    public mutating func turn(_ offset: Int) {
        guard !cells.isEmpty else { return }
        let step = pageCount > 1 ? offset * columnCount * rowCount : offset
        selection = ((selection + step) % cells.count + cells.count) % cells.count
    }

    /// Forgets jobs and pictures of a program that has ended.
    mutating func forgetProgram() {
        for index in cells.indices {
            cells[index].job = nil
            cells[index].image = nil
        }
    }

    /// Puts a seed into the cells that still need one.
    public mutating func fill(seed: UInt64) {
        if base?.seeds.isEmpty == true { base?.seeds = [seed] }
        for index in cells.indices where cells[index].openSeeds > 0 {
            cells[index].request.seeds = (0..<UInt64(cells[index].openSeeds)).map { seed &+ $0 }
            cells[index].openSeeds = 0
        }
    }
}

/// What axes that are being typed would make.
public struct SweepOutline: Hashable, Sendable {
    /// What was typed.
    public let text: String
    /// Cells in all; 0 when it cannot be read.
    public let count: Int
    /// What the cells ask for; empty when it cannot be read.
    public let requests: [GenerationRequest]
    /// Why it cannot run.
    public let problem: String?

    public init(
        text: String, count: Int = 0, requests: [GenerationRequest] = [], problem: String? = nil
    ) {
        self.text = text
        self.count = count
        self.requests = requests
        self.problem = problem
    }
}
