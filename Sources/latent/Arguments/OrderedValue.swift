import ArgumentParser
import Synchronization

/// An option's value that knows its place on the command line, for options that form groups by
/// their order (`--control A --control-image a.png --control B ...`).
///
/// ArgumentParser hands values over in the order in which they were written; each takes the next
/// number of a counter that only ever grows.
struct OrderedValue: ExpressibleByArgument, Hashable, Sendable {
    let text: String
    let place: Int

    init(argument: String) {
        text = argument
        place = Self.nextPlace.withLock { next in
            next += 1
            return next
        }
    }

    private static let nextPlace = Mutex(0)
}
