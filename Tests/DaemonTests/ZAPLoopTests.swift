import Access
import Foundation
import OperatorLog
import Testing
import ZeroMQ

@testable import Daemon

/// The handler's answers to requests that libzmq itself would never make.
struct ZAPLoopTests {
    private static let control = "inproc://test-control"

    /// Asks a handler that allows one key; returns the status of its answer and its user.
    private func answer(
        to request: [[UInt8]],
        allowing key: String,
        in directory: URL
    ) throws -> (status: String, user: String) {
        let context = try Context()
        let certificate = "curve\n    public-key = \"\(key)\"\n"
        try Data(certificate.utf8).write(to: directory.appending(path: "alice.key"))
        let server = try CurveKeyPair.generate()
        let file = directory.appending(path: "server.key_secret").path
        let text = "public-key = \"\(server.publicKey)\"\nsecret-key = \"\(server.secretKey)\"\n"
        try Data(("curve\n" + text).utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        var settings = CurveSettings()
        settings.secretKeyFile = file
        settings.clientsDirectory = directory.path
        let door = try #require(try CurveDoor(settings))
        let board = IngestBoard(IngestReport())
        let bound = StartReport<Void>()
        let thread = DedicatedThread(name: "admission") {
            let sockets = Sockets(context: context, curve: door)
            guard let requests = try? sockets.admission(),
                let control = try? sockets.control(Self.control)
            else { return }
            var loop = ZAPLoop(
                door: door,
                board: board,
                log: Log(format: .text, level: .notice) { 0 },
                requests: requests,
                control: control
            )
            bound.send(.success(()))
            try? loop.run()
        }
        _ = bound.wait()
        let peer = try Socket(
            context: context,
            type: .req,
            options: [.linger(.zero), .receiveTimeout(.seconds(30))]
        )
        try peer.connect("inproc://zeromq.zap.01")
        #expect(try peer.sendMultipart(request) == .sent)
        let frames = try #require(try peer.receiveMultipart()).map {
            String(decoding: $0, as: UTF8.self)
        }
        let stop = try Socket(context: context, type: .push)
        try stop.connect(Self.control)
        #expect(try stop.send("stop") == .sent)
        thread.join()
        try #require(frames.count == 6, "version, id, status, text, user, metadata")
        #expect(frames[0] == "1.0")
        #expect(frames[1] == (request.count > 1 ? "id" : ""))
        #expect(frames[5].isEmpty)
        #expect(board.current.refusedConnections == (frames[2] == "200" ? 0 : 1))
        return (frames[2], frames[4])
    }

    @Test(
        arguments: [
            (["1.0", "id", "d", "a", "", "CURVE", "key"], "200"),
            (["1.0", "id", "d", "a", "", "CURVE", "other"], "400"),
            (["1.0", "id", "d", "a", "", "NULL"], "400"),
            (["1.0", "id", "d", "a", "", "PLAIN", "user", "password"], "400"),
            (["1.0", "id", "d", "a", "", "CURVE"], "500"),
            (["1.0", "id", "d", "a", "", "CURVE", "short"], "500"),
            (["1.0", "id", "d", "a", "", "CURVE", "key", "key"], "500"),
            (["2.0", "id", "d", "a", "", "CURVE", "key"], "500"),
            (["1.0", "id", "d"], "500"),
            ([""], "500"),
        ]
    )
    func `every request gets an answer, and only an allowed key a good one`(
        request: [String],
        status: String
    ) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "botstats-zap-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (key, other) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))
        let frames = request.map {
            $0 == "key" ? key : $0 == "other" ? other : Array($0.utf8)
        }
        let text = try #require(CurveKeyPair.text(ofKey: key))
        let answer = try answer(to: frames, allowing: text, in: directory)
        #expect(answer.status == status)
        #expect(answer.user == (status == "200" ? text : ""))
    }
}
