internal import Access
internal import Glibc
internal import Store
internal import Zones

/// `serve --check-config`: what would keep a daemon from starting, found without starting one.
///
/// Nothing is made, bound or locked, so that a daemon that runs with the same settings does not
/// notice.
public enum ConfigurationCheck {
    /// Looks for problems.
    ///
    /// Whether an endpoint is in use and whether a daemon runs on the data directory is not
    /// looked at: both are so while the daemon runs that is to be restarted.
    ///
    /// - Parameter configuration: The settings.
    /// - Returns: A sentence each; empty where nothing is wrong.
    public static func problems(of configuration: DaemonConfiguration) -> [String] {
        var problems = configuration.problems
        if SystemZoneDatabase().rules(named: configuration.timezone) == nil {
            problems.append(StoreError.unknownZone(configuration.timezone).description)
        }
        for (option, endpoint) in configuration.endpoints {
            if let directory = Endpoint.directory(endpoint), !isWritable(directory) {
                problems.append(
                    "\(option) \(endpoint) cannot be bound: the directory \(directory) is missing "
                        + "or cannot be written."
                )
            }
        }
        let path = configuration.dataDirectory
        if let problem = directoryProblem(path) {
            problems.append(problem)
        } else {
            for part in [path + "/journal", path + "/store"] where exists(part + "/data.mdb") {
                do throws(StoreError) {
                    try Store.verifyFormat(at: part)
                } catch {
                    problems.append(error.description)
                }
            }
        }
        problems += configuration.access.fileProblems(in: path)
        do throws(DaemonFailure) {
            _ = try CurveDoor(configuration.curve)
        } catch {
            problems.append(error.description)
        }
        // What libraries say ends without one.
        return problems.map { $0.hasSuffix(".") ? $0 : $0 + "." }
    }

    private static func directoryProblem(_ path: String) -> String? {
        func problem(_ path: String, _ reason: String) -> String {
            StoreError.unusableDirectory(path: path, reason: reason).description
        }
        guard exists(path) else {
            // It is made at the first start, one level deep.
            let parent = parent(of: path)
            return isWritable(parent)
                ? nil : problem(path, "it is missing, and \(parent) is so too or cannot be written")
        }
        for directory in ["", "/journal", "/store", "/access"].map({ path + $0 })
        where exists(directory) {
            guard isDirectory(directory) else { return problem(directory, "it is no directory") }
            guard isWritable(directory) else { return problem(directory, "it cannot be written") }
        }
        do throws(StoreError) {
            try DataDirectory.refuseNetworkFile(path)
        } catch {
            return error.description
        }
        return nil
    }

    private static func parent(of path: String) -> String {
        let name = path.reversed().drop { $0 == "/" }
        let parent = name.drop { $0 != "/" }.drop { $0 == "/" }
        if parent.isEmpty { return path.hasPrefix("/") ? "/" : "." }
        return String(parent.reversed())
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether files can be made in a directory.
    private static func isWritable(_ path: String) -> Bool {
        isDirectory(path) && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0
    }
}
