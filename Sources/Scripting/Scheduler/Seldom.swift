// What few tasks have is kept outside of their records: a hundred thousand that wait have none of it.

/// A value that is seldom other than empty, and takes the room of one reference while it is.
@propertyWrapper
struct Seldom<Value: HasEmptyForm> {
    private final class Box {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    init(wrappedValue: Value) { put(wrappedValue) }

    var wrappedValue: Value {
        get { box?.value ?? Value() }
        _modify {
            var value = take()
            defer { put(value) }
            yield &value
        }
    }

    /// The value by itself, so that nothing else holds it while it is changed.
    private mutating func take() -> Value {
        let isOwn = isKnownUniquelyReferenced(&box)
        guard let box else { return Value() }
        defer { if isOwn { box.value = Value() } }
        return box.value
    }

    private mutating func put(_ value: Value) {
        let isOwn = isKnownUniquelyReferenced(&box)
        if value.isEmpty {
            box = nil
        } else if isOwn, let box {
            box.value = value
        } else {
            box = Box(value)
        }
    }
}

/// Can be without content.
protocol HasEmptyForm {
    init()
    var isEmpty: Bool { get }
}

extension Optional: HasEmptyForm where Wrapped == Gathering {
    init() { self = nil }
    var isEmpty: Bool { self == nil }
}
