internal import Foundation

/// Workload "W" as NDJSON, made faster than a daemon can take it.
///
/// Every live conversation keeps its line up to the timestamp ready made; an event copies it and
/// appends a timestamp and a role. Conversations alternate between user and assistant; after
/// their last message another one takes their place.
public struct LoadGenerator: Sendable {
    /// The workload's dimensions.
    public struct Settings: Sendable {
        /// The number of bots, each as likely.
        public var bots = 1_000
        /// The number of users.
        public var users = 200_000
        /// The exponent of the users' Zipf distribution.
        public var zipfExponent = 1.0
        /// The channels, each as likely.
        public var channels = ["web", "whatsapp", "telegram", "instagram"]
        /// How many conversations go on at a time.
        ///
        /// Events spread over a long time need few, or the gaps inside conversations exceed the
        /// session timeout.
        public var liveConversations = 20_000
        /// The messages of a conversation.
        public var messagesPerConversation = 10
        /// Whether timestamps are RFC 3339 in UTC rather than integer milliseconds.
        public var usesRFC3339 = false

        /// Makes the settings of workload "W".
        public init() {}
    }

    /// The dimensions.
    public let settings: Settings
    private var random: SeededGenerator
    private let identitySeed: UInt64
    /// The users' summed weights, rising to 1.
    private let cumulativeWeights: [Double]
    /// One line beginning per live conversation, each at a multiple of `stride`.
    private var beginnings: [UInt8]
    private var lengths: [Int]
    private var sentCounts: [Int]
    private var timestamp = TimestampText()

