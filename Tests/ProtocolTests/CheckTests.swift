import Daemon
import JSON
import LMDB
import Testing

/// `botstats check` finds damage to what is derived beside the rollups.
struct CheckTests {
    /// What is done to a sound store, and what is said about it.
    struct Damage: CustomTestStringConvertible {
        let testDescription: String
        let table: String
        let complaint: String?
        let change: @Sendable (inout [[UInt8]: [UInt8]]) -> Void
    }

    /// An entry of the schedule, moved by seconds.
    private static func moved(_ key: [UInt8], by seconds: Int) -> [UInt8] {
        let second = key.prefix(4).reduce(0) { $0 << 8 | Int($1) } + seconds
        return (0..<4).map { UInt8(second >> (24 - 8 * $0) & 0xff) } + key.suffix(4)
    }

    static let damages = [
        Damage(testDescription: "a lost entry", table: "schedule", complaint: "has no entry") {
            $0 = [:]
        },
        Damage(testDescription: "a late entry", table: "schedule", complaint: "its entry says") {
            rows in
            rows = rows.reduce(into: [:]) { $0[moved($1.key, by: 100_000)] = [] }
        },
        Damage(testDescription: "an early entry", table: "schedule", complaint: nil) { rows in
            rows = rows.reduce(into: [:]) { $0[moved($1.key, by: -1)] = [] }
        },
        Damage(testDescription: "a second entry", table: "schedule", complaint: "two entries") {
            rows in
            for key in Array(rows.keys) { rows[moved(key, by: -1)] = [] }
        },
        Damage(testDescription: "a stray entry", table: "schedule", complaint: "no timeline") {
            $0[[1, 0, 0, 0, 0, 0, 0, 99]] = []
        },
        Damage(testDescription: "a lost row", table: "newest", complaint: "is missing") {
            $0 = [:]
        },
        Damage(testDescription: "another instant", table: "newest", complaint: "timelines say") {
            rows in
            for (key, value) in rows { rows[key] = [value[0] ^ 2] + value.dropFirst() }
        },
        Damage(testDescription: "a stray row", table: "newest", complaint: "timelines say") {
            $0[[0, 0, 0, 0, 0, 7]] = $0.values.first
        },
    ]

    @Test(arguments: damages) func `damage is reported and an early entry is none`(
        damage: Damage
    ) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        // One is past and one ahead.
        let lines = [
            Lines.message(1), Lines.message(1, at: ManualClock.start + 60_000),
            Lines.message(1, at: ManualClock.start + 61_000),
        ]
        try peer.publish(from: 1, lines)
        try daemon.stop()
        let directory = daemon.configuration.dataDirectory
        try rewrite(damage.table, at: directory + "/store", damage.change)
        let differences = try StoreCheck.run(dataDirectory: directory)
        guard let complaint = damage.complaint else {
            #expect(differences.isEmpty, "\(differences)")
            return
        }
        #expect(!differences.isEmpty)
        for difference in differences {
            #expect(difference.hasPrefix(damage.table))
            #expect(difference.contains(complaint))
        }
    }

    /// Changes all rows of a table.
    private func rewrite(
        _ name: String,
        at path: String,
        _ change: (inout [[UInt8]: [UInt8]]) -> Void
    ) throws {
        let environment = try Environment(
            path: path,
            options: EnvironmentOptions(mapSize: 64 << 20)
        )
        let table = try environment.table(named: name, create: false)
        try environment.withWrite { transaction throws(LMDBError) in
            var rows: [[UInt8]: [UInt8]] = [:]
            rows = try transaction.withCursor(in: table) { cursor throws(LMDBError) in
                var found: [[UInt8]: [UInt8]] = [:]
                var isAtEntry = try cursor.first()
                while isAtEntry {
                    found[bytes(of: cursor.key)] = bytes(of: cursor.value)
                    isAtEntry = try cursor.next()
                }
                return found
            }
            change(&rows)
            try transaction.clear(table)
            for (key, value) in rows {
                try transaction.put(value.span.bytes, for: key.span.bytes, in: table)
            }
        }
    }

    private func bytes(of span: RawSpan) -> [UInt8] {
        (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}
