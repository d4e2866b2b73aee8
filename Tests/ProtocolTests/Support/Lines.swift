import Foundation
import JSON
import Simulation

/// Lines of events as tests need them.
enum Lines {
    static let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"

    /// A message of a user in a session of its own.
    static func message(
        _ number: Int,
        at timestamp: Int64 = ManualClock.start - 600_000,
        bot: String = Lines.bot
    ) -> String {
        let tail = String(number, radix: 16)
        let digits = String(repeating: "0", count: 12 - tail.count) + tail
        return #"{"type":"message","role":"user","bot_id":"\#(bot)","#
            + #""user_id":"11111111-2222-4333-8444-\#(digits)","#
            + #""session_id":"aaaaaaaa-bbbb-4ccc-8ddd-\#(digits)","timestamp":\#(timestamp)}"#
    }

    static func messages(_ numbers: some Sequence<Int>) -> [String] { numbers.map { message($0) } }
}

/// A golden vector of the protocol.
func vector(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: vectorURL(name)))
}

/// Where a golden vector lies.
func vectorURL(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../protocol/vectors/\(name)").standardized
}
