import BotstatsClient
import Foundation
import JSON
import Simulation
import Synchronization
import Testing

/// SIGKILL at any point loses nothing that was acknowledged and counts nothing twice.
///
/// It proves what a crash of the process leaves; that a commit is on the disk before its ACK
/// only a loss of power proves.
@Suite(.serialized)
struct KillTests {
    private static let kills = 24

    @Test(arguments: ["power", "process"])
    func `killed again and again in mid-stream it counts every event once`(
        durability: String
    ) throws {
        var random = SeededGenerator.announced("kills, durability \(durability)")
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(
            directory: directory.path,
            options: ["--durability", durability, "--min-free", "0"]
        )
        let traffic = Traffic(producers: 4, sessions: 900, seed: random.next())
        try daemon.startAndWait()
        let producers = Producers(
            traffic,
            endpoint: daemon.ingestEndpoint,
            seed: random.next(),
            crashes: true,
            steps: Self.kills + 1
        )
        var kills = 0
        for round in 1...Self.kills where !producers.isDone {
            // A random point of the round's share of the events; no producer runs ahead of it.
            producers.released.store(round, ordering: .relaxed)
            let share = traffic.events.count / (Self.kills + 1)
            let goal = (round - 1) * share + Int(random.next() % UInt64(share - 50))
            while producers.acknowledged.load(ordering: .relaxed) < goal, !producers.isDone {
                sched_yield()
            }
            daemon.kill()
            kills += 1
            if random.next() % 4 == 0 {
                // Killed again while it starts, somewhere on its way.
                try daemon.start()
                for _ in 0..<random.next() % 20_000 { sched_yield() }
                daemon.kill()
                kills += 1
            }
            try daemon.start()
        }
        producers.released.store(Self.kills + 1, ordering: .relaxed)
        try producers.wait()
        #expect(kills >= 20)
        try expectEverything(traffic, daemon)
        let end = daemon.terminate()
        #expect(end.exitCode == 0)
        try daemon.check()
        try daemon.startAndWait()
        try expectEverything(traffic, daemon)
        daemon.kill()
        try daemon.check()
    }

    private func expectEverything(_ traffic: Traffic, _ daemon: DaemonChild) throws {
        let accepted = try daemon.ask("system.status")["events_accepted"]
        #expect(accepted == .integer(Int64(traffic.events.count)))
        try traffic.expectEqual(to: daemon)
    }

    @Test func `killed right after an ACK it has what was acknowledged`() throws {
        var random = SeededGenerator.announced("kill after an ACK")
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(directory: directory.path, options: ["--min-free", "0"])
        let traffic = Traffic(producers: 1, sessions: 60, seed: random.next())
        let events = traffic.events
        var sent = 0
        let rounds = 15
        for round in 1...rounds {
            try daemon.startAndWait()
            let accepted = try daemon.ask("system.status")["events_accepted"]
            #expect(accepted == .integer(Int64(sent)))
            let publisher = Publisher(
                endpoint: daemon.ingestEndpoint,
                configuration: PublisherConfiguration(producer: "one", epoch: .stored)
            )
            let welcome = try publisher.connect()
            #expect(welcome.committedSequence == Int64(sent))
            #expect(welcome.checkpoint == (sent == 0 ? nil : "\(sent)"))
            let goal = events.count * round / rounds
            while sent < goal {
                let size = min(goal - sent, 40)
                let body = events[sent..<sent + size].map { $0.ndjsonLine() + "\n" }.joined()
                sent += size
                try publisher.publish(
                    body: Array(body.utf8),
                    count: size,
                    checkpoint: "\(sent)"
                )
            }
            try publisher.flush()
            daemon.kill()
        }
        try daemon.startAndWait()
        try traffic.expectEqual(to: daemon)
        daemon.kill()
        try daemon.check()
    }

    @Test func `stopped by SIGTERM in mid-stream it ends with 0 and keeps everything`() throws {
        var random = SeededGenerator.announced("SIGTERM")
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(directory: directory.path, options: ["--min-free", "0"])
        let traffic = Traffic(producers: 3, sessions: 400, seed: random.next())
        try daemon.startAndWait()
        let producers = Producers(
            traffic,
            endpoint: daemon.ingestEndpoint,
            seed: random.next(),
            crashes: false
        )
        for round in 1...6 where !producers.isDone {
            let goal = traffic.events.count * round / 8
            while producers.acknowledged.load(ordering: .relaxed) < goal, !producers.isDone {
                sched_yield()
            }
            let known = producers.acknowledged.load(ordering: .relaxed)
            let end = daemon.terminate()
            #expect(end.exitCode == 0, "\(end.log)")
            try daemon.check()
            try daemon.startAndWait()
            let accepted = try daemon.ask("system.status")["events_accepted"]?.integerValue
            #expect(try #require(accepted) >= Int64(known))
        }
        try producers.wait()
        try traffic.expectEqual(to: daemon)
        #expect(daemon.terminate().exitCode == 0)
        try daemon.check()
    }

    @Test func `a check that is killed and a start that is killed leave the store sound`() throws {
        var random = SeededGenerator.announced("kill the start")
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(directory: directory.path, options: ["--min-free", "0"])
        // The very first start makes the store: killed there, the next one makes the rest.
        for _ in 1...12 {
            try daemon.start()
            for _ in 0..<random.next() % 60_000 { sched_yield() }
            daemon.kill()
        }
        try daemon.startAndWait()
        let traffic = Traffic(producers: 1, sessions: 20, seed: random.next())
        try Producers(traffic, endpoint: daemon.ingestEndpoint, seed: 1, crashes: false).wait()
        try traffic.expectEqual(to: daemon)
        #expect(daemon.terminate().exitCode == 0)
        try daemon.check()
    }
}
