internal import JSON
internal import NIOCore
internal import Synchronization

/// Who listens to the live figures, and what each is sent.
///
/// Listeners with the same credential and parameters share a *feed*: the daemon is asked once for
/// all of them whether they may go on, and figures that no topic of the live socket has are asked for
/// once. Feeds of one topic share the subscription to it, and all of them the bytes of an event.
final class StreamHub: Sendable {
    /// What listeners have in common that share a feed.
    struct Key: Hashable, Sendable {
        let credential: String
        let parameters: [UInt8]
    }

    /// A listener's place.
    struct Seat: Sendable {
        let key: Key
        let number: Int
        let listener: StreamListener
    }

    /// What is counted.
    struct Figures: Sendable {
        var openCount = 0
        var eventCount = 0
        var droppedCount = 0
        var refusedCount = 0
    }

    private struct Feed {
        let inquiry: Inquiry
        /// The live socket's topic; nil where the daemon is asked each second.
        let topic: String?
        var listeners: [Int: StreamListener] = [:]
        var lastAsked: ContinuousClock.Instant
        var lastHeard: ContinuousClock.Instant
        var isAsking = false
    }

    private struct State {
        var feeds: [Key: Feed] = [:]
        var keys: [String: Set<Key>] = [:]
        var listenerCounts: [String: Int] = [:]
        var figures = Figures()
        var lastNumber = 0
        var isStopping = false
    }

    private let limits: StreamLimits
    private let subscriptions: LiveSubscriptions
    private let state = Mutex(State())

    init(limits: StreamLimits, subscriptions: LiveSubscriptions) {
        self.limits = limits
        self.subscriptions = subscriptions
    }

    /// What has been counted so far.
    var figures: Figures { state.withLock { $0.figures } }

    // MARK: - Coming and going

    /// Takes a listener in, whom the daemon has answered.
    ///
    /// - Parameters:
    ///   - listener: The listener.
    ///   - inquiry: The question that was answered; it is asked again.
    ///   - topic: Where its figures come from; nil where they have to be asked for.
    /// - Returns: Its place, to be given up by ``leave(_:)``.
    /// - Throws: An ``ErrorBody`` where there are too many.
    func join(
        _ listener: StreamListener,
        _ inquiry: Inquiry,
        topic: String?
    ) throws(ErrorBody) -> Seat {
        let key = Key(
            credential: inquiry.credential,
            parameters: inquiry.parameters.serializedBytes()
        )
        let result: Result<Seat, ErrorBody> = state.withLock { state in
            if let refusal = refusal(key, topic, state) {
                state.figures.refusedCount += 1
                return .failure(refusal)
            }
            let now = ContinuousClock.now
            state.lastNumber += 1
            state.figures.openCount += 1
            state.listenerCounts[key.credential, default: 0] += 1
            let new = Feed(inquiry: inquiry, topic: topic, lastAsked: now, lastHeard: now)
            state.feeds[key, default: new].listeners[state.lastNumber] = listener
            if let topic { state.keys[topic, default: []].insert(key) }
            return .success(Seat(key: key, number: state.lastNumber, listener: listener))
        }
        follow()
        return try result.get()
    }

    private func refusal(_ key: Key, _ topic: String?, _ state: State) -> ErrorBody? {
        if state.isStopping { return .stopping }
        if state.figures.openCount >= limits.listenerMaximum { return .tooManyStreams }
        if state.listenerCounts[key.credential] ?? 0 >= limits.credentialListenerMaximum {
            return .tooManyStreamsOfCredential(limits.credentialListenerMaximum)
        }
        let askedCount = state.feeds.values.count { $0.topic == nil }
        if topic == nil, state.feeds[key] == nil, askedCount >= limits.askedFeedMaximum {
            return .tooManyStreams
        }
        return nil
    }

    /// Gives a place up; a second time does nothing.
    func leave(_ seat: Seat) {
        state.withLock { Self.remove(seat.number, of: seat.key, &$0) }
        follow()
    }

