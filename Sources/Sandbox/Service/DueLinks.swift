// Which link the automatic payer pays when, and when what it withheld is shown: kept in order of time.
// Nearly always a queue, as a delay after creation is the same for every link; an expiry can be any.

/// Links and the instants at which something happens to them, earliest first.
struct DueLinks: Sendable {
    /// A link and when its time comes.
    struct Entry: Sendable {
        var link: String
        var due: SandboxInstant
    }

    private var entries: [Entry] = []
    private var head = 0

    /// Puts a link behind all that are due no later.
    mutating func insert(_ link: String, due: SandboxInstant) {
        var (low, high) = (head, entries.count)
        if let last = entries.last, last.due <= due { low = high }
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].due <= due { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(link: link, due: due), at: low)
    }

    /// When the earliest entry is due.
    var next: SandboxInstant? { head < entries.count ? entries[head].due : nil }

    /// Takes the earliest entry that is due at `now`.
    mutating func takeFirst(until now: SandboxInstant) -> Entry? {
        guard head < entries.count, entries[head].due <= now else { return nil }
        let first = entries[head]
        head += 1
        if head > 1_024, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return first
    }
}
