internal import Access
internal import Certificates
internal import Synchronization
internal import ZeroMQ

/// The daemon's side of CURVE: its own keys, and whose keys may connect.
///
/// Whoever holds the daemon's own pair is its operator: that key may connect too, and publish under
/// any name.
final class CurveDoor: Sendable {
    let keys: CurveKeyPair
    private let clients: Mutex<CurveClients>
    private let changes = Atomic<Int>(0)

    /// Reads the keys; nil where nothing is to be encrypted.
    init?(_ settings: CurveSettings) throws(DaemonFailure) {
        guard let file = settings.secretKeyFile, let directory = settings.clientsDirectory else {
            return nil
        }
        guard CurveKeyPair.isSupported else {
            throw .access(
                "--curve-secret-key-file: libzmq was built without CURVE here; install one that "
                    + "has it, such as the distribution's."
            )
        }
        do throws(CertificateFileFailure) {
            keys = try CertificateFile.readPair(file)
        } catch {
            throw .access("--curve-secret-key-file \(error).")
        }
        do throws(AccessFailure) {
            clients = Mutex(try CurveClients(directory: directory))
        } catch {
            throw .access(error.description)
        }
    }

    /// Reads the clients' files again where they have changed.
    ///
    /// - Returns: What is to be logged.
    func follow() -> [AccessFailure] {
        clients.withLock { clients in
            let failures = clients.follow(now: MonotonicClock.microseconds / 1_000)
            if failures != nil { changes.wrappingAdd(1, ordering: .releasing) }
            return failures ?? []
        }
    }

    /// Grows whenever the clients change.
    var version: Int { changes.load(ordering: .acquiring) }

    /// All that may connect, by public key.
    var byKey: [String: CurveClient] {
        var clients = clients.withLock { $0.byKey }
        clients[keys.publicKey] = CurveClient(name: "the daemon's own key")
        return clients
    }

    /// Whether a public key may connect.
    func admits(_ key: String) -> Bool {
        key == keys.publicKey || clients.withLock { $0.byKey[key] != nil }
    }
}
