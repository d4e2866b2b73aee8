import Foundation
import JSON
import Synchronization
import ZeroMQ

/// A ROUTER that answers as a test tells it, in the daemon's place.
final class ScriptedDaemon: Sendable {
    /// What arrived.
    struct Question: Sendable {
        let request: JSONValue
        let frames: [[UInt8]]

        /// The second frame's text.
        var credential: String? {
            frames.count > 1 ? String(decoding: frames[1], as: UTF8.self) : nil
        }

        /// A response with a result.
        func result(_ value: JSONValue) -> [UInt8] {
            let response: JSONValue = [
                "jsonrpc": "2.0", "id": request["id"] ?? .null, "result": value,
            ]
            return response.serializedBytes()
        }

        /// A response with an error.
        func error(_ code: Int64, _ data: JSONValue) -> [UInt8] {
            let response: JSONValue = [
                "jsonrpc": "2.0", "id": request["id"] ?? .null,
                "error": ["code": .integer(code), "message": "refused", "data": data],
            ]
            return response.serializedBytes()
        }
    }

    let endpoint: String
    private let directory: TemporaryDirectory
    private let questions = Mutex<[Question]>([])
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts to answer.
    ///
    /// - Parameter script: The frames of the answer; none where there is none.
    /// - Throws: What keeps its directory from being made.
    init(_ script: @escaping @Sendable (Question) -> [[UInt8]]) throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://\(directory.path)/queries"
        let bound = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            run(script, bound)
            ended.signal()
        }
        bound.wait()
    }

    /// What has arrived so far.
    var received: [Question] { questions.withLock { $0 } }

    /// Ends it and its connections.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        ended.signal()
    }

    private func run(_ script: (Question) -> [[UInt8]], _ bound: DispatchSemaphore) {
        do {
            let context = try Context()
            let socket = try Socket(context: context, type: .router, options: [.linger(.zero)])
            try socket.bind(endpoint)
            bound.signal()
            while !isStopping.load(ordering: .relaxed) {
                guard try !Poller.poll(socket, timeout: .milliseconds(10)).isEmpty,
                    let frames = try socket.receiveMultipart(wait: false), frames.count > 1
                else { continue }
                let question = Question(
                    request: try JSONValue(parsing: frames[1]),
                    frames: Array(frames.dropFirst())
                )
                questions.withLock { $0.append(question) }
                let answer = script(question)
                if !answer.isEmpty { _ = try socket.sendMultipart([frames[0]] + answer) }
            }
        } catch {
            fatalError("the scripted daemon failed: \(error)")
        }
    }
}
