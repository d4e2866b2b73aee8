internal import Foundation

/// What others did on the machine meanwhile, without which figures cannot be judged.
struct Interference {
    private let start = ContinuousClock.now
    private let busySeconds = Self.machineBusySeconds()
    private let ownSeconds = Self.ownSeconds()

    /// The share of one core that neither this process nor its ended children used, since this
    /// was made: other programs, the kernel's own threads, and what a hypervisor kept back.
    var share: Double {
        let elapsed = (ContinuousClock.now - start).inSeconds
        let busy = Self.machineBusySeconds() - busySeconds
        return max(0, busy - (Self.ownSeconds() - ownSeconds)) / elapsed
    }

    /// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
    private static func machineBusySeconds() -> Double {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first
        else { return 0 }
        let fields = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        let ticks = fields.enumerated().filter { $0.offset != 3 && $0.offset != 4 }
        return ticks.map(\.element).reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// CPU time of this process and of the children that have ended.
    private static func ownSeconds() -> Double {
        [RUSAGE_SELF, RUSAGE_CHILDREN]
            .map { who in
                var usage = rusage()
                getrusage(__rusage_who_t(who.rawValue), &usage)
                let micro = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
                return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micro) / 1e6
            }
            .reduce(0, +)
    }
}
