internal import CLMDB
internal import Glibc

extension Environment {
    /// The state of the file and of its readers.
    public struct Information: Sendable, Equatable {
        /// The size of the map in bytes.
        public let mapSize: Int
        /// The size of a page in bytes.
        public let pageSize: Int
        /// The number of the last page in use; pages before it can be free.
        public let lastPage: Int
        /// The number of the last commit.
        public let lastTransactionID: Int
        /// How many snapshots are being read.
        public let readerCount: Int
        /// The number of the oldest commit that a reader still sees, or nil without readers.
        public let oldestReaderTransactionID: Int?
        /// How many reader slots have been in use at once.
        public let readerSlotCount: Int
        /// How many reader slots there are.
        public let readerSlotMaximum: Int

        /// How many bytes of the file are taken, free pages inside it included.
        public var usedBytes: Int { (lastPage + 1) * pageSize }

        /// How many commits the oldest reader lags behind; zero without readers.
        public var oldestReaderLag: Int {
            oldestReaderTransactionID.map { max(0, lastTransactionID - $0) } ?? 0
        }
    }

    /// The state of the file and of its readers.
    ///
    /// It waits for a growth, so a thread asks for it before its transaction or after it.
    public var information: Information {
        // Only numbers are read, never the address of the map, here and below.
        let (info, pageSize) = unsafe mapInformation()
        let readers = readerTransactionIDs()
        return unsafe Information(
            mapSize: info.me_mapsize,
            pageSize: pageSize,
            lastPage: info.me_last_pgno,
            lastTransactionID: info.me_last_txnid,
            readerCount: readers.count,
            oldestReaderTransactionID: readers.min(),
            readerSlotCount: Int(info.me_numreaders),
            readerSlotMaximum: Int(info.me_maxreaders)
        )
    }

    /// How many bytes of the file are taken, free pages inside it included.
    ///
    /// Cheaper than ``information``, and it waits for a growth too.
    public var usedBytes: Int {
        let (info, pageSize) = unsafe mapInformation()
        return unsafe (info.me_last_pgno + 1) * pageSize
    }

    /// The size of the map in bytes.
    ///
    /// Cheaper than ``information``, and it waits for a growth too.
    public var mapSize: Int {
        unsafe mapInformation().info.me_mapsize
    }

    /// Writes everything committed to the disk.
    ///
    /// - Throws: ``LMDBError`` when the disk fails.
    public func sync() throws(LMDBError) {
        // The handle is live; 1 forces the sync although MDB_NOSYNC is set.
        try check(unsafe mdb_env_sync(pointer, 1), "sync")
    }

    /// Sets the size of the map.
    ///
    /// It waits until no transaction is open and keeps new ones waiting, so a thread must not call
    /// it inside a transaction. Shrinking below what is taken is adjusted by LMDB.
    ///
    /// - Parameter mapSize: The size in bytes, rounded up to 1 MiB.
    /// - Throws: ``LMDBError`` when the address space is exhausted.
    public func grow(to mapSize: Int) throws(LMDBError) {
        precondition(mapSize > 0, "a map has a size")
        let unit = 1 << 20
        try setMapSize((mapSize + unit - 1) / unit * unit)
    }

    /// Adopts the size to which another process grew the map.
    ///
    /// - Throws: ``LMDBError`` when the address space is exhausted.
    public func adoptMapSize() throws(LMDBError) {
        try setMapSize(0)
    }

    /// Copies a snapshot into another directory and writes it to the disk.
    ///
    /// The snapshot is held as long as the copying takes, and the file grows meanwhile.
    ///
    /// - Parameters:
    ///   - path: A directory that exists and is empty.
    ///   - compact: Whether to leave out free pages.
    /// - Throws: ``LMDBError`` of the other directory, above all ``LMDBError/Kind/diskFull``.
    public func copy(to path: String, compact: Bool = true) throws(LMDBError) {
        let flags = compact ? UInt32(MDB_CP_COMPACT) : 0
        gate.enter()
        // The handle is live and the path is a C string for the call.
        let code = unsafe mdb_env_copy2(pointer, path, flags)
        gate.leave()
        guard code == 0 else { throw LMDBError(code: code, operation: "copy", path: path) }
        // LMDB leaves the copy in the page cache.
        for name in ["\(path)/data.mdb", path] { try Self.syncFile(name) }
    }

    /// Frees the reader slots of processes that died.
    ///
    /// - Returns: How many there were.
    /// - Throws: ``LMDBError``.
    @discardableResult
    public func readerCheck() throws(LMDBError) -> Int {
        var count: Int32 = 0
        // The handle is live.
        try check(unsafe mdb_reader_check(pointer, &count), "check the readers")
        return Int(count)
    }

    private func mapInformation() -> (info: MDB_envinfo, pageSize: Int) {
        // LMDB reads the map here, which must not move meanwhile.
        gate.enter()
        defer { gate.leave() }
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        // The handle is live, so neither call can fail.
        unsafe mdb_env_info(pointer, &info)
        unsafe mdb_env_stat(pointer, &statistics)
        return unsafe (info, Int(statistics.ms_psize))
    }

    func check(_ code: Int32, _ operation: String) throws(LMDBError) {
        guard code == 0 else { throw error(code, operation) }
    }

    private func setMapSize(_ mapSize: Int) throws(LMDBError) {
        // The handle is live, and the gate keeps every transaction of this process out.
        let code = gate.withoutTransactions { unsafe mdb_env_set_mapsize(pointer, mapSize) }
        try check(code, "grow the map")
    }

    private static func syncFile(_ path: String) throws(LMDBError) {
        // The path is a C string for the call; the descriptor is closed below.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw LMDBError(code: errno, operation: "copy", path: path)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw LMDBError(code: errno, operation: "copy", path: path)
        }
    }

    /// Reads the list of readers, which LMDB only gives as lines of "process thread transaction".
    func readerTransactionIDs() -> [Int] {
        var numbers: [Int] = []
        // The callback runs only inside the call, while `numbers` lives; each line is a C string.
        unsafe withUnsafeMutablePointer(to: &numbers) { numbers in
            _ = unsafe mdb_reader_list(
                pointer,
                { line, context in
                    guard let line = unsafe line, let context = unsafe context else { return 0 }
                    let fields = unsafe String(cString: line).split { $0 == " " || $0 == "\n" }
                    // An idle slot shows "-" and the heading shows "txnid".
                    guard fields.count == 3, let number = Int(fields[2]) else { return 0 }
                    let numbers = unsafe context.assumingMemoryBound(to: [Int].self)
                    unsafe numbers.pointee.append(number)
                    return 0
                },
                numbers
            )
        }
        return numbers
    }
}
