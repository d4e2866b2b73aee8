internal import Daemon
internal import Foundation
internal import OperatorLog

/// SIGHUP, on which a daemon reads again what may change while it runs.
///
/// Make it before any thread exists, so that none of them takes the signal.
struct ReloadSignal {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGHUP)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Calls a closure each time it comes, on a thread of its own, until the process ends.
    func follow(_ reload: @escaping @Sendable () -> Void) {
        let awaited = signals
        Thread.detachNewThread {
            var signals = awaited
            var number: Int32 = 0
            while sigwait(&signals, &number) == 0 { reload() }
        }
    }
}

extension Log {
    /// Takes the level that the settings have now: an operator has changed the file.
    func readLevel(from settings: () throws(DaemonFailure) -> LogLevel) {
        do throws(DaemonFailure) {
            setLevel(try settings(), by: "SIGHUP")
        } catch let failure {
            error("SIGHUP: \(failure)")
        }
    }
}
