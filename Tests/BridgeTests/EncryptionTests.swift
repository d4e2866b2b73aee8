import AsyncHTTPClient
import Bridge
import Foundation
import JSON
import NIOSSL
import Simulation
import Testing

/// HTTP over TLS.
@Suite struct EncryptionTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ text: String, to name: String) throws -> String {
        let path = directory.path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `with a certificate requests are encrypted`() async throws {
        let daemon = try DaemonFixture()
        let (certificate, key) = try (
            write(TestCertificate.certificate, to: "cert"), write(TestCertificate.key, to: "key")
        )
        let bridge = try BridgeFixture(daemon.queryEndpoint) {
            $0.certificateFile = certificate
            $0.keyFile = key
        }
        #expect(bridge.bridge.url.hasPrefix("https://127.0.0.1:"))

        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = tls
        let client = HTTPClient(configuration: configuration)
        let answer = try await HTTP.request("GET", bridge.url("/usage"), client: client)
        #expect(answer.status == 200)
        #expect(try answer.json["meta"] != nil)
        try await client.shutdown()

        // Who does not trust the certificate does not get through, and neither does plain HTTP.
        await #expect(throws: (any Error).self) { try await bridge.get("/usage") }
        let plain = try RawConnection(port: bridge.bridge.port)
        plain.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(plain.readToEnd()?.contains("HTTP/1.1") == false)
    }

    @Test func `what is wrong with a certificate is said before anything starts`() throws {
        let certificate = try write(TestCertificate.certificate, to: "cert")
        let key = try write(TestCertificate.key, to: "key")
        let other = try write(TestCertificate.otherKey, to: "other")
        let text = try write("no PEM", to: "text")
        let none = directory.path + "/none"
        let rows: [(certificate: String?, key: String?, failure: BridgeFailure)] = [
            (certificate, nil, .configuration(["--tls-cert and --tls-key must be given together"])),
            (nil, key, .configuration(["--tls-cert and --tls-key must be given together"])),
            (none, key, .certificate("--tls-cert \(none) cannot be read as PEM certificates.")),
            (text, key, .certificate("--tls-cert \(text) cannot be read as PEM certificates.")),
            (
                certificate, text,
                .certificate("--tls-key \(text) cannot be read as a PEM private key.")
            ),
            (
                certificate, other,
                .certificate("--tls-key \(other) does not belong to --tls-cert \(certificate).")
            ),
        ]
        for row in rows {
            #expect(throws: row.failure) {
                try BridgeFixture("ipc:///tmp/botstats-nobody-is-here") {
                    $0.certificateFile = row.certificate
                    $0.keyFile = row.key
                }
            }
        }
    }
}
