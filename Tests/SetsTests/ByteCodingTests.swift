import Core
import Testing

@Suite struct ByteCodingTests {
    /// The ends of the range, and the powers of two with their neighbours.
    private static let corners: [UInt64] = {
        let powers = (1..<64).map { UInt64(1) << UInt64($0) }
        return [0, .max] + powers + powers.map { $0 - 1 } + powers.map { $0 + 1 }
    }()

    private func bytes(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        write(&writer)
        return writer.bytes
    }

    @Test func `numbers of every length come back`() {
        var random = SeededGenerator()
        let numbers = Self.corners + (0..<1_000).map { _ in random.magnitude() }
        let written = bytes { writer in
            for number in numbers {
                writer.writeVarint(number)
                writer.writeSigned(Int64(bitPattern: number))
                writer.writeUInt8(UInt8(truncatingIfNeeded: number))
                writer.writeUInt16(UInt16(truncatingIfNeeded: number))
                writer.writeUInt32(UInt32(truncatingIfNeeded: number))
                writer.writeUInt64(number)
            }
        }
        var reader = ByteReader(written.span.bytes)
        for number in numbers {
            #expect(reader.readVarint() == number)
            #expect(reader.readSigned() == Int64(bitPattern: number))
            #expect(reader.readUInt8() == UInt8(truncatingIfNeeded: number))
            #expect(reader.readUInt16() == UInt16(truncatingIfNeeded: number))
            #expect(reader.readUInt32() == UInt32(truncatingIfNeeded: number))
            #expect(reader.readUInt64() == number)
        }
        #expect(reader.isAtEnd == true)
        #expect(reader.failed == false)
    }

    @Test func `a varint takes the bytes its size says`() {
        for number in Self.corners {
            #expect(bytes { $0.writeVarint(number) }.count == ByteWriter.varintSize(number))
        }
        #expect(ByteWriter.varintSize(127) == 1)
        #expect(ByteWriter.varintSize(128) == 2)
        #expect(ByteWriter.varintSize(.max) == 10)
    }

    @Test func `fixed numbers are big-endian`() {
        let written = bytes { writer in
            writer.writeUInt16(0x0102)
            writer.writeUInt32(0x0304_0506)
            writer.writeUInt64(0x0708_090a_0b0c_0d0e)
        }
        #expect(written == Array(1...14))
    }

    @Test func `small magnitudes of either sign take one byte`() {
        for number in Int64(-64)...63 {
            #expect(bytes { $0.writeSigned(number) }.count == 1)
        }
        #expect(bytes { $0.writeSigned(64) }.count == 2)
    }

    @Test(
        arguments: [
            [],  // nothing
            [0x80],  // no last group
            [0xff, 0xff],
            [0x80, 0x00],  // zero in two groups
            [0xff, 0x00],  // 127 in two groups
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],  // the 65th bit
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x00],  // eleven groups
        ] as [[UInt8]]
    )
    func `a number that is not in its shortest form fails`(bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        #expect(reader.readVarint() == 0)
        #expect(reader.failed == true)
        #expect(reader.isAtEnd == true)
    }

    @Test func `after a failure every read gives zero`() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
        var reader = ByteReader(bytes.span.bytes)
        #expect(reader.readUInt64() == 0)
        #expect(reader.failed == true)
        #expect(reader.remaining == 0)
        #expect(reader.readUInt8() == 0)
        #expect(reader.readUInt16() == 0)
        #expect(reader.readUInt32() == 0)
        #expect(reader.readVarint() == 0)
        #expect(reader.readSigned() == 0)
    }

    @Test func `skipping past the end fails, and so does skipping backwards`() {
        let bytes: [UInt8] = [1, 2, 3]
        for count in [4, -1, Int.max, Int.min] {
            var reader = ByteReader(bytes.span.bytes)
            reader.skip(count)
            #expect(reader.failed == true)
        }
        var reader = ByteReader(bytes.span.bytes)
        reader.skip(3)
        #expect(reader.isAtEnd == true)
        #expect(reader.failed == false)
    }

    @Test func `skipped varints end where read ones do`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let numbers = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                random.magnitude()
            }
            let written = bytes { for number in numbers + [7] { $0.writeVarint(number) } }
            var reader = ByteReader(written.span.bytes)
            reader.skipVarints(numbers.count)
            #expect(reader.readVarint() == 7, "seed \(random.seed)")
            #expect(reader.isAtEnd == true)
            var short = ByteReader(written.span.bytes)
            short.skipVarints(numbers.count + 2)
            #expect(short.failed == true, "seed \(random.seed)")
        }
    }

    @Test func `a cleared writer begins anew`() {
        let written = bytes { writer in
            writer.writeUInt64(.max)
            writer.removeAll()
            writer.write([1, 2])
        }
        #expect(written == [1, 2])
    }
}
