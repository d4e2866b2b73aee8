internal import Core
internal import LMDB

extension Store {
    /// A difference between what the store says and what its timelines say.
    public struct Difference: Sendable, CustomStringConvertible {
        /// The table.
        public let table: String
        /// The row's key in hexadecimal digits.
        public let key: String
        /// What is wrong with it.
        public let problem: String

        /// One line for the operator.
        public var description: String { "\(table) \(key): \(problem)" }
    }

    /// Recomputes everything derived from the timelines and compares.
    ///
    /// The recomputed rows are written to a store of their own, so that memory stays bounded and
    /// rows are compared as bytes: their encoding is canonical.
    ///
    /// - Parameters:
    ///   - scratch: An empty directory with room for the rows.
    ///   - limit: How many differences to report.
    /// - Returns: The differences; none in a sound store.
    /// - Throws: ``StoreError`` when a table cannot be read.
    /// - Complexity: O(events stored).
    public func check(scratch: String, limit: Int = 100) throws(StoreError) -> [Difference] {
        let directory = try directory()
        let snapshot = try StoreSnapshot(self)
        try snapshot.renew()
        let recomputation = try Recomputation(snapshot, directory, settings, retention)
        let other = try Store(
            path: scratch,
            options: EnvironmentOptions(
                mapSize: max(1 << 30, environment.usedBytes * 4),
                durability: .process
            ),
            settings: settings,
            days: days,
            retention: retention
        )
        try recomputation.run { changes throws(StoreError) in
            try other.writeDerived(of: changes, withIndexes: true)
        }
        var differences: [Difference] = []
        Self.compare(directory.bots, recomputation.bots, &differences)
        try compareSchedule(directory, snapshot, with: other, &differences)
        compareNewest(directory, recomputation.newest, snapshot.position.now, &differences)
        snapshot.release()
        var pairs = [
            (Schema.hours, tables.hours, other.tables.hours),
            (Schema.days, tables.days, other.tables.days),
            (Schema.userSessions, tables.userSessions, other.tables.userSessions),
        ]
        // First messages outlive the conversations they stand in.
        if retention.conversationDays == 0 {
            pairs.append((Schema.firstSeen, tables.firstSeen, other.tables.firstSeen))
        }
        for (name, mine, theirs) in pairs {
            try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
                try other.environment.withRead(mapError: StoreError.lmdb) {
                    recomputed throws(StoreError) in
                    try Self.compare(
                        name,
                        mine,
                        in: transaction,
                        theirs,
                        in: recomputed,
                        &differences,
                        limit: limit
                    )
                }
            }
        }
        return Array(differences.prefix(limit))
    }

    private static func compare(
        _ stored: [BotRecord],
        _ recomputed: [BotRecord],
        _ differences: inout [Difference]
    ) {
        for (ordinal, (bot, other)) in zip(stored, recomputed).enumerated() {
            if bot.firstOutcome != other.firstOutcome {
                differences.append(
                    Difference(
                        table: Schema.bots,
                        key: "\(ordinal)",
                        problem: "the first outcome is \(bot.firstOutcome), "
                            + "the timelines say \(other.firstOutcome)"
                    )
                )
            }
            if Set(bot.channels) != Set(other.channels) {
                differences.append(
                    Difference(
                        table: Schema.bots,
                        key: "\(ordinal)",
                        problem: "the channels are not those of the timelines"
                    )
                )
            }
        }
    }
}

extension Store {
    /// Walks two tables side by side.
    private static func compare(
        _ name: String,
        _ mine: Table,
        in transaction: borrowing ReadTransaction,
        _ theirs: Table,
        in recomputed: borrowing ReadTransaction,
        _ differences: inout [Difference],
        limit: Int
    ) throws(StoreError) {
        var left = try transaction.openCursor(in: mine)
        var right = try recomputed.openCursor(in: theirs)
        var isLeft = try left.moveFirst()
        var isRight = try right.moveFirst()
        while isLeft || isRight, differences.count < limit {
            let order: Int
            if isLeft, isRight {
                order = left.key.order(to: right.key)
            } else {
                order = isLeft ? -1 : 1
            }
            if order < 0 {
                let problem = "the row has no ground"
                differences.append(
                    Difference(table: name, key: left.key.hexadecimal, problem: problem)
                )
            } else if order > 0 {
                let problem = "the row is missing"
                differences.append(
                    Difference(table: name, key: right.key.hexadecimal, problem: problem)
                )
            } else if left.value.order(to: right.value) != 0 {
                let problem = "the row differs from its ground"
                differences.append(
                    Difference(table: name, key: left.key.hexadecimal, problem: problem)
                )
            }
            if order <= 0 { isLeft = try left.moveNext() }
            if order >= 0 { isRight = try right.moveNext() }
        }
    }
}

extension RawSpan {
    /// Negative, zero or positive as these bytes order before, like or after others.
    fileprivate func order(to other: RawSpan) -> Int {
        for index in 0..<min(byteCount, other.byteCount) {
            let left = Int(readUInt8(at: index))
            let right = Int(other.readUInt8(at: index))
            if left != right { return left - right }
        }
        return byteCount - other.byteCount
    }

    fileprivate var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for index in 0..<byteCount {
            let byte = Int(readUInt8(at: index))
            text.append(digits[byte >> 4])
            text.append(digits[byte & 15])
        }
        return text
    }
}
