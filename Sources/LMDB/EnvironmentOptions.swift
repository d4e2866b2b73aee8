/// How an environment is opened.
public struct EnvironmentOptions: Sendable, Equatable {
    /// What a commit survives.
    public enum Durability: Sendable, Equatable {
        /// Every commit is on the disk before it returns; it survives loss of power.
        case power
        /// A commit survives the end of the process; ``Environment/sync()`` makes it durable.
        case process
    }

    /// The size of the map in bytes, a bound on the file; it can grow later.
    ///
    /// The map takes addresses, not memory. A file that is larger already wins.
    public var mapSize: Int

    /// How many named tables can be open.
    public var maxTables: Int

    /// How many read transactions can exist at once, over all processes.
    public var maxReaders: Int

    /// What a commit survives.
    public var durability: Durability

    /// Whether write transactions are refused.
    public var readOnly: Bool

    /// Makes options.
    ///
    /// - Parameters:
    ///   - mapSize: The size of the map in bytes.
    ///   - maxTables: How many named tables can be open.
    ///   - maxReaders: How many read transactions can exist at once.
    ///   - durability: What a commit survives.
    ///   - readOnly: Whether write transactions are refused.
    public init(
        mapSize: Int = 1 << 30,
        maxTables: Int = 32,
        maxReaders: Int = 1_024,
        durability: Durability = .power,
        readOnly: Bool = false
    ) {
        self.mapSize = mapSize
        self.maxTables = maxTables
        self.maxReaders = maxReaders
        self.durability = durability
        self.readOnly = readOnly
    }
}
