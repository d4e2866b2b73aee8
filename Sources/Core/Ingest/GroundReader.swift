/// What the fold asks of the folded store: identities, first messages and whole sessions.
///
/// One reader stands on one snapshot; ``foldedPosition`` says which events it contains.
public protocol GroundReader: AnyObject {
    /// Position after the last event the snapshot contains.
    var foldedPosition: UInt64 { get }

    /// Looks a session up.
    ///
    /// - Parameters:
    ///   - identity: The session's UUID.
    ///   - bot: The bot's ordinal.
    /// - Returns: The session's ordinal, or nil when unknown.
    func session(_ identity: UUID128, bot: UInt32) -> UInt32?

    /// Looks a user up.
    ///
    /// - Parameter identity: The user's UUID.
    /// - Returns: The user's ordinal, or nil when unknown.
    func user(_ identity: UUID128) -> UInt32?

    /// The identity behind a user's ordinal.
    ///
    /// - Parameter ordinal: A user of the snapshot.
    /// - Returns: Their UUID, or nil when the snapshot does not know them.
    func userIdentity(_ ordinal: UInt32) -> UUID128?

    /// A user's first incoming message.
    ///
    /// - Parameters:
    ///   - user: The user's ordinal.
    ///   - bot: A bot's ordinal, or ``SlotKey/allBots``.
    /// - Returns: nil when there was none.
    func firstMessage(of user: UInt32, to bot: UInt32) -> FirstMessage?

    /// Reads a session's timeline.
    ///
    /// - Parameters:
    ///   - session: The session's ordinal.
    ///   - body: Called for each event in the order of arrival.
    /// - Returns: The bot's ordinal, or nil when the snapshot does not know the session.
    func readTimeline(of session: UInt32, _ body: (EventRecord) -> Void) -> UInt32?

    /// The sessions of a bot.
    ///
    /// - Parameter bot: The bot's ordinal.
    /// - Returns: Their ordinals.
    func sessions(of bot: UInt32) -> [UInt32]
}
