/// How endpoints of ZeroMQ that are bound are written; as zmq_tcp(7), zmq_ipc(7) and
/// zmq_inproc(7) say.
enum Endpoint {
    /// The bytes of a path in `sockaddr_un`, less its end.
    private static let pathBytesMaximum = 107
    private static let nameBytesMaximum = 255

    /// What is wrong with an endpoint, to follow it in a sentence; nil where nothing is.
    static func fault(in endpoint: String) -> String? {
        if let address = rest(of: endpoint, after: "tcp://") {
            guard let colon = address.lastIndex(of: ":"), colon > address.startIndex else {
                return "needs a host and a port, as in tcp://127.0.0.1:5561"
            }
            let port = address[address.index(after: colon)...]
            let isPort = port.utf8.allSatisfy { (48...57).contains($0) }
            guard port == "*" || isPort && UInt16(port) != nil else {
                return "needs a port up to 65535, or * for one that is free"
            }
            return nil
        }
        if let path = rest(of: endpoint, after: "ipc://") {
            return (1...pathBytesMaximum).contains(path.utf8.count)
                ? nil : "needs a path of 1 to \(pathBytesMaximum) bytes"
        }
        if let name = rest(of: endpoint, after: "inproc://") {
            return (1...nameBytesMaximum).contains(name.utf8.count)
                ? nil : "needs a name of 1 to \(nameBytesMaximum) bytes"
        }
        return "must begin with tcp://, ipc:// or inproc://"
    }

    /// The directory of an endpoint's file; nil where it has none.
    static func directory(_ endpoint: String) -> String? {
        // A name that begins with @ is no file, and * lets ZeroMQ choose one.
        guard let path = rest(of: endpoint, after: "ipc://"), !path.hasPrefix("@"), path != "*"
        else { return nil }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func rest(of endpoint: String, after prefix: String) -> Substring? {
        endpoint.hasPrefix(prefix) ? endpoint.dropFirst(prefix.count) : nil
    }
}
