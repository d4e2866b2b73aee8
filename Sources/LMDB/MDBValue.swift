// Every crossing between LMDB's values and Swift's bytes is in this file.

internal import CLMDB
internal import Glibc

/// Bytes inside the map, as LMDB handed them out.
///
/// Safe to hold, because only ``span(in:)`` gives access, and it ties the access to an owner that
/// keeps the bytes in place.
@safe
struct MappedBytes {
    private var start: UnsafeRawPointer?
    private var byteCount: Int

    /// No bytes.
    init() {
        unsafe start = nil
        byteCount = 0
    }

    init(_ value: MDB_val) {
        unsafe start = UnsafeRawPointer(value.mv_data)
        byteCount = unsafe value.mv_size
    }

    /// The bytes, usable while the owner is borrowed.
    ///
    /// The owner is the transaction or cursor that looked them up: LMDB leaves a value in place
    /// until the transaction ends or writes, and both need the owner exclusively.
    @_lifetime(borrow owner)
    func span<Owner: ~Copyable & ~Escapable>(in owner: borrowing Owner) -> RawSpan {
        let buffer = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
        let span = unsafe RawSpan(_unsafeBytes: buffer)
        return unsafe _overrideLifetime(span, borrowing: owner)
    }
}

extension RawSpan {
    /// Lends the bytes to LMDB for one call that does not write to them.
    func withMDBValue<R>(_ body: (UnsafeMutablePointer<MDB_val>) -> R) -> R {
        unsafe withUnsafeBytes { bytes in
            // LMDB's parameters lack const, but key and data of get and put are only read.
            var value = unsafe MDB_val(
                mv_size: bytes.count,
                mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            )
            return unsafe body(&value)
        }
    }

    /// Compares as LMDB does: byte by byte, then by length.
    func compared(to other: RawSpan) -> Int {
        let common = min(byteCount, other.byteCount)
        guard common > 0 else { return byteCount - other.byteCount }
        let order = unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else {
                    preconditionFailure("a span with bytes has an address")
                }
                // Both buffers have at least `common` bytes.
                return unsafe memcmp(left, right, common)
            }
        }
        return order != 0 ? Int(order) : byteCount - other.byteCount
    }
}
