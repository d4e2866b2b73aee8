/// Who publishes, and how patiently.
public struct PublisherConfiguration: Sendable {
    /// Which numbering of the producer's events to use.
    public enum Epoch: Sendable, Equatable {
        /// A new one, which the daemon allocates; numbers begin at 1.
        case new
        /// This one, which the daemon gave earlier; numbers go on where it left off.
        case resume(Int64)
        /// The one the daemon has stored, or the first where it does not know the producer.
        case stored
    }

    /// How many bytes of UTF-8 a producer's name may have.
    public static let producerByteCountMaximum = 128

    /// The producer's name, 1 to 128 bytes of UTF-8; of two publishers with one name only the
    /// newer may publish.
    public var producer: String
    /// Which numbering to use.
    public var epoch: Epoch
    /// Whether events may be numbered anew where the store does not know the old epoch.
    ///
    /// A publisher whose numbers mean something, such as a line of a file, says no.
    public var mayRenumber = true
    /// How many lines a batch holds that is made of single lines; the daemon may allow less.
    public var batchEventCountMaximum = 500
    /// How long to wait for an answer before a new connection is tried.
    public var answerTimeout: Duration = .seconds(10)
    /// After how long a silence the connection is probed.
    public var keepaliveInterval: Duration = .seconds(10)
    /// How long to go on without any progress, or nil to go on for ever.
    public var patience: Duration?

    /// Describes a publisher.
    ///
    /// - Parameters:
    ///   - producer: The producer's name.
    ///   - epoch: Which numbering to use.
    public init(producer: String, epoch: Epoch = .new) {
        self.producer = producer
        self.epoch = epoch
    }
}
