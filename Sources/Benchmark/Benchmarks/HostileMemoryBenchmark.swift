internal import Foundation
internal import JSON
internal import Simulation
internal import Synchronization
internal import ZeroMQ

/// B10: the daemon's memory under hostile load; `protocol/limits.md` says what bounds it.
extension BenchmarkSession {
    /// All attacks together stay under a minute.
    private static let attackSecondsMaximum = 9

    /// What the daemon may use before it closes connections.
    private static let memoryLimit = "1G"

    /// Attacks one daemon in six ways, one after the other.
    func measureHostileMemory() throws {
        let daemon = try startEmpty("hostile", options: ["--memory-limit", Self.memoryLimit])
        defer { daemon.kill() }
        try attack(daemon, "every event a new bot, user, session and channel", newcomers)
        try attack(daemon, "100,000 producers with the longest names", producers)
        try attack(daemon, "garbage on 2,000 connections that read nothing", garbage)
        try attack(daemon, "fire and forget faster than it is taken", fireAndForget)
        try attack(daemon, "the largest queries, 50 connections that read nothing", queries)
        try attack(daemon, "a message that never ends", endlessMessage)
        let status = try daemon.status()
        let names = [
            "events_accepted", "messages_malformed", "events_dropped", "replies_undelivered",
            "connections_shed",
        ]
        let counts = names.map { "\($0) \(Figure.count(Int(status[$0]?.integerValue ?? 0)))" }
        table.note("B10: afterwards it answers: \(counts.joined(separator: ", ")).")
    }

    private typealias Attack = (DaemonProcess, ContinuousClock.Instant) throws -> Int

    private func attack(_ daemon: DaemonProcess, _ what: String, _ attack: Attack) throws {
        let peak = MemoryPeak(of: try daemon.identifier)
        let time = Duration.seconds(min(seconds, Self.attackSecondsMaximum))
        let watching = BackgroundTask { try peak.watch() }
        let outcome = Result { try attack(daemon, ContinuousClock.now + time) }
        let (resident, anonymous) = peak.stop()
        try watching.wait()
        let sent = try outcome.get()
        // A process that has ended and is not waited for yet has no memory.
        guard try daemon.statistics().residentBytes > 0 else {
            throw BenchmarkFailure("the daemon ended under this load: \(what)")
        }
        table.add(
            "B10",
            "peak memory: \(what)",
            target: "limit \(Self.memoryLimit)",
            measured: "\(Figure.mebibytes(resident)) RSS, \(Figure.mebibytes(anonymous)) of it"
                + " without file pages, \(Figure.count(sent)) messages"
        )
    }

    // MARK: - Attacks

    private func newcomers(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        var messages = HostileMessages(seed: seed)
        let load = try HostileLoad(.dealer, to: daemon.ingestEndpoint, count: 8, isReading: true)
        return try load.run(until: end) { connection, turn in
            // An epoch for each batch: numbers are right without an answer being read.
            let name = HostileMessages.name(connection)
            guard turn % 2 == 1 else { return messages.hello(name) }
            let (body, count) = messages.newcomers(byteCount: 1 << 20)
            return messages.events(name, epoch: turn / 2 + 1, body, count: count)
        }
    }

    private func producers(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        var messages = HostileMessages(seed: seed &+ 1)
        let load = try HostileLoad(.dealer, to: daemon.ingestEndpoint, count: 8, isReading: true)
        return try load.run(until: end) { connection, turn in
            let name = HostileMessages.name(1_000 + connection * 100_000 + turn / 2)
            guard turn % 2 == 1 else { return messages.hello(name) }
            let (body, count) = messages.newcomers(byteCount: 300)
            return messages.events(name, epoch: 1, body, count: count)
        }
    }

    private func garbage(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        var messages = HostileMessages(seed: seed &+ 2)
        let load = try HostileLoad(
            .dealer,
            to: daemon.ingestEndpoint,
            count: 2_000,
            isReading: false
        )
        // All say HELLO for one producer: each but the last is a former owner.
        return try load.run(until: end) { _, turn in
            turn == 0 ? messages.hello(HostileMessages.name(0)) : messages.garbage()
        }
    }

    private func fireAndForget(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        var messages = HostileMessages(seed: seed &+ 3)
        // Larger than a message may be by a topic and a header as large as the body.
        let body = messages.newcomers(byteCount: 64 << 10).body
        let load = try HostileLoad(.pub, to: daemon.eventsEndpoint, count: 4, isReading: false)
        return try load.run(until: end) { _, _ in [body, body, body] }
    }

    private func queries(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        let load = try HostileLoad(.dealer, to: daemon.queryEndpoint, count: 50, isReading: false)
        return try load.run(until: end) { _, _ in HostileMessages.largestQuery }
    }

    private func endlessMessage(
        _ daemon: DaemonProcess,
        until end: ContinuousClock.Instant
    ) throws
        -> Int
    {
        var frames = 0
        while ContinuousClock.now < end {
            // A connection that is refused or closed is made again.
            let peer = try? EndlessMessage(
                daemon.ingestEndpoint,
                socketType: "DEALER",
                byteCount: 1 << 20
            )
            while ContinuousClock.now < end, peer?.sendFrame() == true { frames += 1 }
        }
        return frames
    }
}

/// The most memory a process has in use while it is watched, looked at 50 times a second.
private final class MemoryPeak: Sendable {
    private let process: Int32
    private let isOver = Atomic<Bool>(false)
    private let peak = Mutex<(resident: Int, anonymous: Int)>((0, 0))

    init(of process: Int32) { self.process = process }

    /// Watches until ``stop()``.
    func watch() throws {
        while !isOver.load(ordering: .relaxed) {
            let now = try ProcessStatistics(of: process)
            peak.withLock {
                $0 = (max($0.resident, now.residentBytes), max($0.anonymous, now.anonymousBytes))
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    /// Ends watching.
    func stop() -> (resident: Int, anonymous: Int) {
        isOver.store(true, ordering: .relaxed)
        return peak.withLock { $0 }
    }
}
