internal import Foundation

/// What Linux knows of a process.
struct ProcessStatistics {
    /// User and system time so far, in seconds, in steps of a clock tick (10 ms).
    let cpuSeconds: Double
    /// All memory in use, pages of mapped files included.
    let residentBytes: Int
    /// The most memory that was ever in use.
    let peakResidentBytes: Int
    /// Memory in use without pages of files.
    let anonymousBytes: Int

    /// Reads the figures of a process.
    ///
    /// - Parameter identifier: The process; nil is this one.
    /// - Throws: ``BenchmarkFailure`` where it is gone.
    init(of identifier: Int32? = nil) throws {
        let root = "/proc/\(identifier.map(String.init) ?? "self")"
        guard let status = try? String(contentsOfFile: "\(root)/status", encoding: .utf8),
            let seconds = Self.cpuSeconds("\(root)/stat")
        else { throw BenchmarkFailure("the process ended while it was measured") }
        var bytes: [Substring: Int] = [:]
        for line in status.split(separator: "\n") where line.hasSuffix(" kB") {
            let parts = line.split { $0 == ":" || $0 == " " || $0 == "\t" }
            if parts.count == 3 { bytes[parts[0]] = Int(parts[1]).map { $0 * 1_024 } }
        }
        cpuSeconds = seconds
        residentBytes = bytes["VmRSS"] ?? 0
        peakResidentBytes = bytes["VmHWM"] ?? 0
        anonymousBytes = bytes["RssAnon"] ?? 0
    }

    /// The time of each thread in seconds, by its name; threads of one name together.
    static func threadSeconds(of identifier: Int32) -> [String: Double] {
        let root = "/proc/\(identifier)/task"
        var result: [String: Double] = [:]
        for thread in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
            let path = "\(root)/\(thread)"
            guard let name = try? String(contentsOfFile: "\(path)/comm", encoding: .utf8),
                let seconds = cpuSeconds("\(path)/stat")
            else { continue }
            result[name.trimmingCharacters(in: .whitespacesAndNewlines), default: 0] += seconds
        }
        return result
    }

    /// Fields 14 and 15 of a `stat` file, user and system time.
    private static func cpuSeconds(_ path: String) -> Double? {
        // The second field, the name, may hold spaces and parentheses; the last one ends it.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
