internal import Glibc

/// What the system says of this process.
struct ProcessFigures {
    /// Memory that is in use, in bytes, mapped pages of the store included.
    var residentBytes = 0
    /// Processor time used by all threads.
    var cpuSeconds = 0.0
    /// Open file descriptors.
    var openFiles = 0
    /// How many there may be.
    var openFilesMaximum = 0
    /// Threads.
    var threads = 0

    /// Reads them; what cannot be read is 0.
    init() {
        // statm(5): pages in all, then pages that are resident.
        let statistics = Self.contents(of: "/proc/self/statm").split(separator: " ")
        if statistics.count > 1, let pages = Int(statistics[1]) {
            residentBytes = pages * sysconf(Int32(_SC_PAGESIZE))
        }
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
        // The one the listing needs is closed again.
        openFiles = max(0, Self.entryCount("/proc/self/fd") - 1)
        threads = Self.entryCount("/proc/self/task")
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            openFilesMaximum = Int(clamping: limit.rlim_cur)
        }
    }

    private static func contents(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// The number of names in a directory, without `.` and `..`.
    private static func entryCount(_ path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var count = -2
        while readdir(directory) != nil { count += 1 }
        return max(0, count)
    }
}
