internal import Synchronization

/// The topics of the live socket that listeners want, for the thread that subscribes to them.
final class LiveSubscriptions: Sendable {
    private struct State {
        var topics: Set<String> = []
        var isStopping = false
    }

    private let state = Mutex(State())
    /// What ends the thread's wait.
    let wakeUp = WakeUp()

    /// Says what is wanted from now on.
    ///
    /// - Parameter topics: Tells it. It is called while nobody else can say something, so that what
    ///   is said last is what holds.
    func want(_ topics: () -> Set<String>) {
        let isChanged = state.withLock { state in
            let wanted = topics()
            defer { state.topics = wanted }
            return state.topics != wanted
        }
        if isChanged { wakeUp.signal() }
    }

    /// Lets the thread end.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    /// What is wanted; nil where the thread is to end.
    func take() -> Set<String>? {
        wakeUp.reset()
        return state.withLock { $0.isStopping ? nil : $0.topics }
    }
}