    private static let stride = 224
    private static let userEnding = Array(#","role":"user"}"#.utf8) + [10]
    private static let assistantEnding = Array(#","role":"assistant","response_ms":"#.utf8)

    /// Makes a generator.
    ///
    /// - Parameters:
    ///   - settings: The workload's dimensions; every number must be at least 1.
    ///   - seed: Equal seeds and settings give equal bytes.
    public init(settings: Settings = Settings(), seed: UInt64) {
        precondition(settings.liveConversations > 0 && settings.users > 0 && settings.bots > 0)
        self.settings = settings
        random = SeededGenerator(seed: seed)
        identitySeed = random.next()
        var sum = 0.0
        let sums = (1...settings.users).map { rank in
            sum += Self.power(Double(rank), -settings.zipfExponent)
            return sum
        }
        cumulativeWeights = sums.map { $0 / sum }
        let count = settings.liveConversations
        beginnings = [UInt8](repeating: 0, count: count * Self.stride)
        lengths = [Int](repeating: 0, count: count)
        sentCounts = [Int](repeating: 0, count: count)
        for slot in 0..<count { begin(slot) }
    }

    /// The identity of a bot, as lower-case text.
    ///
    /// - Parameter index: 0 up to the number of bots.
    /// - Returns: The UUID that the bot's events carry.
    public func botID(_ index: Int) -> String {
        var bytes: [UInt8] = []
        Self.appendIdentity(identitySeed, index, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The identity of a user, as lower-case text.
    ///
    /// - Parameter index: 0, the busiest, up to the number of users.
    /// - Returns: The UUID that the user's events carry.
    public func userID(_ index: Int) -> String {
        var bytes: [UInt8] = []
        Self.appendIdentity(~identitySeed, index, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends events to a buffer, one line each.
    ///
    /// - Parameters:
    ///   - buffer: Where the lines go; its capacity is kept by `removeAll(keepingCapacity:)`.
    ///   - count: The number of events.
    ///   - start: The first event's time, in milliseconds since 1970.
    ///   - stepMicroseconds: How much later each next event is.
    ///   - spreadMilliseconds: Each event is up to so much earlier than its turn.
    /// - Complexity: O(count), some 100 ns an event.
    public mutating func fill(
        _ buffer: inout [UInt8],
        count: Int,
        startMilliseconds start: Int64,
        stepMicroseconds: Int64 = 0,
        spreadMilliseconds: Int64 = 0
    ) {
        let spread = Int(spreadMilliseconds)
        for index in 0..<count {
            var time = start + Int64(index) * stepMicroseconds / 1_000
            if spread > 0 { time -= Int64(random.below(spread + 1)) }
            let slot = random.below(lengths.count)
            let beginning = slot * Self.stride
            buffer.append(contentsOf: beginnings[beginning..<beginning + lengths[slot]])
            if settings.usesRFC3339 {
                timestamp.appendRFC3339(time, to: &buffer)
            } else {
                timestamp.appendMilliseconds(time, to: &buffer)
            }
            if sentCounts[slot] % 2 == 0 {
                buffer.append(contentsOf: Self.userEnding)
            } else {
                appendAssistantEnding(to: &buffer)
            }
            sentCounts[slot] += 1
            if sentCounts[slot] == settings.messagesPerConversation { begin(slot) }
        }
    }

    /// Makes a batch of events of one instant.
    ///
    /// - Parameters:
    ///   - count: The number of events.
    ///   - nowMilliseconds: The events' time, in milliseconds since 1970.
    ///   - spreadMilliseconds: Each event is up to so much earlier.
    /// - Returns: `count` lines of NDJSON.
    public mutating func nextBatch(
        count: Int,
        nowMilliseconds: Int64,
        spreadMilliseconds: Int64 = 0
    ) -> [UInt8] {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(count * 280)
        fill(
            &buffer,
            count: count,
            startMilliseconds: nowMilliseconds,
            spreadMilliseconds: spreadMilliseconds
        )
        return buffer
    }

    /// Lets a new conversation take a slot.
    private mutating func begin(_ slot: Int) {
        var line: [UInt8] = []
        line.reserveCapacity(Self.stride)
        line.append(contentsOf: #"{"type":"message","bot_id":""#.utf8)
        Self.appendIdentity(identitySeed, random.below(settings.bots), to: &line)
        line.append(contentsOf: #"","user_id":""#.utf8)
        Self.appendIdentity(~identitySeed, pickUser(), to: &line)
        line.append(contentsOf: #"","session_id":""#.utf8)
        SeededGenerator.appendUUID(high: random.next(), low: random.next(), to: &line)
        line.append(contentsOf: #"","channel":""#.utf8)
        line.append(contentsOf: random.pick(settings.channels).utf8)
        line.append(contentsOf: #"","timestamp":"#.utf8)
        precondition(line.count <= Self.stride, "a channel's name is at most 32 bytes")
        let beginning = slot * Self.stride
        beginnings.replaceSubrange(beginning..<beginning + line.count, with: line)
        lengths[slot] = line.count
        sentCounts[slot] = 0
    }

    /// A user by the Zipf distribution: the first whose summed weight exceeds a random number.
    private mutating func pickUser() -> Int {
        let wanted = Double(random.next() >> 11) * 0x1p-53
        var low = 0
        var high = cumulativeWeights.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulativeWeights[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// 100…9,999 milliseconds of work.
    private mutating func appendAssistantEnding(to buffer: inout [UInt8]) {
        buffer.append(contentsOf: Self.assistantEnding)
        let milliseconds = 100 + random.below(9_900)
        if milliseconds >= 1_000 { buffer.append(UInt8(48 + milliseconds / 1_000)) }
        buffer.append(UInt8(48 + milliseconds / 100 % 10))
        buffer.append(UInt8(48 + milliseconds / 10 % 10))
        buffer.append(UInt8(48 + milliseconds % 10))
        buffer.append(UInt8(ascii: "}"))
        buffer.append(10)
    }

    private static func appendIdentity(_ seed: UInt64, _ index: Int, to bytes: inout [UInt8]) {
        var state = seed &+ UInt64(index) &* 0xD134_2543_DE82_EF95
        let high = SeededGenerator.splitMix(&state)
        let low = SeededGenerator.splitMix(&state)
        SeededGenerator.appendUUID(high: high, low: low, to: &bytes)
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double {
        exponent == -1 ? 1 / base : pow(base, exponent)
    }
}
