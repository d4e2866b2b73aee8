public import CEventDecoder
public import Core

/// Decodes NDJSON bodies into events, one result for each line.
///
/// It owns the C++ decoder and one output buffer that is used again for every body, so that
/// decoding allocates nothing in the long run. Use it on one thread; it is not `Sendable`.
public final class EventDecoder {
    /// The most lines a body may have.
    public let capacity: Int
    /// The number of lines of the body decoded last; 0 after one with too many.
    public private(set) var count = 0

    private let decoder: OpaquePointer
    private let events: UnsafeMutablePointer<botstats_event>

    /// Makes a decoder.
    ///
    /// - Parameter capacity: The most lines a body may have, greater than zero. A line takes
    ///   104 bytes, of memory that is only touched where a body fills it.
    public init(capacity: Int = Limits.batchEventsMaximum) {
        precondition(capacity > 0, "a body has at least one line")
        guard let decoder = botstats_decoder_create() else { fatalError("out of memory") }
        self.decoder = decoder
        self.capacity = capacity
        events = .allocate(capacity: capacity)
    }

    deinit {
        events.deallocate()
        botstats_decoder_destroy(decoder)
    }

    /// Decodes a body; ``subscript(_:)`` then gives its lines.
    ///
    /// A blank line is a line, and rejected; a newline at the body's end begins no further one.
    ///
    /// - Parameter body: The body. It needs no padding and is not kept.
    /// - Returns: The number of lines, or nil when there are more than ``capacity``.
    /// - Complexity: O(bytes), about 0.17 µs for an event of 250 bytes.
    @discardableResult
    public func decode(_ body: UnsafeRawBufferPointer) -> Int? {
        let result = botstats_decode(
            decoder,
            body.bindMemory(to: UInt8.self).baseAddress,
            body.count,
            events,
            capacity
        )
        if result == -2 { fatalError("out of memory") }
        count = max(0, Int(result))
        return result < 0 ? nil : count
    }

    /// Decodes a body; ``subscript(_:)`` then gives its lines.
    ///
    /// - Parameter body: The body. It needs no padding and is not kept.
    /// - Returns: The number of lines, or nil when there are more than ``capacity``.
    /// - Complexity: O(bytes), about 0.17 µs for an event of 250 bytes.
    @discardableResult
    public func decode(_ body: RawSpan) -> Int? {
        body.withUnsafeBytes { decode($0) }
    }

    /// The bot, session and user of a line of the body decoded last; zero where it is rejected.
    ///
    /// - Parameter index: The line's number, from 0.
    /// - Returns: Their identities.
    public func identities(
        of index: Int
    ) -> (bot: UUID128, session: UUID128, user: UUID128) {
        precondition(index >= 0 && index < count, "a line of the body decoded last")
        return (
            UUID128(high: events[index].bot_high, low: events[index].bot_low),
            UUID128(high: events[index].session_high, low: events[index].session_low),
            UUID128(high: events[index].user_high, low: events[index].user_low)
        )
    }

    /// One line of the body decoded last.
    ///
    /// - Parameter index: The line's number, from 0.
    public subscript(index: Int) -> botstats_event {
        precondition(index >= 0 && index < count, "a line of the body decoded last")
        return events[index]
    }
}

extension botstats_event {
    /// The event's own time.
    ///
    /// Its range is not checked by the decoder.
    public var timestamp: UnixMilliseconds { timestamp_ms }

    /// Why the line is rejected, or nil when it is an event.
    public var rejection: Rejection? {
        guard code != 0 else { return nil }
        guard let code = RejectionCode(rawValue: code) else {
            preconditionFailure("the decoder gives only codes of RejectionCode")
        }
        return Rejection(code: code, field: EventField(rawValue: field))
    }
}

extension Event {
    /// Makes an event of an accepted line.
    ///
    /// - Parameter line: A decoded line that is not rejected.
    public init(_ line: botstats_event) {
        precondition(line.code == 0, "a rejected line is no event")
        guard let kind = EventKind(rawValue: line.kind) else {
            preconditionFailure("the decoder gives only kinds of EventKind")
        }
        let isConfirmed = line.flags & UInt8(BOTSTATS_CONFIRMED) != 0
        let channel = line.channel
        self.init(
            kind: kind,
            detail: isConfirmed ? 1 : line.rating,
            hasUser: line.flags & UInt8(BOTSTATS_HAS_USER) != 0,
            timestamp: line.timestamp_ms,
            bot: UUID128(high: line.bot_high, low: line.bot_low),
            user: UUID128(high: line.user_high, low: line.user_low),
            session: UUID128(high: line.session_high, low: line.session_low),
            channel: ChannelToken(words: [channel.0, channel.1, channel.2, channel.3]),
            responseMilliseconds: line.response_ms,
            tokens: line.tokens
        )
    }
}
