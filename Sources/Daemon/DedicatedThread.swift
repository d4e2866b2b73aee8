internal import CPlatform
internal import Glibc

/// A thread of its own for one loop: ZeroMQ sockets and LMDB's write transactions stay on it.
struct DedicatedThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What tools show, at most 15 bytes.
    ///   - run: What it does.
    init(name: String, _ run: @escaping @Sendable () -> Void) {
        var handle = pthread_t()
        let body = Unmanaged.passRetained(
            Body {
                botstats_name_thread(name)
                run()
            }
        )
        .toOpaque()
        let code = pthread_create(
            &handle,
            nil,
            { body in
                guard let body else { return nil }
                Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
                return nil
            },
            body
        )
        guard code == 0 else { fatalError("the system has no more threads (error \(code))") }
        self.handle = handle
    }

    /// Waits for the end of the thread.
    func join() { pthread_join(handle, nil) }
}
