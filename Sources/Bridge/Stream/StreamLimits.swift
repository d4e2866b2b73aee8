/// Sizes and times of streams.
public struct StreamLimits: Sendable {
    /// How many listeners there may be.
    public var listenerMaximum = 1_024
    /// How many of them may have the same credential.
    public var credentialListenerMaximum = 512
    /// How many different figures may be asked for each second, for those that the live socket
    /// does not have.
    public var askedFeedMaximum = 128
    /// How often figures are asked for that the live socket does not have.
    public var askInterval = Duration.seconds(1)
    /// How often the daemon is asked whether a credential is still good.
    public var recheckInterval = Duration.seconds(60)
    /// After how long without figures they are asked for.
    public var silenceMaximum = Duration.seconds(10)
    /// How often a comment is sent.
    public var heartbeatInterval = Duration.seconds(15)

    /// Makes the default limits.
    public init() {}
}
