import RandomTesting
import SMI
import Testing

@testable import AgentX

@Suite struct SessionNotificationTests {
    private let script = ScriptedSession { $0.notificationLimit = 50 }

    private func open() {
        script.open()
        _ = script.sent()
    }

    @Test func `a notification names its type first, then its objects`() {
        open()
        let objects = [VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 5], .integer(5))]
        _ = script.queue.add(Notification([1, 3, 6, 1, 6, 3, 1, 1, 5, 3], objects, context: "blue"))
        script.session.advance(at: script.now)
        let sent = script.sent()
        let identity = VarBind([1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0], .objectIdentifier([1, 3, 6, 1, 6, 3, 1, 1, 5, 3]))
        #expect(sent.map(\.body) == [.notify(NotifyPDU([identity] + objects))])
        #expect(sent.map(\.context) == ["blue"])
    }

    @Test func `a flood keeps to the window and the queue, and a master that reads again gets the newest`() {
        open()
        for number: UInt32 in 0..<500 { script.notify(number) }
        let first = script.sent()
        #expect(first.notifications == Array(0..<32))
        #expect(script.queue.count == 50)
        #expect(script.queue.dropped == 500 - 32 - 50)
        script.answer(Array(first[..<10]))
        let second = script.sent()
        #expect(second.notifications == Array(450..<460))
        script.answer(Array(first[10...]) + second)
        var rest = script.sent()
        while !rest.isEmpty {
            script.answer(rest)
            rest = script.sent()
        }
        #expect(script.session.counters.notificationsSent == 82)
        #expect(script.queue.count == 0)
    }

    @Test func `a round trip is from the request to its answer, of the latest, smoothed, and the longest`() {
        open()
        let before = script.session.counters.roundTrips.count
        for milliseconds: Int64 in [8, 16, 0] {
            script.notify(1)
            let sent = script.sent()
            script.now += milliseconds * 1_000_000
            script.answer(sent)
        }
        let trips = script.session.counters.roundTrips
        #expect(trips.count == before + 3)
        #expect(trips.last == 0)
        #expect(trips.longest == 16_000_000)
        // Nothing, as long as opening took in the script, then an eighth of each.
        #expect(trips.smoothed == 2_515_625)
    }

    @Test func `notifications wait for a session, in order`() {
        for number: UInt32 in 1...3 { script.notify(number) }
        #expect(script.sent() == [])
        script.open()
        #expect(script.sent().notifications == [1, 2, 3])
    }

    @Test func `a newer notification takes the place of one with its key that waits`() {
        script.notify(1, key: "a")
        script.notify(2, key: "b")
        script.notify(3)
        script.notify(4, key: "a")
        script.notify(5, key: "a")
        script.notify(6, key: "c")
        script.open()
        #expect(script.sent().notifications == [5, 2, 3, 6])
        #expect(script.queue.coalesced == 2)
        script.notify(7, key: "a")
        #expect(script.sent().notifications == [7], "one that was sent is not replaced")
    }

    @Test func `what was not acknowledged is sent once more after a reconnection, and no more than once`() {
        open()
        for number: UInt32 in 1...4 { script.notify(number) }
        let sent = script.sent()
        script.answer([sent[1]])
        script.notify(5)
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        script.notify(6)
        reopened { #expect($0.notifications == [1, 3, 4, 5, 6]) }
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        reopened { #expect($0.notifications == [6], "the others have been sent twice") }
        #expect(script.queue.dropped == 4)
    }

    @Test func `one put back is not sent when a newer one with its key waits`() {
        open()
        script.notify(1, key: "a")
        script.notify(2, key: "b")
        _ = script.sent()
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        script.notify(3, key: "a")
        reopened { #expect($0.notifications == [3, 2]) }
    }

    @Test func `a refused notification is counted, reported once for its type, and not sent again`() {
        open()
        for _ in 1...3 { script.notify(1) }
        script.answer(script.sent(), .processingError)
        #expect(script.session.counters.notificationsRefused == 3)
        let refusals = script.events.filter { if case .notificationRefused = $0 { true } else { false } }
        #expect(refusals.count == 1)
        #expect(script.sent() == [])
    }

    @Test func `a notification that fits no PDU is refused, and the next one goes out`() {
        open()
        _ = script.queue.add(Notification([1, 3], [VarBind([1, 3], .bytes(zeros(70_000)))]))
        script.notify(2)
        #expect(script.sent().notifications == [2])
        #expect(script.session.counters.notificationsRefused == 1)
    }

    @Test func `the queue asks for its taker once for a burst`() {
        let queue = NotificationQueue(limit: 10)
        #expect(queue.add(Notification([1], [])))
        #expect(!queue.add(Notification([1], [])))
        queue.acknowledgeAnnouncement()
        _ = queue.take()
        #expect(queue.add(Notification([1], [])))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the queue agrees with a plain list`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limit = random.number(1...8)
        let queue = NotificationQueue(limit: limit)
        var model: [Notification] = []
        for number: UInt32 in 0..<500 {
            if random.number(0...2) == 0 {
                #expect(queue.take()?.notification == (model.isEmpty ? nil : model.removeFirst()))
                continue
            }
            let key = random.number(0...2) == 0 ? nil : "\(random.number(0...5))"
            let notification = Notification([number], [], key: key)
            _ = queue.add(notification)
            if let key, let position = model.firstIndex(where: { $0.key == key }) {
                model[position] = notification
            } else {
                if model.count == limit { model.removeFirst() }
                model.append(notification)
            }
            #expect(queue.count == model.count)
        }
    }

    private func reopened(_ check: ([PDU]) -> Void) {
        script.open()
        check(script.sent())
    }
}
