internal import Access
internal import Core
internal import ZeroMQ

/// Under which names connections may publish, by their keys; without CURVE each may under any.
///
/// It belongs to the ingest thread, which copies the clients when they change and asks nobody else.
struct PublisherRights {
    private let door: CurveDoor?
    private var clients: [String: CurveClient] = [:]
    /// Which state of the clients that is, and by which the owners were looked through.
    private var (version, lookedThrough) = (-1, -1)
    /// Whose key owns a producer, by the producer's place in the table.
    private var owners: [Int: (producer: ProducerName, key: String?)] = [:]

    init(_ door: CurveDoor?) { self.door = door }

    /// The key of the connection that a message came by; nil without CURVE.
    ///
    /// libzmq 4.3.4 does not tell it with a message's first part, so ask with a later one.
    func key(of message: borrowing Message) -> String? {
        door == nil ? nil : message.metadata(ZAPLoop.userProperty)
    }

    /// Why a key may not publish under a name.
    ///
    /// - Parameters:
    ///   - producer: The name; nil where a message has none.
    ///   - key: What ``key(of:)`` said.
    /// - Returns: A sentence; nil where it may.
    mutating func objection(to producer: ProducerName?, by key: String?) -> String? {
        guard let door else { return nil }
        // A key may be used as soon as it was admitted.
        if door.version != version {
            version = door.version
            clients = door.byKey
        }
        guard let client = key.flatMap({ clients[$0] }) else {
            return "This connection's key is not allowed any more; ask the operator."
        }
        guard !client.mayPublish(as: producer) else { return nil }
        return "The key \(client.name) may not publish under this name; use one that it is tied "
            + "to, or ask the operator."
    }

    /// Notes whose key owns a producer from now on.
    mutating func own(_ place: Int, _ producer: ProducerName, _ key: String?) {
        if door != nil { owners[place] = (producer, key) }
    }

    /// Follows changes of the clients.
    ///
    /// - Returns: The places of the producers whose owners may not publish under their names any
    ///   more.
    mutating func follow() -> [Int] {
        guard let door, door.version != lookedThrough else { return [] }
        lookedThrough = door.version
        let lost = owners.filter { objection(to: $0.value.producer, by: $0.value.key) != nil }
        for place in lost.keys { owners[place] = nil }
        return Array(lost.keys)
    }
}
