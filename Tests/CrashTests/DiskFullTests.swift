import BotstatsClient
import Foundation
import JSON
import Simulation
import Synchronization
import Testing

/// A small file system of its own, that can be filled without harm.
private final class SmallDisk: Sendable {
    let path: String
    private let directory: TemporaryDirectory
    private struct Refused: Error {}

    /// Mounts a tmpfs; only root may.
    init(megabytes: Int) throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let result = try Program.run(
            URL(filePath: "/bin/mount"),
            ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]
        )
        guard result.code == 0 else { throw Refused() }
    }

    deinit { _ = try? Program.run(URL(filePath: "/bin/umount"), ["-l", path]) }

    static var isPossible: Bool { (try? SmallDisk(megabytes: 1)) != nil }

    private var ballast: String { path + "/ballast" }

    /// Fills the disk up to some free bytes.
    func fill(leaving bytes: Int) throws {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        let free = try #require((attributes[.systemFreeSize] as? NSNumber)?.intValue)
        try Data(repeating: 1, count: max(0, free - bytes)).write(to: URL(filePath: ballast))
    }

    /// Takes what room there is left.
    func fillUp() throws {
        let process = try Program.run(
            URL(filePath: "/bin/dd"),
            ["if=/dev/zero", "of=\(ballast)-rest", "bs=4096"]
        )
        #expect(process.code != 0, "dd ends when the disk is full")
    }

    func free() throws {
        for file in [ballast, ballast + "-rest"]
        where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
    }
}

/// A full disk: events are refused, questions are answered, and with room all goes on.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, "a tmpfs can be mounted"))
struct DiskFullTests {
    @Test(arguments: ["0", "3M"])
    func `on a full disk ingest answers storage_full and goes on when there is room`(
        minimumFree: String
    ) throws {
        var random = SeededGenerator.announced("disk full, --min-free \(minimumFree)")
        let disk = try SmallDisk(megabytes: 64)
        let logs = try TemporaryDirectory()
        let daemon = try DaemonChild(
            directory: disk.path,
            logDirectory: logs.path,
            options: ["--min-free", minimumFree]
        )
        let traffic = Traffic(producers: 2, sessions: 1_200, seed: random.next())
        try daemon.startAndWait()
        try disk.fill(leaving: minimumFree == "0" ? 600_000 : (3 << 20) + 100_000)
        let producers = Producers(
            traffic,
            endpoint: daemon.ingestEndpoint,
            seed: random.next(),
            crashes: false
        )
        // A publisher tells it once, until it goes on.
        while producers.noticeCount(.storageFull) < 1, !producers.isDone { sched_yield() }
        #expect(!producers.isDone, "the disk never was full")
        // Asked while the disk is full, several times over.
        let full = try daemon.ask("usage", ["days": 40])
        let accepted = try daemon.ask("system.status")["events_accepted"]?.integerValue ?? 0
        #expect(accepted >= producers.acknowledged.load(ordering: .relaxed))
        #expect(accepted < traffic.events.count)
        #expect(full["total_messages"] != nil)
        try disk.free()
        try producers.wait()
        try traffic.expectEqual(to: daemon)
        #expect(daemon.terminate().exitCode == 0)
        try daemon.check()
        try daemon.startAndWait()
        try traffic.expectEqual(to: daemon)
    }

    @Test func `killed on a full disk it starts, answers, refuses events, and goes on with room`()
        throws
    {
        var random = SeededGenerator.announced("killed on a full disk")
        let disk = try SmallDisk(megabytes: 64)
        let logs = try TemporaryDirectory()
        let daemon = try DaemonChild(
            directory: disk.path,
            logDirectory: logs.path,
            options: ["--min-free", "0"]
        )
        let traffic = Traffic(producers: 2, sessions: 1_200, seed: random.next())
        try daemon.startAndWait()
        try disk.fill(leaving: 600_000)
        let producers = Producers(
            traffic,
            endpoint: daemon.ingestEndpoint,
            seed: random.next(),
            crashes: true
        )
        while producers.noticeCount(.storageFull) < 1, !producers.isDone { sched_yield() }
        let known = producers.acknowledged.load(ordering: .relaxed)
        daemon.kill()
        try disk.fillUp()
        let refusals = producers.noticeCount(.storageFull)
        try daemon.startAndWait()
        // Every event acknowledged is there, though nothing can be added to the store.
        let accepted = try daemon.ask("system.status")["events_accepted"]?.integerValue
        #expect(try #require(accepted) >= Int64(known))
        #expect(try daemon.ask("usage", ["days": 40])["total_messages"] != nil)
        while producers.noticeCount(.storageFull) == refusals, !producers.isDone { sched_yield() }
        #expect(!producers.isDone, "the disk never was full")
        // With room it goes on by itself.
        try disk.free()
        try producers.wait()
        try traffic.expectEqual(to: daemon)
        #expect(daemon.terminate().exitCode == 0)
        try daemon.check()
    }
}
