internal import CPlatform
internal import Glibc

/// How much memory this process uses and may use.
enum ProcessMemory {
    private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))

    /// The resident bytes that are not pages of files, which the system takes back by itself.
    static var anonymousBytes: Int {
        // proc(5): size, resident and shared (files and shared memory), in pages.
        let fields = text(of: "/proc/self/statm").split(separator: " ").map { Int($0) ?? 0 }
        guard fields.count > 2 else { return 0 }
        return (fields[1] - fields[2]) * pageBytes
    }

    /// The memory of the machine, or of the control group where that has less.
    static var availableBytes: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * pageBytes
        // Without a limit the file says "max", and without version 2 it is not there.
        let group = text(of: "/sys/fs/cgroup/memory.max").split(separator: "\n").first
        return min(machine, group.flatMap { Int($0) } ?? .max)
    }

    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return String(unsafeUninitializedCapacity: 128) { buffer in
            max(0, read(file, buffer.baseAddress, buffer.count))
        }
    }
}
