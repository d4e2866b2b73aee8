/// Everything about encryption that the daemon can be told.
public struct CurveSettings: Sendable {
    /// The file of the daemon's own key pair; nil where nothing is encrypted.
    public var secretKeyFile: String?
    /// The directory with a file for each key that may connect.
    public var clientsDirectory: String?

    /// Makes the default settings: nothing is encrypted.
    public init() {}

    /// Whether connections are encrypted.
    public var isOn: Bool { secretKeyFile != nil }

    /// What is wrong with them, all at once.
    public var problems: [String] {
        switch (secretKeyFile, clientsDirectory) {
        case (.some, nil):
            [
                "--curve-secret-key-file needs --curve-clients-dir too, the directory with the "
                    + "public keys that may connect"
            ]
        case (nil, .some):
            [
                "--curve-clients-dir needs --curve-secret-key-file too, the daemon's own key pair; "
                    + "botstats keys curve makes one"
            ]
        default: []
        }
    }
}
