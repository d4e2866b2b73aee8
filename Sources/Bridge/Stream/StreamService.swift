internal import ServiceLifecycle

/// What streams need from time to time: heartbeats, and questions to the daemon.
struct StreamService: Service {
    let hub: StreamHub
    let gateway: QueryGateway
    let limits: StreamLimits

    func run() async {
        // Before the server waits for its connections to end.
        await withGracefulShutdownHandler {
            try? await cancelWhenGracefulShutdown { try await work() }
        } onGracefulShutdown: {
            hub.stop()
        }
    }

    private func work() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var nextBeat = ContinuousClock.now + limits.heartbeatInterval
            while true {
                try await Task.sleep(for: limits.askInterval)
                for (key, inquiry) in hub.due() {
                    group.addTask { hub.answered(await gateway.ask(inquiry), for: key) }
                }
                guard ContinuousClock.now >= nextBeat else { continue }
                nextBeat += limits.heartbeatInterval
                hub.beat()
            }
        }
    }
}
