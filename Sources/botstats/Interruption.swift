internal import Glibc
internal import Synchronization

/// Whether the person at the terminal, or the system, asked the program to stop.
enum Interruption {
    private static let isRequested = Atomic<Bool>(false)

    /// Whether SIGINT or SIGTERM arrived.
    static var wasRequested: Bool { isRequested.load(ordering: .relaxed) }

    /// Turns the first SIGINT or SIGTERM into a request; a second one ends the program at once.
    static func watch() {
        // The variable must exist before a signal handler uses it: making it takes a lock.
        isRequested.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Interruption.isRequested.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        unblock(SIGINT, SIGTERM)
    }

    /// Waits for a time, for a signal, and perhaps for standard input.
    ///
    /// A signal between a look at `hasCome` and the wait would end no wait, so none is let in
    /// between: that is what pselect(2) is for.
    ///
    /// - Parameters:
    ///   - input: Whether standard input ends the wait.
    ///   - deadline: How long to wait.
    ///   - hasCome: Whether a signal that ends the wait has come already.
    /// - Returns: Whether there is something to read.
    static func wait(
        for input: Bool = false,
        until deadline: ContinuousClock.Instant,
        unless hasCome: () -> Bool = { wasRequested }
    ) -> Bool {
        var held = set(SIGINT, SIGTERM, SIGWINCH)
        var former = sigset_t()
        pthread_sigmask(SIG_BLOCK, &held, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        if hasCome() { return false }
        let left = max(deadline - .now, .zero).components
        var time = timespec(
            tv_sec: Int(left.seconds),
            tv_nsec: Int(left.attoseconds / 1_000_000_000)
        )
        var files = fd_set()
        // Of file 0, in FD_SET's words.
        files.__fds_bits.0 = input ? 1 << STDIN_FILENO : 0
        return pselect(STDIN_FILENO + 1, &files, nil, nil, &time, &former) > 0
    }

    /// Lets the calling thread take signals that the parent process had blocked.
    static func unblock(_ numbers: Int32...) {
        var signals = set(numbers)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private static func set(_ numbers: Int32...) -> sigset_t { set(numbers) }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        return signals
    }
}
