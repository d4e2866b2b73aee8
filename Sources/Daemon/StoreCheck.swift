internal import Core
internal import Glibc
internal import Store
internal import Zones

/// `botstats check`: compares what a stopped daemon's store says with what its timelines say.
public enum StoreCheck {
    /// Folds what the journal still has, recomputes, and compares.
    ///
    /// - Parameter dataDirectory: The daemon's data directory.
    /// - Returns: What is wrong, a line each; empty for a sound store.
    /// - Throws: ``DaemonFailure`` when the store cannot be opened, above all because a daemon
    ///   runs on it.
    public static func run(dataDirectory: String) throws(DaemonFailure) -> [String] {
        do throws(StoreError) {
            return try differences(in: dataDirectory)
        } catch {
            throw .storage(error.description)
        }
    }

    private static func differences(in path: String) throws(StoreError) -> [String] {
        guard access(path + "/store", F_OK) == 0 else {
            throw .unusableDirectory(path: path, reason: "there is no store in it")
        }
        var configuration = DaemonConfiguration()
        configuration.dataDirectory = path
        // The rows are checked as what they were made for, whatever the daemon is told next.
        if let (settings, retention) = try Store.settings(at: path + "/store") {
            configuration.retention = retention
            configuration.timezone = settings.zone
            configuration.sessionTimeoutSeconds = Int(
                settings.timeoutMilliseconds / Milliseconds.second
            )
        }
        guard let zone = SystemZoneDatabase().rules(named: configuration.timezone) else {
            throw .unknownZone(configuration.timezone)
        }
        let storage = try Storage(configuration, zone: zone)
        _ = try storage.store.adoptSettings()
        let snapshot = try StoreSnapshot(storage.store)
        let recovery = try Recovery(storage, snapshot: snapshot)
        snapshot.release()
        try storage.store.fold(recovery.tail)
        var progress = PruningProgress()
        let now = try storage.store.position().now
        while try !storage.store.prune(&progress, now: now) {}
        let scratch = path + "/check-\(getpid())"
        guard mkdir(scratch, 0o700) == 0 else {
            throw .unusableDirectory(path: scratch, reason: String(cString: strerror(errno)))
        }
        defer {
            for name in ["data.mdb", "lock.mdb"] { unlink(scratch + "/" + name) }
            rmdir(scratch)
        }
        return try storage.store.check(scratch: scratch).map(\.description)
    }
}
