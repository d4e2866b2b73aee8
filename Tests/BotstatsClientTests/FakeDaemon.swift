import BotstatsClient
import JSON

/// A daemon's ingest socket reduced to what its promise says, for one producer's session.
///
/// Tests choose what becomes of each message; time is a number they advance.
struct FakeDaemon {
    var producer = "p"
    var store = "store-a"
    var incarnation: Int64 = 1
    /// The stored epoch, or nil while the producer is unknown.
    var epoch: Int64?
    var committed: Int64 = 0
    var checkpoint: String?
    var limits = PublisherLimits(
        windowBatchCount: 4,
        windowByteCount: 1_000,
        batchByteCount: 400,
        batchEventCount: 100
    )
    /// Every line that was counted, by epoch and number: the thing that must be right.
    var counted: [String: [String]] = [:]
    var hasGreeting = false
    /// Events accepted earlier that the next acknowledgement reports.
    var delayedAccepted: Int64 = 0

    /// What the daemon answers to a message.
    mutating func answer(_ frames: [[UInt8]]) throws -> [[UInt8]] {
        let header = try JSONValue(parsing: frames[1])
        switch String(decoding: frames[0], as: UTF8.self) {
        case "HELLO": return welcome(header)
        case "EVENTS": return take(header, body: frames[2])
        case "PING": return [Array("PONG".utf8)]
        default: return nack(["code": "malformed"])
        }
    }

    mutating func welcome(_ header: JSONValue) -> [[UInt8]] {
        if let asked = header["epoch"]?.integerValue {
            guard asked == epoch else {
                var refusal: [JSONValue.Member] = [.init(name: "code", value: "unknown_epoch")]
                if let epoch { refusal.append(.init(name: "epoch", value: .integer(epoch))) }
                return nack(.object(refusal))
            }
        } else {
            epoch = (epoch ?? 0) + 1
            committed = 0
            checkpoint = nil
        }
        hasGreeting = true
        return [Array("WELCOME".utf8), welcomeHeader.serializedBytes()]
    }

    var welcomeHeader: JSONValue {
        [
            "store": .string(store), "incarnation": .integer(incarnation),
            "epoch": .integer(epoch ?? 0), "committed_seq": .integer(committed),
            "window_batches": .integer(Int64(limits.windowBatchCount)),
            "window_bytes": .integer(Int64(limits.windowByteCount)),
            "max_batch_bytes": .integer(Int64(limits.batchByteCount)),
            "max_batch_events": .integer(Int64(limits.batchEventCount)),
            "checkpoint": checkpoint.map(JSONValue.string) ?? .null,
        ]
    }

    mutating func take(_ header: JSONValue, body: [UInt8]) -> [[UInt8]] {
        let first = header["first_seq"]?.integerValue ?? 0
        let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        guard hasGreeting else { return refuse(header, code: "hello_required") }
        guard header["epoch"]?.integerValue == epoch else {
            return refuse(header, code: "unknown_epoch")
        }
        guard header["count"] == .integer(Int64(lines.count)) else {
            return refuse(header, code: "malformed")
        }
        guard body.count <= limits.batchByteCount else { return refuse(header, code: "too_large") }
        guard first <= committed + 1 else { return refuse(header, code: "sequence_gap") }
        let new = lines.dropFirst(Int(committed + 1 - first))
        var rejections: [JSONValue] = []
        for line in new {
            committed += 1
            guard line.hasPrefix("bad") || line.isEmpty else {
                counted["\(store)/\(epoch ?? 0)", default: []].append(line)
                continue
            }
            rejections.append(["seq": .integer(committed), "code": "invalid_json"])
        }
        if !new.isEmpty { checkpoint = header["checkpoint"]?.stringValue }
        return acknowledge(accepted: new.count - rejections.count, rejections)
    }

    func acknowledge(accepted: Int, _ rejections: [JSONValue] = []) -> [[UInt8]] {
        let header: JSONValue = [
            "producer": .string(producer), "epoch": .integer(epoch ?? 0),
            "committed_seq": .integer(committed),
            "accepted": .integer(Int64(accepted) + delayedAccepted),
            "rejected": .integer(Int64(rejections.count)),
            "rejections": .array(rejections),
        ]
        return [Array("ACK".utf8), header.serializedBytes()]
    }

    /// A NACK for an EVENTS.
    func refuse(_ header: JSONValue, code: String, with extra: [JSONValue.Member] = []) -> [[UInt8]]
    {
        nack(
            .object(
                [
                    .init(name: "producer", value: .string(producer)),
                    .init(name: "epoch", value: header["epoch"] ?? .null),
                    .init(name: "first_seq", value: header["first_seq"] ?? .null),
                    .init(name: "expected_seq", value: .integer(committed + 1)),
                    .init(name: "code", value: .string(code)),
                ] + extra
            )
        )
    }

    func nack(_ header: JSONValue) -> [[UInt8]] {
        [Array("NACK".utf8), header.serializedBytes()]
    }

    /// All lines counted, whatever store and epoch they were counted in.
    var allCounted: [String] { counted.values.joined().sorted() }
}

/// A session and a fake daemon with a wire between them that a test can cut.
struct Conversation {
    var session: PublisherSession
    var daemon = FakeDaemon()
    var now: Duration = .zero
    /// Messages sent and not yet read by the daemon.
    var toDaemon: [[[UInt8]]] = []
    var connectionCount = 0
    var notices: [PublisherNotice] = []

    init(
        _ epoch: PublisherConfiguration.Epoch = .new,
        mayRenumber: Bool = true,
        patience: Duration? = nil
    ) {
        var configuration = PublisherConfiguration(producer: "p", epoch: epoch)
        configuration.mayRenumber = mayRenumber
        configuration.patience = patience
        session = PublisherSession(configuration: configuration)
    }

    /// Performs the session's actions until it has none.
    mutating func act() throws {
        while let action = try session.nextAction(at: now) {
            switch action {
            case .connect:
                connectionCount += 1
                toDaemon = []
                daemon.hasGreeting = false
            case .send(let frames): toDaemon.append(frames)
            }
        }
        notices += session.takeNotices()
    }

    /// Lets the daemon read everything; its answers reach the session unless they are lost.
    mutating func exchange(losingAnswers: Bool = false) throws {
        try act()
        while !toDaemon.isEmpty {
            let answer = try daemon.answer(toDaemon.removeFirst())
            if !losingAnswers { session.receive(answer, at: now) }
            try act()
        }
    }

    mutating func append(_ lines: String..., checkpoint: String? = nil) {
        session.append(
            body: Array(lines.map { $0 + "\n" }.joined().utf8),
            count: lines.count,
            checkpoint: checkpoint,
            at: now
        )
    }

    mutating func deliver(_ frames: [[UInt8]]) throws {
        session.receive(frames, at: now)
        try act()
    }

    /// The header of the oldest message the daemon has not read.
    func header(_ index: Int = 0) throws -> JSONValue { try JSONValue(parsing: toDaemon[index][1]) }

    var commands: [String] { toDaemon.map { String(decoding: $0[0], as: UTF8.self) } }

    /// The first numbers of the batches the daemon has not read.
    var firstSequences: [Int64] {
        toDaemon.compactMap { try? JSONValue(parsing: $0[1])["first_seq"]?.integerValue }
    }
}
