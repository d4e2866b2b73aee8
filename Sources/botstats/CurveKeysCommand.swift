internal import ArgumentParser
internal import Certificates
internal import ZeroMQ

/// `botstats keys curve`.
struct CurveKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curve",
        abstract: "Make a CURVE key pair, and print the public key.",
        discussion: """
            Writes PATH.key, which others may know, and PATH.key_secret, which only its owner may \
            read. Nothing is overwritten. The daemon and each of its clients need a pair of their \
            own; a client's PATH.key goes into the daemon's --curve-clients-dir.

            Example:
              botstats keys curve --output keys/botserver-eu-1 --producers botserver-eu-1
            """
    )

    @Option(help: "The files' path, without .key.")
    var output: String

    @Option(
        help: """
            The names of producers that the key is tied to, with commas between them; one that \
            ends with * stands for all that begin so. (default: any name)
            """
    )
    var producers: String?

    func validate() throws {
        guard !output.isEmpty, !output.hasSuffix("/") else {
            throw ValidationError("--output must end with a name, such as keys/botserver-eu-1.")
        }
        guard producers?.contains(where: { $0 == "\"" || $0.isNewline }) != true else {
            throw ValidationError("--producers must be one line without quotation marks.")
        }
    }

    func run() throws {
        do {
            let keys = try CurveKeyPair.generate()
            let metadata = producers.map { ["producers": $0] } ?? [:]
            try CertificateFile.write(CurveCertificate(keys, metadata: metadata), to: output)
            print(keys.publicKey)
            let (publicFile, secretFile) = (
                output + CertificateFile.publicSuffix, output + CertificateFile.secretSuffix
            )
            StandardError.write("botstats: made \(publicFile) and \(secretFile)")
        } catch {
            throw CommandFailure.exit(error, code: 2)
        }
    }
}
