/// A named table of an environment.
///
/// It stays valid as long as the environment, from any thread, unless the write transaction that
/// opened it was aborted.
public struct Table: Sendable, Hashable {
    /// LMDB's number of the table.
    let number: UInt32

    /// How many pages and entries a table has.
    public struct Statistics: Sendable, Equatable {
        /// How many entries there are.
        public let entryCount: Int
        /// How many levels the tree has.
        public let depth: Int
        /// How many inner pages there are.
        public let branchPageCount: Int
        /// How many pages hold entries.
        public let leafPageCount: Int
        /// How many pages hold values too large for a leaf.
        public let overflowPageCount: Int

        /// How many pages there are of all kinds.
        public var pageCount: Int { branchPageCount + leafPageCount + overflowPageCount }
    }
}
