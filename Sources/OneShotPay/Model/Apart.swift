// Optionals that take little room: whoever waits for a million links keeps a million of them.

/// A value that most do not have, kept elsewhere: the room of one reference.
@propertyWrapper
struct Apart<Value: Sendable & Hashable>: Sendable, Hashable {
    private final class Box: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    init(wrappedValue: Value?) { box = wrappedValue.map(Box.init) }

    var wrappedValue: Value? {
        get { box?.value }
        set { box = newValue.map(Box.init) }
    }

    static func == (left: Apart, right: Apart) -> Bool {
        left.box === right.box || left.wrappedValue == right.wrappedValue
    }

    func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}
