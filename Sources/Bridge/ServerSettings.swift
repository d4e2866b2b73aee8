internal import Glibc
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore
internal import NIOSSL

/// What the HTTP server is made of.
enum ServerSettings {
    /// The server, with its limits and perhaps TLS.
    ///
    /// - Throws: ``BridgeFailure/certificate(_:)``.
    static func server(
        _ configuration: BridgeConfiguration
    ) throws(BridgeFailure) -> HTTPServerBuilder {
        let maximum = configuration.headerByteCountMaximum
        // A connection that sends no whole header within the idle time is closed, however often
        // it sends a byte: time counts from the last complete part of a request.
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(configuration.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: maximum,
                    maxHeaderListSize: maximum,
                    maxHeaderFieldCount: 100
                )
            )
        )
        guard let certificate = configuration.certificateFile, let key = configuration.keyFile
        else { return plain }
        let tls = try tls(certificate: certificate, key: key)
        do {
            return try .tls(plain, tlsConfiguration: tls)
        } catch {
            throw .certificate("TLS cannot be set up with --tls-cert \(certificate): \(error).")
        }
    }

    private static func tls(
        certificate: String,
        key: String
    ) throws(BridgeFailure) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw .certificate("--tls-cert \(certificate) cannot be read as PEM certificates.")
        }
        guard !chain.isEmpty else {
            throw .certificate("--tls-cert \(certificate) holds no certificate.")
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw .certificate("--tls-key \(key) cannot be read as a PEM private key.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            // The server would make it too late to say what is wrong.
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .certificate("--tls-key \(key) does not belong to --tls-cert \(certificate).")
        }
        return configuration
    }

    /// Why the server did not start.
    static func failure(_ error: any Error, _ configuration: BridgeConfiguration) -> BridgeFailure {
        let reason =
            (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        return .address(host: configuration.host, port: configuration.port, reason: reason)
    }
}
