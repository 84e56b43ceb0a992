import Generation
import Testing

@testable import Studio

/// A studio may be open for days: what a run leaves behind in memory is small.
@Suite("Memory of a long history")
struct HistoryMemoryTests {
    @Test("an entry of the list is small, and shares what others have too")
    func entry() {
        #expect(MemoryLayout<HistoryEntry>.stride <= 160)
        #expect(MemoryLayout<HistoryRow>.stride <= 16)
    }

    @Test("a name of the journal takes no space of its own, and every name comes back as it was")
    func names() {
        let name = ULID().description
        #expect(EntryName(name) == .job(ULID(name) ?? ULID()))
        for text in [name, name.lowercased(), "boat", "", String(repeating: "Z", count: 26), "é"] {
            #expect(EntryName(text).text == text)
        }
        #expect(EntryName(name) != EntryName(name.lowercased()))
    }

    @Test("the last entries are complete; the others can still be listed, found and restored")
    func complete() {
        var list = HistoryList()
        let count = HistoryList.mostComplete + 40
        for number in 1...count {
            list.store(
                StudioDriver.entry(
                    "\(number)", "boat \(number)", seed: UInt64(number), date: Double(number)))
        }
        #expect(list.entries.count { $0.isComplete } == HistoryList.mostComplete)
        #expect(list.entries.prefix(HistoryList.mostComplete).allSatisfy { $0.isComplete })
        let old = list.entry("3")
        #expect(old?.isComplete == false)
        #expect(old?.prompt == "boat 3")
        #expect(old?.request.prompt == "boat 3")
        #expect(old?.request.seeds == [3])
        #expect(old?.request.width == 256)
        #expect(old?.pictures.count == 1)
        list.setQuery("boat 3")
        #expect(list.visible.map(\.id).contains("3"))
    }

    @Test("the entry that is selected keeps all that was read of it")
    func selected() {
        var list = HistoryList()
        list.store(StudioDriver.entry("0", "fox"))
        list.store(StudioDriver.entry("1", "boat", date: 1))
        list.show("0")
        for number in 2...(HistoryList.mostComplete * 2) {
            list.store(StudioDriver.entry("\(number)", "boat", date: Double(number)))
        }
        #expect(list.selected?.id == "0")
        #expect(list.selected?.isComplete == true)
        #expect(list.entry("1")?.isComplete == false)
    }

    @Test("what was read later does not take away what only a full reading knows")
    func updated() {
        var failed = StudioDriver.entry("1", "fox")
        failed.status = .failed
        failed.problem = "no memory"
        var newer = failed.brief
        newer.problem = nil
        newer.note = "again"
        let updated = failed.brief.updated(by: newer)
        #expect(updated.problem == "no memory")
        #expect(updated.note == "again")
        #expect(failed.updated(by: newer).isComplete)
    }

    @Test("a large list of complete entries is kept small from the start")
    func loaded() {
        var list = HistoryList()
        list.load((1...500).reversed().map { StudioDriver.entry("\($0)", "fox", date: Double($0)) })
        #expect(list.entries.count { $0.isComplete } == HistoryList.mostComplete)
        #expect(list.entries.first?.isComplete == true)
    }
}
