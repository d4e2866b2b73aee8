internal import Core

/// The live figures of a second, computed a few bots at a time, so that a question never waits for
/// more than a slice.
///
/// Nothing is computed that nobody has subscribed to. With more bots than a second has room for, a
/// round takes longer and the seconds that pass meanwhile have none.
struct LiveRound {
    /// How long a slice may take: as a question may come meanwhile.
    private static let sliceMicroseconds: Int64 = 250
    /// Bots between two looks at the clock, each some microseconds.
    private static let stepBots = 16

    private let board: LiveBoard
    /// The second whose round was last begun.
    private var begun: UnixMilliseconds
    /// Bots still to come in this round.
    private var waiting: [UInt32] = []
    /// Bots that had something to tell in the last round, and in this one so far.
    private var formerlyActive: Set<UInt32> = []
    private var active: Set<UInt32> = []

    init(board: LiveBoard, now: UnixMilliseconds) {
        self.board = board
        begun = now
    }

    /// Whether bots of a round are still to come.
    var isRunning: Bool { !waiting.isEmpty }

    /// Whether a second has no round yet, and none is under way.
    func isDue(at now: UnixMilliseconds) -> Bool { now > begun && !isRunning }

    /// Begins the round of a second: the figures of all bots, and a list of the bots that follow.
    mutating func begin(_ window: RealtimeWindow, _ names: AnswerNames, _ state: LiveState) {
        begun = window.now
        let wish = board.wish
        formerlyActive = active
        active = []
        guard !wish.isEmpty else { return }
        if wish.total || wish.totalAlone {
            board.add([state.figures(of: nil, window, names)])
        }
        waiting =
            wish.everyBot ? window.activeBots : wish.bots.compactMap { names.botOrdinals[$0] }
    }

    /// Computes a slice of the round; returns whether there is more to do at once.
    mutating func step(
        _ window: RealtimeWindow,
        _ names: AnswerNames,
        _ state: LiveState
    ) -> Bool {
        guard isRunning, !board.isFull else { return false }
        let end = MonotonicClock.microseconds + Self.sliceMicroseconds
        var slice: [LiveFigures] = []
        repeat {
            for _ in 0..<Self.stepBots {
                guard let bot = waiting.popLast() else { break }
                let figures = state.figures(of: bot, window, names)
                let isActive = !figures.snapshot.isIdle
                if isActive { active.insert(bot) }
                // One that falls silent says so once: its last figures must not stay.
                if isActive || formerlyActive.contains(bot) { slice.append(figures) }
            }
        } while isRunning && MonotonicClock.microseconds < end
        board.add(slice)
        return isRunning
    }
}

/// What live figures say besides those of the window.
struct LiveState {
    var plan: QueryPlan
    var stamp: AnswerStamp
    var eventsDropped: UInt64
    var publishers: Int

    func figures(
        of bot: UInt32?,
        _ window: RealtimeWindow,
        _ names: AnswerNames
    ) -> LiveFigures {
        LiveFigures(
            bot: bot.map { names.bots[Int($0)].identity },
            snapshot: window.snapshot(
                bot: bot,
                channel: nil,
                windowMinutes: plan.windowMinutes
            ),
            plan: plan,
            stamp: stamp,
            eventsDropped: eventsDropped,
            publishers: publishers
        )
    }
}
