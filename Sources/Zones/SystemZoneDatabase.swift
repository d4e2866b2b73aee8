public import Core
internal import Foundation
internal import Synchronization

/// The time zones of the operating system, read from its zoneinfo files.
///
/// A zone is read once and kept. A newer set of files is seen after a restart: an answer may not
/// change because the host was updated in the middle of a day.
public final class SystemZoneDatabase: ZoneDatabase {
    /// Where the files are on Debian and most others.
    public static let standardDirectory = "/usr/share/zoneinfo"

    private let directory: String
    /// The zones found so far.
    ///
    /// What is not found is not kept, so that names bound it: there are
    /// about 600 files.
    private let found = Mutex<[String: ZoneRules]>(["UTC": .utc])

    /// Makes a database that reads nothing before a zone is asked for.
    ///
    /// - Parameter directory: The folder of compiled files, one for each name.
    public init(directory: String = SystemZoneDatabase.standardDirectory) {
        self.directory = directory
    }

    /// Looks a zone up; its file is read at the first call.
    ///
    /// - Parameter name: An IANA name or alias such as `America/Sao_Paulo`, by anybody: whatever
    ///   is no file of a zone within the directory is refused.
    /// - Returns: The zone under the name asked; nil when there is none. `UTC` needs no file.
    public func rules(named name: String) -> ZoneRules? {
        if let rules = found.withLock({ $0[name] }) { return rules }
        // Read outside the lock: two readers of one file do no harm.
        guard Self.isPlausible(name), let bytes = read(name),
            let rules = ZoneFile.rules(named: name, in: bytes)
        else { return nil }
        found.withLock { $0[name] = rules }
        return rules
    }

    private func read(_ name: String) -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: "\(directory)/\(name)") else { return nil }
        defer { try? file.close() }
        // A folder, such as America, can be opened and not read.
        guard let data = try? file.read(upToCount: ZoneFile.byteCountMaximum) else { return nil }
        return [UInt8](data)
    }

    /// Whether a name could be one of the IANA database's, and leads out of no directory.
    static func isPlausible(_ name: String) -> Bool {
        // The longest name has 32 bytes; 64 leave room.
        guard (1...64).contains(name.utf8.count) else { return false }
        let isClean = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard isClean else { return false }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        // Copies of the whole tree, one of them with leap seconds, and the host's own zone: no
        // names of zones, and another machine would answer differently.
        let isForeign = ["posix", "right", "localtime", "posixrules"].contains(parts[0])
        return !isForeign && parts.allSatisfy { !$0.isEmpty }
    }
}
