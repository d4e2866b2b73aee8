import Foundation
import JSON
import Synchronization
import ZeroMQ

/// An XPUB socket in the place of the daemon's live one, on a thread of its own.
final class LivePublisher: Sendable {
    let endpoint: String
    private let directory: TemporaryDirectory
    private let subscriptions = Mutex<[String]>([])
    private let outgoing = Mutex<[[[UInt8]]]>([])
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init() throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://\(directory.path)/live"
        let bound = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            run(bound)
            ended.signal()
        }
        bound.wait()
    }

    /// What was subscribed to (`+topic`) and no longer is (`-topic`), repetitions included.
    var received: [String] { subscriptions.withLock { $0 } }

    /// Publishes figures of a second.
    func publish(_ topic: String, second: Int, padding: Int = 0) {
        let content: JSONValue = [
            "padding": .string(String(repeating: "x", count: padding)),
            "meta": ["generated_at": .string("second-\(second)")],
        ]
        outgoing.withLock { $0.append([Array(topic.utf8), content.serializedBytes()]) }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        ended.signal()
    }

    private func run(_ bound: DispatchSemaphore) {
        do {
            let socket = try Socket(
                context: try Context(),
                type: .xpub,
                options: [.linger(.zero), .xpubVerbose(true), .sendHighWaterMark(0)]
            )
            try socket.bind(endpoint)
            bound.signal()
            while !isStopping.load(ordering: .relaxed) {
                let messages = outgoing.withLock { messages in
                    defer { messages = [] }
                    return messages
                }
                for message in messages { _ = try socket.sendMultipart(message) }
                guard try !Poller.poll(socket, timeout: .milliseconds(5)).isEmpty,
                    let frame = try socket.receiveMultipart(wait: false)?.first
                else { continue }
                let topic = String(decoding: frame.dropFirst(), as: UTF8.self)
                subscriptions.withLock { $0.append((frame.first == 1 ? "+" : "-") + topic) }
            }
        } catch {
            fatalError("the live publisher failed: \(error)")
        }
    }
}
