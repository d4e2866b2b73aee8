/// A half-open range of time: its start belongs to it, its end does not.
public struct TimeRange: Hashable, BitwiseCopyable, Sendable {
    /// The first instant.
    public let start: UnixMilliseconds
    /// The first instant after it; never before ``start``.
    public let end: UnixMilliseconds

    /// Makes a range.
    ///
    /// - Parameters:
    ///   - start: The first instant.
    ///   - end: The first instant after it; `start` is taken where this lies before it.
    public init(start: UnixMilliseconds, end: UnixMilliseconds) {
        self.start = start
        self.end = max(start, end)
    }

    /// Whether no instant lies in it.
    public var isEmpty: Bool { start == end }

    /// Whether an instant lies in it.
    ///
    /// - Parameter time: The instant.
    /// - Returns: True from ``start`` until before ``end``.
    public func contains(_ time: UnixMilliseconds) -> Bool { start <= time && time < end }
}
