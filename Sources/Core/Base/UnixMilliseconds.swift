/// Milliseconds since 1970-01-01T00:00:00Z, the unit of every time stamp in the product.
public typealias UnixMilliseconds = Int64

/// Lengths of time in milliseconds.
public enum Milliseconds {
    /// One second.
    public static let second: Int64 = 1_000
    /// One minute.
    public static let minute: Int64 = 60_000
    /// A quarter of an hour, the finest slot of a range's edge.
    public static let quarterHour: Int64 = 900_000
    /// One hour.
    public static let hour: Int64 = 3_600_000
    /// Twenty-four hours; a local day may be longer or shorter.
    public static let day: Int64 = 86_400_000
}

/// Integer division rounding towards negative infinity.
///
/// - Parameters:
///   - value: The dividend.
///   - divisor: The divisor, greater than zero.
/// - Returns: The floor of the quotient.
@inlinable
public func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
