internal import CPlatform
internal import Glibc

/// An eventfd: any thread ends the wait of the one that polls it.
struct WakeUp: ~Copyable, Sendable {
    /// What to poll.
    let descriptor: Int32

    init() {
        descriptor = botstats_make_eventfd()
        precondition(descriptor >= 0, "the system has no more files")
    }

    deinit { close(descriptor) }

    /// Ends the wait.
    func signal() {
        var one: UInt64 = 1
        // Only a counter that is full refuses, and that one ends the wait as well.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes the signals back.
    func reset() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
