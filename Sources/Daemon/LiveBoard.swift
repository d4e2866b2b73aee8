internal import Core
internal import Synchronization

/// The figures of one bot, or of all, at one second, on their way to the live socket.
struct LiveFigures: Sendable {
    /// The bot; nil for all of them.
    var bot: UUID128?
    var snapshot: RealtimeSnapshot
    /// What the figures answer, and the state they were computed from.
    var plan: QueryPlan
    var stamp: AnswerStamp
    var eventsDropped: UInt64
    var publishers: Int
}

/// What is shared between the thread that computes live figures and the one that sends them.
final class LiveBoard: Sendable {
    /// Figures that may wait to be sent: about a kilobyte each.
    private static let waitingMaximum = 4_096

    private struct State {
        var wish = LiveWish()
        var waiting: ArraySlice<LiveFigures> = []
    }

    private let state = Mutex(State())

    /// Whose figures anybody wants.
    var wish: LiveWish {
        get { state.withLock { $0.wish } }
        set {
            state.withLock { state in
                state.wish = newValue
                // Whoever comes next must not get what nobody was there to take.
                if newValue.isEmpty { state.waiting = [] }
            }
        }
    }

    /// Whether figures have to be sent before more are computed.
    var isFull: Bool { state.withLock { $0.waiting.count >= Self.waitingMaximum } }

    /// Leaves figures to be sent, where anybody wants some.
    func add(_ figures: [LiveFigures]) {
        state.withLock { state in
            if !state.wish.isEmpty { state.waiting += figures }
        }
    }

    /// Takes figures to send.
    ///
    /// - Parameter most: How many at the most.
    /// - Returns: The oldest ones, in order.
    func take(_ most: Int) -> [LiveFigures] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(most))
            state.waiting.removeFirst(taken.count)
            // A slice keeps what was taken from it until it is replaced.
            if state.waiting.isEmpty { state.waiting = [] }
            return taken
        }
    }
}
