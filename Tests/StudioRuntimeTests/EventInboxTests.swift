import Generation
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Events on their way to the store", .timeLimit(.minutes(1)))
struct EventInboxTests {
    private static let step = AppEvent.job(
        1, .stage(.sampling(step: 3, count: 20, image: 0, imageCount: 1)), at: 1)
    private static let decoding = AppEvent.job(
        1, .stage(.decoding(image: 0, imageCount: 1)), at: 1)
    private static let tick = AppEvent.tick(at: 2)
    private static let resize = AppEvent.terminal(
        .resized(Size(width: 80, height: 24), cellPixels: nil))

    @Test("what is most urgent decides how soon it is painted")
    func urgency() {
        let inbox = EventInbox()
        #expect(inbox.drain().urgency == .step)
        for (event, urgency) in [
            (Self.step, EventInbox.Urgency.step), (Self.decoding, .progress), (Self.tick, .news),
            (Self.resize, .input),
        ] {
            inbox.post(event)
            inbox.post(Self.step)
            #expect(inbox.drain().urgency == urgency)
        }
        inbox.requestRender()
        #expect(inbox.drain().urgency == .news)
    }

    @Test("steps wake nobody who has just shown one, and are there with what does")
    func waiting() async {
        let inbox = EventInbox()
        for waker in [Self.decoding, Self.tick, Self.resize] {
            let waiter = Task {
                await inbox.wait(moreUrgentThan: .step)
                return inbox.drain().events.count
            }
            for _ in 0..<5 {
                inbox.post(Self.step)
                await Task.yield()
            }
            inbox.post(waker)
            #expect(await waiter.value == 6)
        }
    }

    @Test("a wait for something urgent ends when it is told to, also when it has not begun")
    func ended() async {
        let inbox = EventInbox()
        inbox.post(Self.step)
        inbox.endWait()
        await inbox.wait(moreUrgentThan: .step)
        let waiter = Task { await inbox.wait(moreUrgentThan: .step) }
        inbox.endWait()
        await waiter.value
        #expect(inbox.drain().events == [Self.step])
    }
}
