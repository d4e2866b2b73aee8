internal import Foundation
internal import Synchronization

/// Directories that last as long as the benchmarks, and the processes that use them.
final class Scratch: Sendable {
    private let root: URL
    private let keeps: Bool
    private let children = Mutex<Set<Int32>>([])

    /// Makes a directory of its own.
    ///
    /// - Parameters:
    ///   - path: Where; it must exist.
    ///   - keeps: Whether ``remove()`` leaves the directories there.
    /// - Throws: Where it cannot be made.
    init(under path: String, keeps: Bool) throws {
        let name = "botstats-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
        root = URL(fileURLWithPath: path).appendingPathComponent(name)
        self.keeps = keeps
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    /// Makes an empty directory, in the place of one of the same name.
    func directory(_ name: String) throws -> URL {
        let url = root.appendingPathComponent(name)
        try? FileManager.default.removeItem(at: url)
        // The daemon refuses a directory that others may read.
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return url
    }

    /// The place of a file beside the directories.
    func file(_ name: String) -> URL { root.appendingPathComponent(name) }

    /// Copies a stopped store.
    func copy(_ directory: URL, as name: String) throws -> URL {
        let target = try self.directory(name)
        for file in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            try FileManager.default.copyItem(
                at: directory.appendingPathComponent(file),
                to: target.appendingPathComponent(file)
            )
        }
        return target
    }

    /// Waits until everything written is on the disk, so that a measurement at rest is one.
    func settle() {
        sync()
        Thread.sleep(forTimeInterval: 1)
    }

    /// Removes one directory early, to give its room back.
    func discard(_ directory: URL) {
        guard !keeps else { return }
        try? FileManager.default.removeItem(at: directory)
    }

    /// Remembers a process to be killed with the directories.
    func adopt(_ child: Int32) { children.withLock { _ = $0.insert(child) } }

    /// Forgets a process that has ended.
    func release(_ child: Int32) { children.withLock { _ = $0.remove(child) } }

    /// Kills what still runs and removes every directory.
    func remove() {
        for child in children.withLock({ $0 }) { kill(child, SIGKILL) }
        if keeps {
            Progress.note("The scratch directories were kept.")
        } else {
            try? FileManager.default.removeItem(at: root)
        }
    }

    /// Lets SIGINT and SIGTERM remove everything before they end the process.
    ///
    /// Call it before any other thread exists, so that none of them takes the signals.
    func removeOnSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        Thread.detachNewThread {
            var signals = awaited
            var number: Int32 = 0
            sigwait(&signals, &number)
            self.remove()
            _exit(128 + number)
        }
    }

    /// The bytes that a directory's files take on disk, as `du` counts them.
    static func diskUsage(of directory: URL) throws -> Int {
        var bytes = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
            var information = stat()
            let path = directory.appendingPathComponent(file).path
            guard lstat(path, &information) == 0 else { continue }
            bytes += Int(information.st_blocks) * 512
        }
        return bytes
    }
}
