extension RawSpan {
    /// Reads one byte.
    ///
    /// - Parameter offset: Where it is.
    /// - Returns: The byte; traps when it is out of bounds.
    public func readUInt8(at offset: Int) -> UInt8 {
        // unsafeLoadUnaligned checks bounds itself; any bit pattern is a valid integer.
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    /// Reads two bytes, big-endian.
    ///
    /// - Parameter offset: Where the first byte is.
    /// - Returns: The number; traps when it is out of bounds.
    public func readUInt16BigEndian(at offset: Int) -> UInt16 {
        // As in readUInt8.
        unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// Reads four bytes, big-endian.
    ///
    /// - Parameter offset: Where the first byte is.
    /// - Returns: The number; traps when it is out of bounds.
    public func readUInt32BigEndian(at offset: Int) -> UInt32 {
        // As in readUInt8.
        unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Reads eight bytes, big-endian.
    ///
    /// - Parameter offset: Where the first byte is.
    /// - Returns: The number; traps when it is out of bounds.
    public func readUInt64BigEndian(at offset: Int) -> UInt64 {
        // As in readUInt8.
        unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes begin with all bytes of another span.
    ///
    /// - Parameter prefix: The other span.
    /// - Returns: Whether it is a prefix; an empty span always is.
    public func starts(with prefix: RawSpan) -> Bool {
        prefix.byteCount <= byteCount
            && extracting(first: prefix.byteCount).compared(to: prefix) == 0
    }

    /// Copies the bytes out.
    ///
    /// - Returns: An array that outlives the span.
    public func copied() -> [UInt8] {
        // The buffer is read only inside the call.
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}
