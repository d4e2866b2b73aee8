internal import JSON
internal import Simulation

/// The messages of a hostile load: valid ones that cost the daemon the most memory, and garbage.
struct HostileMessages {
    private var random: SeededGenerator
    private var channelCount = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    // MARK: - Events

    /// Lines up to a size, each with a bot, user and session that were never named before, on one
    /// of more channels than there may be, at any time that is taken and some that are not.
    ///
    /// - Returns: The lines, and how many they are.
    mutating func newcomers(byteCount: Int) -> (body: [UInt8], count: Int) {
        var body: [UInt8] = []
        body.reserveCapacity(byteCount)
        var count = 0
        while count < 10_000 {
            let start = body.count
            body.append(contentsOf: #"{"type":"message","role":1,"bot_id":""#.utf8)
            appendIdentity(to: &body)
            body.append(contentsOf: #"","user_id":""#.utf8)
            appendIdentity(to: &body)
            body.append(contentsOf: #"","session_id":""#.utf8)
            appendIdentity(to: &body)
            body.append(contentsOf: #"","channel":"c"#.utf8)
            channelCount = (channelCount + 1) % 2_000
            IngestConnection.append(channelCount, to: &body)
            body.append(contentsOf: #"","timestamp":"#.utf8)
            IngestConnection.append(timestamp(), to: &body)
            body.append(contentsOf: "}\n".utf8)
            guard body.count <= byteCount else {
                body.removeLast(body.count - start)
                break
            }
            count += 1
        }
        return (body, count)
    }

    /// A third lies anywhere since 2000, a third ahead of now, a third just now.
    private mutating func timestamp() -> Int {
        let now = Int(EventSource.nowMilliseconds)
        switch random.next() % 3 {
        case 0: return Int.random(in: 946_684_800_000..<now, using: &random)
        case 1: return now + Int.random(in: 0..<600_000, using: &random)
        default: return now
        }
    }

    private mutating func appendIdentity(to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        var word = random.next()
        for place in 0..<36 {
            if place == 18 { word = random.next() }
            let isDash = place == 8 || place == 13 || place == 18 || place == 23
            bytes.append(isDash ? UInt8(ascii: "-") : digits[Int(word & 15)])
            if !isDash { word >>= 4 }
        }
    }

    // MARK: - Messages to the ingest socket

    /// HELLO with a name of 128 bytes and a header of 4 KiB.
    func hello(_ name: String) -> [[UInt8]] {
        var header = Array(#"{"protocol":1,"producer":"\#(name)","filler":""#.utf8)
        header.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: 4_094 - header.count))
        return [Array("HELLO".utf8), header + Array(#""}"#.utf8)]
    }

    /// The first EVENTS of an epoch, with a checkpoint of 256 bytes.
    func events(_ name: String, epoch: Int, _ body: [UInt8], count: Int) -> [[UInt8]] {
        let checkpoint = String(repeating: "c", count: 256)
        let header =
            #"{"producer":"\#(name)","epoch":\#(epoch),"first_seq":1,"count":\#(count),"#
            + #""checkpoint":"\#(checkpoint)"}"#
        return [Array("EVENTS".utf8), Array(header.utf8), body]
    }

    /// The longest name with a number.
    static func name(_ number: Int) -> String {
        let digits = String(number)
        return digits + String(repeating: "n", count: 128 - digits.count)
    }

    /// Frames that are no message, or one of the largest size.
    mutating func garbage() -> [[UInt8]] {
        let kind = random.next() % 64
        if kind == 0 {
            return [
                Array("EVENTS".utf8), Array("{}".utf8), [UInt8](repeating: 120, count: 8 << 20),
            ]
        }
        if kind < 16 { return [Array("PING".utf8), Array("{}".utf8)] }
        let byteCount = Int(random.next() % 65_536)
        let noise = [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: byteCount)
        if kind < 32 { return [noise] }
        if kind < 48 { return [Array("EVENTS".utf8), noise, noise] }
        return [Array("EVENTS".utf8)] + (0..<64).map { _ in Array(noise.prefix(1_024)) }
    }

    // MARK: - Queries

    /// As many requests as a batch may have, each with as many rows as an answer may.
    static var largestQuery: [[UInt8]] {
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "usage.daily", "params": ["days": 3_660],
        ]
        let text = "[" + Array(repeating: request.serialized(), count: 100).joined(separator: ",")
        return [Array((text + "]").utf8)]
    }
}