    private static func remove(_ number: Int, of key: Key, _ state: inout State) {
        guard state.feeds[key]?.listeners.removeValue(forKey: number) != nil else { return }
        state.figures.openCount -= 1
        let count = state.listenerCounts[key.credential] ?? 1
        state.listenerCounts[key.credential] = count > 1 ? count - 1 : nil
        guard let feed = state.feeds[key], feed.listeners.isEmpty else { return }
        state.feeds[key] = nil
        guard let topic = feed.topic else { return }
        state.keys[topic]?.remove(key)
        if state.keys[topic]?.isEmpty == true { state.keys[topic] = nil }
    }

    /// Subscribes to what listeners want now.
    private func follow() { subscriptions.want { state.withLock { Set($0.keys.keys) } } }

    // MARK: - Events

    /// Passes a message of the live socket on.
    func deliver(_ content: [UInt8], on topic: String) {
        let event = StreamEvent(figures: content)
        let now = ContinuousClock.now
        let seats = state.withLock { state in
            var seats: [Seat] = []
            for key in state.keys[topic] ?? [] {
                state.feeds[key]?.lastHeard = now
                seats += Self.seats(of: key, state)
            }
            return seats
        }
        send(event, to: seats)
    }

    /// Sends everybody the comment that keeps connections up.
    func beat() {
        let seats = state.withLock { state in
            state.feeds.keys.flatMap { Self.seats(of: $0, state) }
        }
        send(.heartbeat, to: seats)
    }

    private static func seats(of key: Key, _ state: State) -> [Seat] {
        (state.feeds[key]?.listeners ?? [:]).map {
            Seat(key: key, number: $0.key, listener: $0.value)
        }
    }

    /// Sends an event, and lets those go who are too far behind.
    private func send(_ event: StreamEvent, to seats: [Seat]) {
        let slow = seats.filter { !$0.listener.send(event) }
        state.withLock { state in
            if event.id != nil { state.figures.eventCount += seats.count - slow.count }
            for seat in slow where state.feeds[seat.key]?.listeners[seat.number] != nil {
                state.figures.droppedCount += 1
                Self.remove(seat.number, of: seat.key, &state)
            }
        }
        for seat in slow { seat.listener.drop() }
        if !slow.isEmpty { follow() }
    }

    // MARK: - Questions

    /// The feeds for which the daemon is to be asked now.
    func due() -> [(key: Key, inquiry: Inquiry)] {
        let now = ContinuousClock.now
        return state.withLock { state in
            var due: [(Key, Inquiry)] = []
            for (key, feed) in state.feeds where !feed.isAsking {
                // Of an idle bot nothing comes; whether its listeners may listen is asked anyway.
                let isDue =
                    feed.topic == nil || now - feed.lastAsked >= limits.recheckInterval
                    || now - feed.lastHeard >= limits.silenceMaximum
                guard isDue else { continue }
                state.feeds[key]?.isAsking = true
                due.append((key, feed.inquiry))
            }
            return due
        }
    }

    /// Passes an answer on, or ends the feed that it refuses.
    func answered(_ outcome: Outcome, for key: Key) {
        let reply = Reply(outcome, isKept: false)
        let now = ContinuousClock.now
        let seats = state.withLock { state in
            state.feeds[key]?.isAsking = false
            state.feeds[key]?.lastAsked = now
            state.feeds[key]?.lastHeard = now
            return Self.seats(of: key, state)
        }
        switch reply.status {
        case 200: send(StreamEvent(figures: reply.body.readableBytesView), to: seats)
        // Whoever asks too often, or asks a daemon that is away, waits.
        case 429, 500...: break
        default: end(seats, StreamEvent(end: reply.body))
        }
    }

    private func end(_ seats: [Seat], _ event: StreamEvent) {
        for seat in seats { seat.listener.end(with: event) }
        state.withLock { state in
            for seat in seats { Self.remove(seat.number, of: seat.key, &state) }
        }
        follow()
    }

    /// Ends all streams and takes no more.
    func stop() {
        let seats = state.withLock { state in
            state.isStopping = true
            return state.feeds.keys.flatMap { Self.seats(of: $0, state) }
        }
        end(seats, StreamEvent(end: ByteBuffer(bytes: ErrorBody.stopping.bytes)))
    }
}
