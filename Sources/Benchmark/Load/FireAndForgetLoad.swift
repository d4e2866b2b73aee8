internal import Foundation
internal import ZeroMQ

/// One event per message through a PUB socket, at a given rate.
final class FireAndForgetLoad {
    /// How many messages wait for a daemon that is busy for a moment: at 300,000 a second a
    /// third of a second's.
    static let queueCount = 100_000

    private let socket: Socket
    private let source: EventSource
    private let headerBeginning: [UInt8]
    private var header: [UInt8] = []
    private var sequence = 0
    private static let topic = Array("events".utf8)
    /// How many events are made at a time.
    private static let chunkCount = 250

    /// Connects, and gives the connection time to stand.
    init(context: Context, endpoint: String, producer: String, source: EventSource) throws {
        socket = try Socket(
            context: context,
            type: .pub,
            options: [.sendHighWaterMark(Self.queueCount), .linger(.seconds(10))]
        )
        headerBeginning = Array(#"{"producer":"\#(producer)","seq":"#.utf8)
        self.source = source
        try socket.connect(endpoint)
        // A PUB socket drops what it is given before the subscription has arrived, and nothing
        // tells when it has.
        Thread.sleep(forTimeInterval: 0.5)
    }

    /// Sends events.
    ///
    /// - Parameters:
    ///   - rate: How many a second.
    ///   - seconds: For how long.
    /// - Returns: How many were sent in how many seconds.
    /// - Throws: A `ZeroMQError`; what is dropped is no error.
    func send(rate: Int, seconds: Int) throws -> (count: Int, seconds: Double) {
        let total = rate * seconds
        var body: [UInt8] = []
        var sent = 0
        let began = ContinuousClock.now
        while sent < total {
            let due = Int((ContinuousClock.now - began).inSeconds * Double(rate))
            guard due >= sent + Self.chunkCount || due >= total else {
                Thread.sleep(forTimeInterval: 0.000_2)
                continue
            }
            source.fill(&body, count: Self.chunkCount)
            try sendLines(body)
            sent += Self.chunkCount
        }
        return (sent, (ContinuousClock.now - began).inSeconds)
    }

    private func sendLines(_ lines: [UInt8]) throws {
        let span = lines.span
        var start = 0
        for index in 0..<span.count where span[index] == 10 {
            sequence += 1
            header.removeAll(keepingCapacity: true)
            header.append(contentsOf: headerBeginning)
            IngestConnection.append(sequence, to: &header)
            header.append(UInt8(ascii: "}"))
            _ = try socket.send(Self.topic, more: true)
            _ = try socket.send(header, more: true)
            _ = try socket.send(span.extracting(start...index).bytes)
            start = index + 1
        }
    }
}
