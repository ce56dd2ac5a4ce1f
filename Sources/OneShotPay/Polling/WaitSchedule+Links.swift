// The links of a schedule: who waits for each, what it adds to the load, and when it is looked at next.

import NIOCore

extension WaitSchedule {
    mutating func makeLink(_ id: PayLinkID) -> Int {
        let place = Self.put(Link(number: newNumber(), id: id), in: &links, &freeLinks)
        placeOfLink[id] = place
        return place
    }

    mutating func removeLink(_ place: Int) -> LookTicket? {
        guard let link = links[place] else { return nil }
        change(place) { ($0.weight, $0.isCounted) = (0, false) }
        placeOfLink[link.id] = nil
        links[place] = nil
        freeLinks.append(place)
        return link.lookSentAt == nil ? nil : LookTicket(place: place, number: link.number)
    }

    func forEachWait(for link: Int, _ body: (Int, Slot) -> Void) {
        var next = links[link]?.first
        while let place = next, let slot = slots[place] {
            next = slot.next
            body(place, slot)
        }
    }

    /// Updates what a link adds to the load: as much as its youngest wait. Between its looks the load is slightly
    /// overestimated.
    mutating func weigh(_ place: Int, now: NIODeadline, unixTime: Int64) {
        var weight = 0.0
        var isLate = true
        forEachWait(for: place) { _, slot in
            guard slot.begunAt != nil, !slot.machine.isLate else { return }
            isLate = false
            weight = max(weight, PollingRule.weight(age: slot.machine.age(now, unixTime: unixTime)))
        }
        change(place) { ($0.weight, $0.isLate) = (weight, isLate) }
    }

    /// Changes a link, and what is counted of all links with it.
    mutating func change(_ place: Int, _ body: (inout Link) -> Void) {
        guard let old = links[place] else { return }
        var new = old
        new.isCounted = true
        body(&new)
        links[place] = new
        if old.isCounted { if old.isLate { lateLinks -= 1 } else { openLinks -= 1 } }
        if new.isCounted { if new.isLate { lateLinks += 1 } else { openLinks += 1 } }
        load = openLinks == 0 ? 0 : max(0, load + new.weight - old.weight)
    }

    /// What all links take of the looks, those at rest among them.
    var wholeLoad: Double { load + resting.load }

    /// What a wait has to remember until its next look.
    func rest(_ ticket: WaitTicket, until due: NIODeadline, now: NIODeadline, unixTime: Int64) -> WaitRest? {
        slot(ticket)?.machine.rest(until: due, now, unixTime: unixTime)
    }

    /// Queues a link, unless a look is under way or it is queued for an earlier one.
    mutating func enqueue(_ place: Int, due: NIODeadline) {
        guard let link = links[place], link.lookSentAt == nil, due < .distantFuture, link.entry == nil || due < link.due
        else { return }
        let number = newNumber()
        links[place]?.entry = number
        links[place]?.due = due
        queue.add(LookQueue.Entry(place: place, number: number), due: due, isLate: link.isLate)
    }

    /// Whether an entry of the queue is its link's newest.
    static func counting(_ links: [Link?]) -> (LookQueue.Entry) -> Bool {
        { links[$0.place]?.entry == $0.number }
    }

    // MARK: Places

    static func put<Element>(_ element: Element, in list: inout [Element?], _ free: inout [Int]) -> Int {
        guard let place = free.popLast() else {
            list.append(element)
            return list.count - 1
        }
        list[place] = element
        return place
    }

    mutating func newNumber() -> UInt64 {
        nextNumber += 1
        return nextNumber
    }
}
