internal import Foundation
internal import Simulation
internal import ZeroMQ

/// What all benchmarks of one run share.
final class BenchmarkSession {
    /// The program measured.
    let binary: URL
    /// Where stores lie.
    let scratch: Scratch
    /// How long each throughput is measured.
    let seconds: Int
    /// How many messages the large store holds.
    let largeCount: Int
    /// The workload's seed.
    let seed: UInt64
    /// How many publishers B1 has.
    let producerCount: Int
    /// The result.
    var table = ResultTable()
    /// The store of a load as it comes, once B1 or B7 made it.
    var streamStore: StoredMessages?
    /// Filled stores by their name, each made once.
    private var stores: [String: StoredMessages] = [:]

    init(
        binary: URL,
        scratch: Scratch,
        seconds: Int,
        largeCount: Int,
        seed: UInt64,
        producerCount: Int
    ) {
        self.binary = binary
        self.scratch = scratch
        self.seconds = seconds
        self.largeCount = largeCount
        self.seed = seed
        self.producerCount = producerCount
    }

    /// Starts a daemon on a directory, with more options, and waits until it answers.
    func start(on directory: URL, options: [String] = []) throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            binary: binary,
            dataDirectory: directory,
            options: options,
            scratch: scratch
        )
        try daemon.start()
        try daemon.waitUntilReady()
        return daemon
    }

    /// Starts a daemon on an empty store, with more options.
    func startEmpty(_ name: String, options: [String] = []) throws -> DaemonProcess {
        try start(on: scratch.directory(name), options: options)
    }

    /// A stopped store of workload W spread evenly over the days up to now, made at its first use.
    ///
    /// Use a copy where the benchmark changes it.
    func store(_ fill: StoreFill) throws -> StoredMessages {
        if let made = stores[fill.name] { return made }
        Progress.note("filling \(fill.name): \(Figure.count(fill.count)) messages …")
        let directory = try scratch.directory(fill.name)
        let daemon = try start(on: directory)
        defer { daemon.kill() }
        let began = ContinuousClock.now
        let generator = try fill.publish(to: daemon, seed: seed)
        try daemon.waitUntilFolded()
        let took = (ContinuousClock.now - began).inSeconds
        let result = StoredMessages(
            directory: directory,
            count: fill.count,
            botIDs: generator.botIDs,
            diskByteCount: try Scratch.diskUsage(of: directory)
        )
        try daemon.stop()
        let rate = Figure.count(Double(fill.count) / took)
        Progress.note("filled \(fill.name) in \(Figure.decimal(took)) s, \(rate) events/s")
        stores[fill.name] = result
        return result
    }
}

/// A stopped store with messages of workload W.
struct StoredMessages {
    /// Its data directory.
    let directory: URL
    /// How many messages it holds.
    let count: Int
    /// Their bots.
    let botIDs: [String]
    /// What the directory took on disk when everything had just been folded.
    let diskByteCount: Int
}

extension LoadGenerator {
    /// The identities of all its bots.
    var botIDs: [String] { (0..<settings.bots).map { botID($0) } }
}
