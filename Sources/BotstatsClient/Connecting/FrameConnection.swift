/// A connection that carries messages of frames, as much of a socket as the clients need.
///
/// The shells are written against it, so that they can be read, and tested, without a socket.
protocol FrameConnection: AnyObject {
    /// Sends a message if that is possible without waiting.
    ///
    /// - Parameter frames: The message's frames.
    /// - Returns: false when the connection's queue is full; nothing was sent then.
    /// - Throws: ``ConnectionError`` when the connection cannot be used any more.
    func send(_ frames: [[UInt8]]) throws(ConnectionError) -> Bool

    /// Receives a message.
    ///
    /// - Parameter milliseconds: How long to wait at most.
    /// - Returns: The message's frames, or nil when none arrived in time.
    /// - Throws: ``ConnectionError`` when the connection cannot be used any more.
    func receive(waitingMilliseconds milliseconds: Int) throws(ConnectionError) -> [[UInt8]]?

    /// What is likely to be wrong where no answer comes, as a sentence; nil where nothing is known.
    var suspicion: String? { get }
}

extension FrameConnection {
    var suspicion: String? { nil }
}

/// Why a connection cannot be used.
struct ConnectionError: Error {
    /// The reason, as one sentence.
    let reason: String
    /// Whether the daemon is there and does not let this side in.
    var isRefused = false
}
