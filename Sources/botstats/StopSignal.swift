internal import Glibc

/// SIGTERM and SIGINT as something to wait for.
///
/// Make it before any thread exists, so that none of them takes the signals.
struct StopSignal {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for one of them.
    func wait() {
        var awaited = signals
        var number: Int32 = 0
        sigwait(&awaited, &number)
    }
}
