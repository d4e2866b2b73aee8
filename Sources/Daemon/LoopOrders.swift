internal import ZeroMQ

/// One loop's side of ``LoopControl`` and ``Shedding``: what it is told, and how it follows.
struct LoopOrders: ~Copyable {
    /// Receives when there is an order; to be polled.
    let control: Socket
    private let sockets: Sockets
    private let shedding: Shedding

    init(control: consuming Socket, sockets: Sockets, shedding: Shedding) {
        self.control = control
        self.sockets = sockets
        self.shedding = shedding
    }

    /// Takes the next order; nil where there is none.
    func next() throws(ZeroMQError) -> LoopOrder? {
        guard let frame = try control.receiveMultipart(wait: false)?.first else { return nil }
        return LoopOrder(rawValue: String(decoding: frame, as: UTF8.self))
    }

    /// Closes a socket's connections and all that waits in them; peers connect again.
    ///
    /// Without its socket a loop is of no use, so that this cannot fail and be lived with.
    func reopen(
        _ socket: inout Socket,
        _ open: (Sockets) -> (String) throws(DaemonFailure) -> Socket
    ) {
        do throws(DaemonFailure) {
            try sockets.reopen(&socket, open(sockets))
        } catch {
            fatalError("A socket cannot be opened again: \(error)")
        }
    }

    /// Says that all of the loop's connections have been closed.
    func finishShedding() { shedding.finish() }
}
