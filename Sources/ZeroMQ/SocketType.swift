internal import CZeroMQ

/// The pattern that a socket follows.
public enum SocketType: Sendable, Equatable, CaseIterable {
    /// Asynchronous client: sends round-robin, receives fairly.
    case dealer
    /// Asynchronous server: prefixes each message with the peer's routing id.
    case router
    /// Publishes to every subscriber.
    case pub
    /// Receives what it subscribed to.
    case sub
    /// Publishes, and receives subscriptions as messages.
    case xpub
    /// Receives what it subscribed to, and subscribes by messages.
    case xsub
    /// Sends a request, then receives the reply.
    case req
    /// Receives a request, then sends the reply.
    case rep
    /// Exactly one peer.
    case pair
    /// Distributes work.
    case push
    /// Collects work.
    case pull

    var code: Int32 {
        switch self {
        case .dealer: ZMQ_DEALER
        case .router: ZMQ_ROUTER
        case .pub: ZMQ_PUB
        case .sub: ZMQ_SUB
        case .xpub: ZMQ_XPUB
        case .xsub: ZMQ_XSUB
        case .req: ZMQ_REQ
        case .rep: ZMQ_REP
        case .pair: ZMQ_PAIR
        case .push: ZMQ_PUSH
        case .pull: ZMQ_PULL
        }
    }
}
