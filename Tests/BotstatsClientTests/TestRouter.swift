import ZeroMQ

/// A ROUTER socket on a free port of the loopback.
struct TestRouterSocket: ~Copyable {
    let endpoint: String
    private let socket: Socket

    init() throws {
        let socket = try Socket(context: Context(), type: .router, options: [.linger(.zero)])
        try socket.bind("tcp://127.0.0.1:*")
        endpoint = try socket.lastEndpoint()
        self.socket = socket
    }

    func receive(waitingMilliseconds milliseconds: Int) throws -> [[UInt8]]? {
        guard try !Poller.poll(socket, timeout: .milliseconds(milliseconds)).isEmpty else {
            return nil
        }
        return try socket.receiveMultipart(wait: false)
    }

    /// Sends a message; one for a peer that has gone is dropped, as a daemon does.
    func send(_ frames: [[UInt8]]) throws { _ = try socket.sendMultipart(frames, wait: false) }
}
