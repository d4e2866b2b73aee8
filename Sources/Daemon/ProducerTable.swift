internal import Core
internal import JSON
internal import Store

/// The peers of the ingest socket by the identity ZeroMQ gave their connection.
typealias RoutingID = [UInt8]

/// Who owns which producer, and what number comes next: the protocol of `protocol/ingest.md`
/// without sockets and events.
///
/// A pure state machine. What is not committed can be taken back with ``revert()``.
struct ProducerTable {
    /// One producer.
    struct Entry {
        /// The producer's name.
        let name: ProducerName
        /// What the journal has.
        var durable: Journal.Producer
        /// What the next commit makes durable.
        var pending: Journal.Producer
        /// The connection that said HELLO last.
        var owner: RoutingID?
        /// Batches and bytes taken in since the last commit.
        var batches = 0
        /// Bytes of them.
        var bytes = 0
        /// What the next ACK reports.
        var tally = IngestTally()
        /// Whether the next commit concerns the producer.
        var owesAck = false

        /// Whether a batch is waiting for its ACK; a new epoch alone is answered by a WELCOME.
        var hasNews: Bool { batches > 0 }

        var expected: UInt64 { pending.committed + 1 }
    }

    /// All producers.
    private(set) var entries: [Entry] = []
    private var places: [ProducerName: Int] = [:]
    private var formerOwners = FormerOwners(remembered: Limits.formerOwnersRemembered)
    /// Producers that the next commit concerns.
    private(set) var touched: [Int] = []

    init(_ stored: [ProducerName: Journal.Producer]) {
        for (name, state) in stored { insert(name, state) }
    }

    @discardableResult
    private mutating func insert(_ name: ProducerName, _ state: Journal.Producer) -> Int {
        entries.append(Entry(name: name, durable: state, pending: state))
        places[name] = entries.count - 1
        return entries.count - 1
    }

    /// The place of a producer.
    func place(of name: ProducerName) -> Int? { places[name] }

    /// Access to one entry, which the caller changes within the protocol's rules.
    subscript(place: Int) -> Entry {
        get { entries[place] }
        _modify { yield &entries[place] }
    }

    /// Notes that the next commit concerns a producer.
    mutating func touch(_ place: Int) {
        guard !entries[place].owesAck else { return }
        entries[place].owesAck = true
        touched.append(place)
    }

    // MARK: - HELLO

    /// What a HELLO leads to.
    enum Greeting {
        /// The producer's place; its epoch may be new and has to be committed first.
        case welcome(place: Int, isNew: Bool)
        /// The producer has another epoch, or none.
        case unknownEpoch(current: UInt64?)
        /// ``Limits/producersMaximum`` producers are known.
        case tooManyProducers
    }

    mutating func greet(_ name: ProducerName, epoch: UInt64?, from peer: RoutingID) -> Greeting {
        if let place = places[name] {
            let current = entries[place].pending.epoch
            guard let epoch else {
                entries[place].pending = Journal.Producer(epoch: current + 1)
                own(place, peer)
                return .welcome(place: place, isNew: true)
            }
            guard epoch == current, current > 0 else {
                return .unknownEpoch(current: current == 0 ? nil : current)
            }
            own(place, peer)
            return .welcome(place: place, isNew: false)
        }
        guard epoch == nil else { return .unknownEpoch(current: nil) }
        guard entries.count < Limits.producersMaximum else { return .tooManyProducers }
        let place = insert(name, Journal.Producer(epoch: 0))
        entries[place].pending = Journal.Producer(epoch: 1)
        own(place, peer)
        return .welcome(place: place, isNew: true)
    }

    private mutating func own(_ place: Int, _ peer: RoutingID) {
        guard entries[place].owner != peer else { return }
        if let former = entries[place].owner { formerOwners.insert(former, place) }
        entries[place].owner = peer
    }

    /// Makes the owner of a producer say HELLO again; nothing of it may be under way.
    mutating func disown(_ place: Int) { entries[place].owner = nil }

    /// Whether a connection has said HELLO for a producer, now or before others did.
    func hasGreeted(_ peer: RoutingID, _ place: Int) -> Bool {
        entries[place].owner == peer || formerOwners.contains(peer, place)
    }

    // MARK: - Commit

    /// The states the next commit makes durable, by name.
    var moved: [(name: ProducerName, state: Journal.Producer)] {
        touched.compactMap { place in
            let entry = entries[place]
            return entry.pending == entry.durable ? nil : (entry.name, entry.pending)
        }
    }

    /// Stamps the producers whose numbers the next commit moves.
    mutating func stamp(_ now: UnixMilliseconds) {
        for place in touched where entries[place].pending != entries[place].durable {
            entries[place].pending.lastCommit = now
        }
    }

    /// Follows a successful commit; calls back for each producer that is owed an ACK.
    mutating func settle(_ acknowledge: (Entry) -> Void) {
        for place in touched {
            entries[place].durable = entries[place].pending
            acknowledge(entries[place])
            reset(place)
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Takes back everything since the last commit; calls back for each producer concerned.
    mutating func revert(_ refuse: (Entry) -> Void) {
        for place in touched {
            // An epoch of 0 was never given: the producer is unknown again, its place is kept.
            entries[place].pending = entries[place].durable
            if entries[place].durable.epoch == 0 { entries[place].owner = nil }
            refuse(entries[place])
            reset(place)
        }
        touched.removeAll(keepingCapacity: true)
    }

    private mutating func reset(_ place: Int) {
        entries[place].batches = 0
        entries[place].bytes = 0
        entries[place].tally = IngestTally()
        entries[place].owesAck = false
    }
}

/// Which connections said HELLO for which producer before somebody else did.
///
/// It tells `fenced` from `hello_required`, nothing more, and never hears that a connection is gone.
/// So it remembers fingerprints in two generations: when the younger is full the elder is forgotten.
/// Two of 64 bits that are equal by chance would make one refusal name the other reason.
struct FormerOwners {
    private let remembered: Int
    private var younger: Set<Int> = []
    private var elder: Set<Int> = []

    /// Remembers at least that many of the last, at most twice as many.
    init(remembered: Int) { self.remembered = remembered }

    mutating func insert(_ peer: RoutingID, _ place: Int) {
        if younger.count >= remembered {
            elder = younger
            younger = []
        }
        younger.insert(Self.fingerprint(peer, place))
    }

    func contains(_ peer: RoutingID, _ place: Int) -> Bool {
        let fingerprint = Self.fingerprint(peer, place)
        return younger.contains(fingerprint) || elder.contains(fingerprint)
    }

    private static func fingerprint(_ peer: RoutingID, _ place: Int) -> Int {
        // Seeded anew in every process, so that nobody can choose equal ones.
        var hasher = Hasher()
        hasher.combine(peer)
        hasher.combine(place)
        return hasher.finalize()
    }
}
