public import Access
internal import Core
internal import Glibc
public import JSON
internal import Store

/// What an operator does in a data directory on which no daemon runs.
public enum StoppedDaemon {
    /// Does what a request about API keys asks for.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - dataDirectory: The daemon's data directory.
    ///   - clock: The time of day.
    /// - Returns: The result object; nil where a daemon runs, which then has to be asked.
    /// - Throws: ``DaemonFailure`` where the directory is no daemon's, the keys in it cannot be
    ///   used, or the request cannot be fulfilled.
    public static func perform(
        _ request: APIKeyRequest,
        dataDirectory: String,
        clock: WallClock = .system
    ) throws(DaemonFailure) -> JSONValue? {
        let directory: DataDirectory
        do throws(StoreError) {
            guard access(dataDirectory + "/store", F_OK) == 0 else {
                throw .unusableDirectory(path: dataDirectory, reason: "there is no store in it")
            }
            directory = try DataDirectory(dataDirectory)
        } catch {
            if case .locked = error { return nil }
            throw .storage(error.description)
        }
        // The lock lasts as long as the object that holds it.
        defer { withExtendedLifetime(directory) {} }
        let failure: String
        do throws(AccessFailure) {
            var keys = try StoppedKeys(dataDirectory: dataDirectory)
            do throws(APIKeyFault) {
                return try keys.perform(request, now: clock.now)
            } catch {
                failure = error.description
            }
        } catch {
            failure = error.description
        }
        throw .access(failure)
    }
}
