// The service's time in an engine: learnt from replies, used for expiries and for the times of looks.

import HTTPTransport
import NIOCore

extension PayLinkEngine {
    /// Unix seconds: the service's where this machine's clock is more than a minute off, else this machine's.
    package var serviceTime: Int64 {
        let local = environment.unixTime()
        guard let difference = clock.difference(unixTime: local, now: environment.instant()) else { return local }
        return local - difference.secondsAhead
    }

    /// How far this machine's clock is off, if it is.
    package var clockDifference: ClockDifference? {
        clock.difference(unixTime: environment.unixTime(), now: environment.instant())
    }

    /// Unix seconds at or after the moment so far from now: a link never lives shorter than asked for.
    func unixSeconds(after delay: Duration) -> Int64 {
        let now = clockDifference == nil ? nil : clock.latest(environment.instant())
        return (now ?? environment.unixTime() + 1) + delay.wholeSecondsUp
    }

    /// Learns the time from a reply that could be read. What a cache kept tells nothing.
    /// - Parameter sentAt: when its request left.
    func readClock(_ response: HTTPResponse, sentAt: ContinuousClock.Instant) {
        // The same second again tells next to nothing.
        guard let text = response.header("date"), text != lastDate, let date = response.date else { return }
        lastDate = text
        learn(date, sentAt: sentAt)
    }

    /// Whether a reply tells the service's time.
    private func tellsTime(_ response: HTTPResponse) -> Bool {
        guard let text = response.header("date") else { return false }
        return text == lastDate && response.header("age") == nil || response.date != nil
    }

    /// Learns the time from a link that was just made, where the reply itself has no date.
    ///
    /// - Parameter isNew: whether it cannot be one that an earlier request made. One from the future tells in any case:
    ///   none was made later than now.
    func readClock(_ link: PayLink, in response: HTTPResponse, sentAt: ContinuousClock.Instant, isNew: Bool) {
        guard !tellsTime(response), let createdAt = link.createdAt, createdAt > 0 else { return }
        guard isNew || createdAt > (clock.latest(environment.instant()) ?? environment.unixTime()) else { return }
        learn(createdAt, sentAt: sentAt)
    }

    private func learn(_ date: Int64, sentAt: ContinuousClock.Instant) {
        let now = environment.instant()
        clock.read(date, roundTrip: sentAt.duration(to: now), at: now)
        guard !hasToldOfClock, let difference = clockDifference else { return }
        hasToldOfClock = true
        clockObserver?(difference)
    }

    /// Why a link that was just made is of no use: its time was over when it came back. `nil` when it is not.
    ///
    /// The service's word alone decides, its status or its times: this machine's clock may be the one that is wrong.
    func expiredOnArrival(_ link: PayLink, subject: String) -> OneShotPayError? {
        guard link.status != .paid, link.paymentCount == 0, link.status == .expired || link.expiresAt != nil else {
            return nil
        }
        let serviceTime = max(clock.earliest(environment.instant()) ?? .min, link.createdAt ?? .min)
        let isOver = link.expiresAt.map { $0 <= serviceTime } ?? false
        guard link.status == .expired || isOver else { return nil }
        let expiry = link.expiresAt.map { " (expires_at \($0))" } ?? ""
        let why =
            clockDifference.map { "\($0): \(ClockDifference.advice)" } ?? "check expires_at and this machine's clock"
        var error = OneShotPayError(
            .expiredOnArrival,
            "\(subject): link \(link.id) was made, but had expired when it came back\(expiry), so nobody can pay it; "
                + "\(why); then make another one, under another key if it has one",
            bytesSent: true)
        error.link = link
        return error
    }
}
