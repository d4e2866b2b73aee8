internal import Glibc
internal import Synchronization

/// A value given to another thread once, so that only that thread holds it: a copy that stayed
/// behind would make the first change copy everything.
final class Handover<Value: Sendable>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: consuming Value) { self.value = Mutex(value) }

    /// Takes the value; the second call is a programmer's error.
    func take() -> Value {
        value.withLock { value in
            guard let taken = value.take() else { preconditionFailure("a value is taken once") }
            return taken
        }
    }
}

/// The result a thread reports when it has started, for the thread that waits for it.
final class StartReport<Value: Sendable>: Sendable {
    private let result: Mutex<Result<Value, DaemonFailure>?> = Mutex(nil)

    /// Reports the result, once.
    func send(_ result: Result<Value, DaemonFailure>) {
        self.result.withLock { $0 = $0 ?? result }
    }

    /// The result, where there is one already.
    var current: Result<Value, DaemonFailure>? { result.withLock { $0 } }

    /// Waits for the result.
    ///
    /// A start takes milliseconds, so looking each of them is enough.
    func wait() -> Result<Value, DaemonFailure> {
        while true {
            if let current { return current }
            usleep(1_000)
        }
    }
}

/// Tells a thread that nobody wants its result any more.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
