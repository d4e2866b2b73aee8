import Foundation
import Glibc
import JSON
import Testing

/// `botstats top` on a terminal, which it must give back.
@Suite struct TopProgramTests {
    /// A terminal of its own with the program on it.
    private final class Terminal {
        /// The person's end.
        private let person: Int32
        /// The program's end.
        private let program: Int32
        private let child = Process()
        private(set) var seen = ""

        init(_ arguments: [String], columnCount: UInt16, rowCount: UInt16) throws {
            var (person, program): (Int32, Int32) = (0, 0)
            try #require(openpty(&person, &program, nil, nil, nil) == 0)
            (self.person, self.program) = (person, program)
            resize(columnCount: columnCount, rowCount: rowCount)
            child.executableURL = try Program.url
            child.arguments = arguments
            child.environment = Program.cleanEnvironment.merging(["TERM": "xterm"]) { $1 }
            let handle = FileHandle(fileDescriptor: program)
            child.standardInput = handle
            child.standardOutput = handle
            child.standardError = handle
            try child.run()
        }

        deinit {
            if child.isRunning { child.terminate() }
            close(person)
            close(program)
        }

        /// The program's end as it is set now.
        var settings: [UInt32] {
            var settings = termios()
            tcgetattr(program, &settings)
            return [settings.c_iflag, settings.c_oflag, settings.c_lflag]
        }

        func resize(columnCount: UInt16, rowCount: UInt16) {
            var size = winsize(ws_row: rowCount, ws_col: columnCount, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(person, UInt(TIOCSWINSZ), &size)
            // The system tells only those whose controlling terminal it is.
            if child.isRunning { kill(child.processIdentifier, SIGWINCH) }
        }

        func type(_ text: String) { _ = write(person, text, text.utf8.count) }

        func signal(_ number: Int32) { kill(child.processIdentifier, number) }

        /// Reads until some text has come since the last call.
        func read(until text: String) throws {
            seen = ""
            while !seen.contains(text) { try #require(readSome(), "\(text) has not come") }
        }

        private func readSome() -> Bool {
            var item = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
            guard poll(&item, 1, 30_000) == 1 else { return false }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = Glibc.read(person, &bytes, bytes.count)
            guard count > 0 else { return false }
            seen += String(decoding: bytes.prefix(count), as: UTF8.self)
            return true
        }

        /// Waits for the program's end.
        func waitForEnd() -> Int32 {
            child.waitUntilExit()
            return child.terminationStatus
        }
    }

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func top(_ daemon: DaemonChild, _ options: [String] = []) -> [String] {
        [
            "top", "--query-endpoint", daemon.queryEndpoint, "--live-endpoint",
            daemon.liveEndpoint,
        ] + options
    }

    @Test(arguments: ["q", "\u{3}", "SIGTERM", "SIGINT"])
    func `it ends at a key or a signal and leaves the terminal as it was`(way: String) throws {
        let daemon = try DaemonChild(directory: directory.path)
        try daemon.startAndWait()
        let terminal = try Terminal(top(daemon), columnCount: 100, rowCount: 20)
        let before = terminal.settings
        try terminal.read(until: "MSG/MIN")
        #expect(terminal.seen.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(terminal.settings != before)
        switch way {
        case "SIGTERM": terminal.signal(SIGTERM)
        case "SIGINT": terminal.signal(SIGINT)
        default: terminal.type(way)
        }
        try terminal.read(until: "\u{1B}[?25h\u{1B}[?1049l")
        #expect(terminal.waitForEnd() == 0)
        #expect(terminal.settings == before)
        _ = daemon.terminate()
    }

    @Test func `it follows the terminal's size`() throws {
        let daemon = try DaemonChild(directory: directory.path)
        try daemon.startAndWait()
        // So long a pause that only the signal can be why it draws.
        let options = ["--interval", "3600"]
        let terminal = try Terminal(top(daemon, options), columnCount: 120, rowCount: 20)
        try terminal.read(until: "LAG")
        // Each time just when it has drawn: a signal must not be lost on its way to the next wait.
        for _ in 0..<100 {
            terminal.resize(columnCount: 60, rowCount: 10)
            try terminal.read(until: "MSG/MIN")
            #expect(!terminal.seen.contains("LAG"))
            terminal.resize(columnCount: 120, rowCount: 20)
            try terminal.read(until: "LAG")
        }
        terminal.type("q")
        #expect(terminal.waitForEnd() == 0)
        _ = daemon.terminate()
    }

    @Test func `without a terminal it writes a line for each look`() throws {
        let daemon = try DaemonChild(directory: directory.path)
        try daemon.startAndWait()
        let options = ["--count", "3", "--interval", "0.2"]
        let result = try Program.run(try Program.url, top(daemon, options))
        #expect(result.code == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains("bots 0") && !$0.contains("\u{1B}") })
        #expect(lines.first?.contains("events/s –") == true)
        #expect(lines.last?.contains("events/s 0") == true)
        _ = daemon.terminate()
        let alone = try Program.run(try Program.url, top(daemon, ["--count", "1"]))
        #expect(alone.code == 1)
    }
}
