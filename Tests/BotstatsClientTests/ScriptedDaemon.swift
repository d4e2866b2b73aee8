import Foundation
import JSON
import Synchronization

@testable import BotstatsClient

/// A daemon behind a real ROUTER socket whose misbehaviour a test writes down.
///
/// It runs on a thread of its own, which makes the socket, uses it and closes it.
final class ScriptedDaemon: Sendable {
    /// What becomes of one EVENTS message.
    enum Step: Sendable {
        /// It is read and answered.
        case answer
        /// It is lost on its way.
        case lose
        /// It is read and its answer is lost.
        case loseAnswer
        /// It is read, and the next message's answer covers it too.
        case delayAnswer
        /// It is refused with this code, to be repeated after a millisecond.
        case refuse(String)
        /// The daemon forgets all connections first, as after a restart.
        case forgetConnections
        /// It is answered, and what is stored then is the backup.
        case backUp
        /// The backup is restored first; without one the store is a new one.
        case restore
    }

    /// What the daemon's thread and the test share.
    struct State: Sendable {
        var producers: [String: FakeDaemon] = [:]
        var script: [Step] = []
        /// What a restore brings back.
        var backup: FakeDaemon?
        /// Producers' current connections.
        var owners: [String: [UInt8]] = [:]
        /// How many events were accepted by delayed answers.
        var delayedAcceptedCount: Int64 = 0
        var greetingCount = 0
        var eventsCount = 0
        var limits = FakeDaemon().limits
        /// Answers queries.
        var answerQuery: @Sendable (JSONValue, String?) -> [UInt8]? = { _, _ in nil }
        var isStopped = false
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        let endpoint = Mutex<String?>(nil)
        let isBound = DispatchSemaphore(value: 0)
        let isFinished = DispatchSemaphore(value: 0)

        init(_ state: State) { self.state = Mutex(state) }
    }

    let endpoint: String
    private let shared: Shared

    init(_ script: [Step] = [], prepare: (inout State) -> Void = { _ in }) throws {
        var state = State()
        state.script = script
        prepare(&state)
        let shared = Shared(state)
        self.shared = shared
        Thread.detachNewThread {
            do { try Self.serve(shared) } catch { print("scripted daemon: \(error)") }
            shared.isBound.signal()
            shared.isFinished.signal()
        }
        shared.isBound.wait()
        endpoint = try shared.endpoint.withLock { endpoint in
            guard let endpoint else { throw ConnectionError(reason: "it could not be bound") }
            return endpoint
        }
    }

    deinit {
        shared.state.withLock { $0.isStopped = true }
        shared.isFinished.wait()
    }

    /// Reads or changes what the daemon has.
    func withState<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
        shared.state.withLock { body(&$0) }
    }

    /// The lines counted for a producer, in order of their numbers.
    func counted(_ producer: String) -> [String] {
        withState { state in
            guard let daemon = state.producers[producer], let epoch = daemon.epoch else {
                return []
            }
            return daemon.counted["\(daemon.store)/\(epoch)"] ?? []
        }
    }

    private static func serve(_ shared: Shared) throws {
        let socket = try TestRouterSocket()
        shared.endpoint.withLock { $0 = socket.endpoint }
        shared.isBound.signal()
        while !shared.state.withLock({ $0.isStopped }) {
            guard let message = try socket.receive(waitingMilliseconds: 10) else { continue }
            let identity = message[0]
            let answer = try shared.state.withLock { state in
                try state.answer(Array(message.dropFirst()), from: identity)
            }
            if let answer { try socket.send([identity] + answer) }
        }
    }
}

extension ScriptedDaemon.State {
    fileprivate mutating func answer(
        _ frames: [[UInt8]],
        from identity: [UInt8]
    ) throws -> [[UInt8]]? {
        let command = String(decoding: frames[0], as: UTF8.self)
        guard ["HELLO", "EVENTS", "PING"].contains(command) else {
            let credential = frames.count > 1 ? String(decoding: frames[1], as: UTF8.self) : nil
            return try answerQuery(JSONValue(parsing: frames[0]), credential).map { [$0] }
        }
        let header = try JSONValue(parsing: frames[1])
        let name = header["producer"]?.stringValue ?? ""
        var producer = producers[name] ?? FakeDaemon()
        defer { producers[name] = producer }
        producer.producer = name
        producer.limits = limits
        if command == "HELLO" {
            owners[name] = identity
            greetingCount += 1
        }
        guard command == "EVENTS" else { return try producer.answer(frames) }
        producer.hasGreeting = owners[name] == identity
        return try answerEvents(frames, header, &producer)
    }

    private mutating func answerEvents(
        _ frames: [[UInt8]],
        _ header: JSONValue,
        _ producer: inout FakeDaemon
    ) throws -> [[UInt8]]? {
        eventsCount += 1
        switch script.isEmpty ? .answer : script.removeFirst() {
        case .answer: return try producer.answer(frames, adding: &delayedAcceptedCount)
        case .lose: return nil
        case .loseAnswer:
            _ = try producer.answer(frames)
            return nil
        case .delayAnswer:
            let before = producer.committed
            _ = try producer.answer(frames)
            delayedAcceptedCount += producer.committed - before
            return nil
        case .refuse(let code):
            let wait = JSONValue.Member(name: "retry_after_ms", value: 1)
            return producer.refuse(header, code: code, with: [wait])
        case .backUp:
            defer { backup = producer }
            return try producer.answer(frames, adding: &delayedAcceptedCount)
        case .restore:
            let old = producer
            producer = backup ?? FakeDaemon(producer: old.producer, store: "store-b")
            producer.limits = old.limits
            producer.incarnation += 1
            owners = [:]
            return try producer.answer(frames)
        case .forgetConnections:
            owners = [:]
            producer.hasGreeting = false
            return try producer.answer(frames)
        }
    }
}

extension FakeDaemon {
    /// The answer to a message, which also covers events whose answer was delayed.
    fileprivate mutating func answer(
        _ frames: [[UInt8]],
        adding delayed: inout Int64
    ) throws -> [[UInt8]] {
        delayedAccepted = delayed
        delayed = 0
        defer { delayedAccepted = 0 }
        return try answer(frames)
    }
}
