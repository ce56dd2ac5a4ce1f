// Optionals in the room of what they hold: a schedule may keep a million waits.

import NIOCore

/// Unix seconds, where they are known.
@propertyWrapper
struct KnownTime {
    private var seconds: Int64

    init(wrappedValue: Int64?) { seconds = wrappedValue ?? .min }

    var wrappedValue: Int64? {
        get { seconds == .min ? nil : seconds }
        set { seconds = newValue ?? .min }
    }
}

/// A moment, where there is one.
@propertyWrapper
struct KnownDeadline {
    private var moment: NIODeadline

    init(wrappedValue: NIODeadline?) { moment = wrappedValue ?? .distantFuture }

    var wrappedValue: NIODeadline? {
        get { moment == .distantFuture ? nil : moment }
        set { moment = newValue ?? .distantFuture }
    }
}

/// A place in a list of less than 2³¹, where there is one.
@propertyWrapper
struct KnownPlace {
    private var place: Int32

    init(wrappedValue: Int?) { place = wrappedValue.map(Int32.init) ?? -1 }

    var wrappedValue: Int? {
        get { place < 0 ? nil : Int(place) }
        set { place = newValue.map(Int32.init) ?? -1 }
    }
}
