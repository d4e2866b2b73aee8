internal import Glibc

/// Lets transactions in together and the growth of the map alone.
///
/// LMDB moves the whole map when it grows, and "the size may be changed … only if there are no
/// active transactions in this process" (lmdb.h, mdb_env_set_mapsize); a span into the old map
/// would fault. So a growth waits for open transactions, and new ones wait for the growth.
@safe
// @unchecked because every access to the two counters happens under the mutex.
final class TransactionGate: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var openCount = 0
    private var growthCount = 0

    init() {
        // Both live at one address from here to deinit, as POSIX demands.
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe Self.check(pthread_mutex_init(mutex, nil))
        unsafe Self.check(pthread_cond_init(changed, nil))
    }

    deinit {
        // No transaction is open: each keeps the environment, and so this gate, alive.
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Counts a transaction in, after any growth that waits or runs.
    func enter() {
        // The mutex is initialised, and unlocked on every path below.
        unsafe Self.check(pthread_mutex_lock(mutex))
        while growthCount > 0 { unsafe Self.check(pthread_cond_wait(changed, mutex)) }
        openCount += 1
        unsafe Self.check(pthread_mutex_unlock(mutex))
    }

    /// Counts a transaction out.
    func leave() {
        // As in enter.
        unsafe Self.check(pthread_mutex_lock(mutex))
        precondition(openCount > 0, "a transaction left the gate twice")
        openCount -= 1
        if openCount == 0, growthCount > 0 {
            unsafe Self.check(pthread_cond_broadcast(changed))
        }
        unsafe Self.check(pthread_mutex_unlock(mutex))
    }

    /// Runs the body while no transaction is open.
    ///
    /// The mutex stays locked meanwhile, which also keeps growths apart.
    func withoutTransactions<R>(_ body: () -> R) -> R {
        // As in enter.
        unsafe Self.check(pthread_mutex_lock(mutex))
        growthCount += 1
        while openCount > 0 { unsafe Self.check(pthread_cond_wait(changed, mutex)) }
        let result = body()
        growthCount -= 1
        unsafe Self.check(pthread_cond_broadcast(changed))
        unsafe Self.check(pthread_mutex_unlock(mutex))
        return result
    }

    private static func check(_ code: Int32) {
        precondition(code == 0, "a pthread call failed, which only misuse can cause")
    }
}
