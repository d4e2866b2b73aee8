import Testing

@testable import BotstatsClient

@Suite struct `Line source` {
    /// Reads a file to its end.
    private func lines(_ bytes: [UInt8], maximum: Int = 1 << 20) throws -> [String] {
        let source = try TemporaryFile(bytes).open(lineByteCountMaximum: maximum)
        var lines: [String] = []
        var line: [UInt8] = []
        while try source.next(into: &line) != nil {
            lines.append(String(decoding: line, as: UTF8.self))
        }
        return lines
    }

    @Test(
        arguments: [
            ("", []),
            ("a", ["a"]),  // The last line may lack its end …
            ("a\n", ["a"]),  // … and an end begins no line.
            ("a\nb", ["a", "b"]),
            ("\n", [""]),  // Empty lines are lines: numbers are line numbers.
            ("a\n\n\nb\n", ["a", "", "", "b"]),
            ("a\r\nb\r\n", ["a", "b"]),
            ("a\r\nb\r", ["a", "b"]),
            ("a\rb\n", ["a\rb"]),  // A CR inside a line is part of it.
            ("\u{FEFF}a\nb\n", ["a", "b"]),
        ] as [(String, [String])]
    )
    func `a line ends with LF or CR LF`(text: String, expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
        guard !text.hasPrefix("\u{FEFF}") else { return }  // Plain text files have such marks.
        #expect(try lines(gzipMember(Array(text.utf8))) == expected)
    }

    @Test func `members of a gzip stream follow one another, even within a line`() throws {
        let bytes = gzipMember(Array("a\nb".utf8)) + gzipMember([]) + gzipMember(Array("c\nd".utf8))
        #expect(try lines(bytes) == ["a", "bc", "d"])
    }

    @Test func `zeros after a gzip stream are padding and anything else is damage`() throws {
        let member = gzipMember(Array("a\n".utf8))
        #expect(try lines(member + [0, 0, 0]) == ["a"])
        #expect(throws: LineSourceError.self) { try lines(member + [7]) }
    }

    @Test func `a truncated or damaged gzip stream is an error after its whole lines`() throws {
        let text = (0..<20_000).map { "line \($0 &* 2_654_435_761)\n" }.joined()
        let bytes = gzipMember(Array(text.utf8))
        let file = try TemporaryFile(Array(bytes.dropLast(20)))
        let source = try file.open()
        var line: [UInt8] = []
        var count = 0
        #expect(throws: LineSourceError.endsInsideGzip(name: file.path)) {
            while try source.next(into: &line) != nil { count += 1 }
        }
        #expect(count > 15_000)

        var damaged = bytes
        damaged[damaged.count / 2] ^= 0x55
        #expect(throws: LineSourceError.self) { try lines(damaged) }
    }

    @Test func `long files are read piece by piece without losing or splitting a line`() throws {
        // Line lengths of every kind around the size of the pieces.
        var generator = Generator(state: 7)
        let expected = (0..<3_000).map { index in
            String(
                repeating: "x",
                count: index % 500 == 0
                    ? 300_000 : Int.random(in: 0...600, using: &generator)
            ) + "\(index)"
        }
        let text = Array(expected.joined(separator: "\n").utf8)
        #expect(try lines(text) == expected)
        #expect(try lines(gzipMember(text)) == expected)
    }

    @Test func `bytes that compress well fill more than one piece`() throws {
        let expected = (0..<40).map { String(repeating: "\($0 % 10)", count: 100_000) }
        #expect(try lines(gzipMember(Array(expected.joined(separator: "\n").utf8))) == expected)
    }

    @Test(arguments: [10, 11, 12, 300_000, 700_000])
    func `a line longer than allowed is cut and the next one is whole`(length: Int) throws {
        let text = "first\n" + String(repeating: "y", count: length) + "\r\nlast\n"
        let source = try TemporaryFile(text).open(lineByteCountMaximum: 10)
        var line: [UInt8] = []
        #expect(try source.next(into: &line) == LineSource.Line(byteCount: 5, isCut: false))
        let long = try source.next(into: &line)
        #expect(long == LineSource.Line(byteCount: length, isCut: length > 10))
        #expect(line == Array(repeating: UInt8(ascii: "y"), count: 10))
        #expect(try source.next(into: &line) == LineSource.Line(byteCount: 4, isCut: false))
        #expect(line == Array("last".utf8))
        #expect(try source.next(into: &line) == nil)
        #expect(try source.next(into: &line) == nil, "the end stays the end")
    }

    @Test func `only a last line may lack its end`() throws {
        let source = try TemporaryFile("ab\nc\r\nde").open()
        var line: [UInt8] = []
        var ends: [Bool] = []
        while let kind = try source.next(into: &line) { ends.append(kind.isTerminated) }
        #expect(ends == [true, true, false])
        #expect(line.isEmpty)
    }

    @Test func `waiting for a line of a pipe takes no longer than asked`() throws {
        let pipe = TestPipe()
        let source = try LineSource(path: pipe.path)
        #expect(try !source.waitForLine(milliseconds: 0))
        pipe.write(Array("a\nbc".utf8))
        var line: [UInt8] = []
        #expect(try source.waitForLine(milliseconds: 1_000))
        _ = try source.next(into: &line)
        #expect(line == Array("a".utf8))
        #expect(try !source.waitForLine(milliseconds: 0))
        pipe.write(Array("d\n".utf8))
        #expect(try source.waitForLine(milliseconds: 1_000))
        _ = try source.next(into: &line)
        #expect(line == Array("bcd".utf8))
        pipe.closeWriting()
        #expect(try source.waitForLine(milliseconds: 1_000))
        #expect(try source.next(into: &line) == nil)
    }

    @Test func `compressed lines of an open pipe are delivered without more input`() throws {
        let pipe = TestPipe()
        let expected = (0..<9_000).map { "\($0) " + String(repeating: "z", count: 90) }
        pipe.write(gzipMember(Array(expected.map { $0 + "\n" }.joined().utf8)))
        let source = try LineSource(path: pipe.path)
        var line: [UInt8] = []
        var count = 0
        // The pipe stays open: a wait for more input would be one for ever.
        while count < expected.count, try source.waitForLine(milliseconds: 1_000) {
            _ = try source.next(into: &line)
            #expect(String(decoding: line, as: UTF8.self) == expected[count])
            count += 1
        }
        #expect(count == expected.count)
    }

    @Test func `what cannot be opened is named`() throws {
        #expect(throws: LineSourceError.cannotOpen(name: "/", reason: "it is a directory")) {
            try LineSource(path: "/")
        }
        let error = #expect(throws: LineSourceError.self) { try LineSource(path: "/no/such/file") }
        #expect(error?.description.hasPrefix("/no/such/file cannot be opened: ") == true)
    }

    @Test func `tells how much was read of how much`() throws {
        let source = try TemporaryFile("a\nb\n").open()
        #expect(source.storedByteCount == 4)
        #expect(source.readByteCount == 0)
        var line: [UInt8] = []
        _ = try source.next(into: &line)
        #expect(source.readByteCount == 4)
        #expect(source.hasBufferedLine)
    }
}
