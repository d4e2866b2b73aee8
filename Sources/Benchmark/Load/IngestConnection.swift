internal import JSON
internal import ZeroMQ

/// Producers on one DEALER socket, without what a real publisher has for bad times.
///
/// It costs so little that single events can be sent fast; a NACK ends it.
final class IngestConnection {
    private struct Producer {
        let headerBeginning: [UInt8]
        var committed = 0
        var next = 1
        /// When the batches without an ACK were sent, and their last numbers.
        var underWay: [(last: Int, sent: ContinuousClock.Instant)] = []
    }

    /// How many events are acknowledged as accepted.
    private(set) var acceptedCount = 0
    /// How many events were sent.
    private(set) var sentCount = 0
    /// From the sending of each batch to its ACK.
    var latencies = LatencySample()

    private let socket: Socket
    private var producers: [Producer] = []
    private var places: [String: Int] = [:]
    private var windowBatches = 1
    private var message = Message()
    private var header: [UInt8] = []
    private static let events = Array("EVENTS".utf8)

    /// Connects and says HELLO for each producer.
    init(context: Context, endpoint: String, producers count: Int, name: String) throws {
        socket = try Socket(
            context: context,
            type: .dealer,
            options: [
                .linger(.zero), .sendHighWaterMark(0), .receiveTimeout(.seconds(30)),
                .reconnectInterval(minimum: .milliseconds(1), maximum: nil),
            ]
        )
        try socket.connect(endpoint)
        for number in 0..<count { try greet("\(name)-\(number)") }
    }

    /// How many producers there are.
    var producerCount: Int { producers.count }

    /// Whether a producer may send another batch.
    func hasRoom(_ producer: Int) -> Bool {
        producers[producer].underWay.count < windowBatches
    }

    /// Sends a batch.
    func send(_ body: [UInt8], count: Int, producer: Int) throws {
        let first = producers[producer].next
        header.removeAll(keepingCapacity: true)
        header.append(contentsOf: producers[producer].headerBeginning)
        Self.append(first, to: &header)
        header.append(contentsOf: #","count":"#.utf8)
        Self.append(count, to: &header)
        header.append(UInt8(ascii: "}"))
        producers[producer].next += count
        producers[producer].underWay.append((first + count - 1, ContinuousClock.now))
        _ = try socket.send(Self.events, more: true)
        _ = try socket.send(header, more: true)
        _ = try socket.send(body)
        sentCount += count
    }

    /// Takes the answers that have arrived.
    ///
    /// - Parameter milliseconds: How long to wait for the first.
    /// - Returns: Whether there was one.
    /// - Throws: ``IngestRefusal`` on a NACK.
    @discardableResult
    func receive(waitingMilliseconds milliseconds: Int) throws -> Bool {
        if milliseconds > 0 {
            let ready = try Poller.poll(socket, timeout: .milliseconds(milliseconds))
            if ready.isEmpty { return false }
        }
        var hasReceived = false
        while try socket.receive(into: &message, wait: false) {
            hasReceived = true
            let isAck = message.byteCount == 3
            _ = try socket.receive(into: &message)
            let text = message.copied()
            let header = try JSONValue(parsing: text)
            guard isAck else { throw IngestRefusal(header) }
            try settle(header)
        }
        return hasReceived
    }

    /// Waits until everything sent is acknowledged.
    func drain() throws {
        while producers.contains(where: { !$0.underWay.isEmpty }) {
            guard try receive(waitingMilliseconds: 30_000) else {
                throw BenchmarkFailure("no ACK for thirty seconds")
            }
        }
    }

    private func settle(_ ack: JSONValue) throws {
        guard let name = ack["producer"]?.stringValue, let place = places[name],
            let committed = ack["committed_seq"]?.integerValue,
            let accepted = ack["accepted"]?.integerValue, ack["rejected"]?.integerValue == 0
        else { throw BenchmarkFailure("an unexpected ACK: \(ack.serialized())") }
        let now = ContinuousClock.now
        acceptedCount += Int(accepted)
        producers[place].committed = Int(committed)
        let settled = producers[place].underWay.prefix { $0.last <= Int(committed) }
        for batch in settled { latencies.add(now - batch.sent) }
        producers[place].underWay.removeFirst(settled.count)
    }

    private func greet(_ name: String) throws {
        let hello: JSONValue = ["protocol": 1, "producer": .string(name)]
        _ = try socket.sendMultipart([Array("HELLO".utf8), hello.serializedBytes()])
        guard let answer = try socket.receiveMultipart() else {
            throw BenchmarkFailure("HELLO was not answered within thirty seconds")
        }
        guard answer.count == 2, answer[0] == Array("WELCOME".utf8) else {
            let text = answer.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            throw BenchmarkFailure("HELLO was answered with \(text)")
        }
        let welcome = try JSONValue(parsing: answer[1])
        guard let epoch = welcome["epoch"]?.integerValue,
            let window = welcome["window_batches"]?.integerValue
        else { throw BenchmarkFailure("a WELCOME without epoch or window") }
        windowBatches = Int(window)
        places[name] = producers.count
        let beginning = #"{"producer":"\#(name)","epoch":\#(epoch),"first_seq":"#
        producers.append(Producer(headerBeginning: Array(beginning.utf8)))
    }

    /// Appends a number's decimal digits.
    static func append(_ number: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(48 + number / divisor % 10))
            divisor /= 10
        }
    }
}

/// A NACK.
struct IngestRefusal: Error, CustomStringConvertible {
    private let header: JSONValue

    init(_ header: JSONValue) { self.header = header }

    /// Whether the store is as far behind as it may be.
    var isBusy: Bool { header["code"] == "busy" }

    var description: String { "refused: \(header.serialized())" }
}
