/// A bounded table that forgets what was not used for longest.
///
/// Two generations of a dictionary: what is used moves to the younger one; when that is full, the
/// older one is dropped and the younger takes its place. Every operation is O(1), and at least
/// `capacity` of the entries used last are there.
struct RecentTable<Key: Hashable, Value> {
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(capacity: Int) {
        precondition(capacity > 0, "a table has room for something")
        self.capacity = capacity
    }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, for: key)
            return value
        }
        set {
            old.removeValue(forKey: key)
            guard let newValue else {
                young.removeValue(forKey: key)
                return
            }
            insert(newValue, for: key)
        }
    }

    private mutating func insert(_ value: Value, for key: Key) {
        if young.count >= capacity, young[key] == nil {
            old = young
            young = [:]
            old.removeValue(forKey: key)
        }
        young[key] = value
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }

    /// The number of entries, at most twice the capacity.
    var count: Int { young.count + old.count }
}

extension RecentTable: Sendable where Key: Sendable, Value: Sendable {}
