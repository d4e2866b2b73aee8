internal import Synchronization

/// Where tasks leave questions for the gateway's thread.
final class GatewayQueue: Sendable {
    /// A question and who waits for its answer.
    struct Submission: Sendable {
        let inquiry: Inquiry
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Outcome, Never>
    }

    /// What the thread takes.
    struct Delivery: Sendable {
        var submissions: [Submission] = []
        var isStopping = false
    }

    private struct State {
        var delivery = Delivery()
        /// Questions left here and not answered.
        var pendingCount = 0
        var isSignalled = false
    }

    private let state = Mutex(State())
    private let pendingMaximum: Int
    /// What ends the thread's wait.
    let wakeUp = WakeUp()

    init(pendingMaximum: Int) { self.pendingMaximum = pendingMaximum }

    /// Questions under way.
    var pendingCount: Int { state.withLock { $0.pendingCount } }

    /// Leaves a question, or answers it at once where it cannot be taken.
    func submit(_ submission: Submission) {
        let refusal: Outcome? = state.withLock { state in
            if state.delivery.isStopping { return .stopping }
            if state.pendingCount >= pendingMaximum { return .overloaded }
            state.pendingCount += 1
            state.delivery.submissions.append(submission)
            signal(&state)
            return nil
        }
        if let refusal { submission.continuation.resume(returning: refusal) }
    }

    /// Answers a question that was taken.
    func resolve(_ continuation: CheckedContinuation<Outcome, Never>, _ outcome: Outcome) {
        state.withLock { $0.pendingCount -= 1 }
        continuation.resume(returning: outcome)
    }

    /// Refuses all further questions and lets the thread end.
    func stop() {
        state.withLock { state in
            state.delivery.isStopping = true
            signal(&state)
        }
    }

    /// Takes what was left since the last time.
    func take() -> Delivery {
        wakeUp.reset()
        return state.withLock { state in
            state.isSignalled = false
            defer { state.delivery.submissions = [] }
            return state.delivery
        }
    }

    /// One signal is enough until the thread has looked.
    private func signal(_ state: inout State) {
        guard !state.isSignalled else { return }
        state.isSignalled = true
        wakeUp.signal()
    }
}
