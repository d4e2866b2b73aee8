internal import Core
internal import JSON
internal import ZeroMQ

/// The live socket's thread: follows subscriptions, sends the figures of each second.
struct LiveLoop: ~Copyable {
    /// How often figures are looked for while anybody wants some.
    private static let tick = Duration.milliseconds(20)
    /// Messages handled between two looks at the orders.
    private static let messagesMaximum = 512

    private var publisher: Socket
    private let orders: LoopOrders
    private let board: LiveBoard
    private var subscriptions = LiveSubscriptions()
    private var admitted: AdmittedKeys

    init(
        board: LiveBoard,
        door: CurveDoor?,
        publisher: consuming Socket,
        orders: consuming LoopOrders
    ) {
        self.board = board
        admitted = AdmittedKeys(door)
        self.publisher = publisher
        self.orders = orders
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        var isBusy = false
        while true {
            let isWanted = !board.wish.isEmpty
            let timeout = isBusy ? .zero : isWanted ? Self.tick : nil
            let ready = try Poller.poll(publisher, orders.control, timeout: timeout)
            if ready.contains(.second) {
                switch try orders.next() {
                case .stop: return
                case .shed: shed()
                case nil: break
                }
            }
            if admitted.haveLostOne() { closeConnections() }
            if ready.contains(.first) { try followSubscriptions() }
            isBusy = try sendSome()
        }
    }

    private mutating func followSubscriptions() throws(ZeroMQError) {
        for _ in 0..<Self.messagesMaximum {
            guard let parts = try publisher.receiveMultipart(wait: false) else { break }
            if parts.count == 1 { subscriptions.follow(parts[0]) }
        }
        board.wish = subscriptions.wish
    }

    /// Sends what waits; returns whether there may be more.
    private mutating func sendSome() throws(ZeroMQError) -> Bool {
        let taken = board.take(Self.messagesMaximum)
        for figures in taken { try send(figures) }
        return taken.count == Self.messagesMaximum
    }

    private func send(_ figures: LiveFigures) throws(ZeroMQError) {
        let content = Self.content(figures).serializedBytes()
        guard let bot = figures.bot else {
            let wish = board.wish
            if wish.total { try send(LiveTopic.total, content) }
            if wish.totalAlone { try send(LiveTopic.totalAlone, content) }
            return
        }
        try send(LiveTopic.bot(bot), content)
    }

    /// A subscriber that does not keep up loses messages; nobody waits for it.
    private func send(_ topic: [UInt8], _ content: [UInt8]) throws(ZeroMQError) {
        _ = try publisher.sendMultipart([topic, content], wait: false)
    }

    /// The answer to `realtime` at that second.
    private static func content(_ figures: LiveFigures) -> JSONValue {
        RealtimeAnswer.figures(
            figures.snapshot,
            eventsDropped: figures.eventsDropped,
            publishers: figures.publishers,
            calendar: figures.plan.calendar
        )
        .withMeta(figures.plan.meta(figures.stamp))
    }

    private mutating func shed() {
        closeConnections()
        orders.finishShedding()
    }

    /// Closes every connection; subscribers connect again and subscribe again by themselves.
    private mutating func closeConnections() {
        orders.reopen(&publisher, Sockets.live)
        subscriptions = LiveSubscriptions()
        board.wish = LiveWish()
    }
}

extension JSONValue {
    /// The members of an answer with `meta` behind them.
    func withMeta(_ meta: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members.append(JSONValue.Member(name: "meta", value: meta))
        return .object(members)
    }
}

/// The keys that may be connected, as far as their removal is followed.
///
/// A key is asked for when a connection is made. Whoever only listens sends nothing that could be
/// refused later, and a connection cannot be told from the others: all are closed, and those whose
/// key is gone do not come back.
private struct AdmittedKeys {
    private let door: CurveDoor?
    private var version: Int
    private var keys: Set<String>

    init(_ door: CurveDoor?) {
        self.door = door
        version = door?.version ?? 0
        keys = Set((door?.byKey ?? [:]).keys)
    }

    /// Whether a key has been removed since the last call.
    mutating func haveLostOne() -> Bool {
        guard let door, door.version != version else { return false }
        version = door.version
        let former = keys
        keys = Set(door.byKey.keys)
        return !former.isSubset(of: keys)
    }
}
