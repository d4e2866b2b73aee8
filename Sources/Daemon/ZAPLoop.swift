internal import Access
internal import JSON
internal import ZeroMQ
internal import OperatorLog

/// Says whose key may connect, on one thread: the handler of ZeroMQ's authentication protocol
/// (RFC 27).
///
/// ZeroMQ asks it during each handshake, on whatever socket. Messages do not pass here, so that
/// nothing waits for it but the peer that wants to connect.
struct ZAPLoop: ~Copyable {
    /// The property of a connection's messages that holds its peer's public key.
    static let userProperty = "User-Id"

    /// How often the clients' files are looked at while nobody connects.
    private static let tick = Duration.seconds(1)
    private static let version = Array("1.0".utf8)
    private static let keyByteCount = 32

    /// What the peer is told: a status and, here, a reason.
    private enum Verdict {
        case admitted(key: String)
        case unknown(reason: String)
        case malformed(reason: String)
    }

    private let door: CurveDoor
    private let board: IngestBoard
    private let requests: Socket
    private let control: Socket
    private var lines: RefusalLines

    init(
        door: CurveDoor,
        board: IngestBoard,
        log: Log,
        requests: consuming Socket,
        control: consuming Socket
    ) {
        self.door = door
        self.board = board
        self.requests = requests
        self.control = control
        lines = RefusalLines(log)
        follow()
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        while true {
            let ready = try Poller.poll(requests, control, timeout: Self.tick)
            if ready.contains(.second) { return }
            follow()
            // A bound, so that a flood of connections does not keep the loop from stopping.
            for _ in 0..<64 {
                guard let frames = try requests.receiveMultipart(wait: false) else { break }
                follow()
                _ = try requests.sendMultipart(answer(frames))
            }
        }
    }

    private func follow() {
        for failure in door.follow() { lines.log.error(failure.description) }
    }

    /// Answers a request: version, request id, domain, address, routing id, mechanism,
    /// credentials.
    private mutating func answer(_ frames: [[UInt8]]) -> [[UInt8]] {
        let (status, reason, user): (String, String, String)
        switch decide(frames) {
        case .admitted(let key): (status, reason, user) = ("200", "OK", key)
        case .unknown(let why): (status, reason, user) = ("400", why, "")
        case .malformed(let why): (status, reason, user) = ("500", why, "")
        }
        if status != "200" {
            board.update { $0.refusedConnections += 1 }
            lines.add(socket: Self.text(frames, 2), peer: Self.text(frames, 3), reason)
        }
        let id = frames.count > 1 ? frames[1] : []
        return [Self.version, id] + [status, reason, user, ""].map { Array($0.utf8) }
    }

    private func decide(_ frames: [[UInt8]]) -> Verdict {
        guard frames.count >= 6, frames[0] == Self.version else {
            return .malformed(reason: "the request is not one of ZAP 1.0")
        }
        guard Self.text(frames, 5) == "CURVE" else {
            return .unknown(reason: "it does not use CURVE")
        }
        guard frames.count == 7, let key = CurveKeyPair.text(ofKey: frames[6]) else {
            return .malformed(reason: "the request has no key of \(Self.keyByteCount) bytes")
        }
        guard door.admits(key) else {
            return .unknown(reason: "the key \(key) is not in --curve-clients-dir")
        }
        return .admitted(key: key)
    }

    private static func text(_ frames: [[UInt8]], _ index: Int) -> String {
        index < frames.count ? String(decoding: frames[index].prefix(100), as: UTF8.self) : ""
    }
}

/// Lines of the log about refused connections, bounded: anybody can make a connection.
private struct RefusalLines {
    private static let minute: Int64 = 60_000_000
    private static let countMaximum = 30

    let log: Log
    private var begun = MonotonicClock.microseconds
    private var count = 0

    init(_ log: Log) { self.log = log }

    mutating func add(socket: String, peer: String, _ reason: String) {
        let now = MonotonicClock.microseconds
        if now - begun >= Self.minute {
            let hidden = count - Self.countMaximum
            if hidden > 0 {
                log.audit(
                    "Refused \(hidden) more connections.",
                    ["connections": .integer(Int64(hidden))]
                )
            }
            (begun, count) = (now, 0)
        }
        count += 1
        guard count <= Self.countMaximum else { return }
        log.audit(
            "Refused a connection from \(LogText.quoted(peer)) to \(socket): \(reason).",
            [
                "peer": .string(peer), "socket": .string(socket), "reason": .string(reason),
            ]
        )
    }
}
