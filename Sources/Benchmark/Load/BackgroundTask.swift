internal import Foundation
internal import Synchronization

/// Work on a thread of its own, with a result.
final class BackgroundTask<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the work.
    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread {
            let outcome = Result { try work() }
            self.result.withLock { $0 = outcome }
            self.finished.signal()
        }
    }

    /// Waits for the work's end; call it once.
    func wait() throws -> Value {
        finished.wait()
        guard let outcome = result.withLock({ $0 }) else {
            preconditionFailure("the result is set before the signal")
        }
        return try outcome.get()
    }
}
