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

    /// Lets the calling thread take signals that the parent process had blocked.
    static func unblock(_ numbers: Int32...) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
