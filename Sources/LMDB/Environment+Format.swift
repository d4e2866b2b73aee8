extension Environment {
    /// The number of the format of what an environment holds; a new one gets the current.
    ///
    /// - Parameters:
    ///   - current: The format that this program writes.
    ///   - meta: The table that has it under the key `format`.
    /// - Returns: What is there; a number above `current` is a newer program's.
    /// - Throws: ``LMDBError``.
    public func format(orNew current: UInt32, in meta: Table) throws(LMDBError) -> UInt32 {
        try withWrite { transaction throws(LMDBError) in
            let key = Key("format")
            if let value = try transaction.value(for: key, in: meta) {
                return value.readUInt32BigEndian(at: 0)
            }
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: current >> (24 - 8 * $0)) }
            // LMDB copies the bytes during the call.
            try unsafe transaction.put(bytes.span.bytes, for: key, in: meta)
            return current
        }
    }
}
