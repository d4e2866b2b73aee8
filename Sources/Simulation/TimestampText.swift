/// A timestamp's text, kept so that equal or close times cost little.
struct TimestampText: Sendable {
    private var milliseconds: Int64 = .min
    private var text: [UInt8] = []
    private var second: Int64 = .min
    private var prefix: [UInt8] = []

    /// Appends the decimal digits of a time that is not negative.
    mutating func appendMilliseconds(_ time: Int64, to buffer: inout [UInt8]) {
        if time != milliseconds {
            milliseconds = time
            text.removeAll(keepingCapacity: true)
            var rest = time
            repeat {
                text.append(UInt8(48 + rest % 10))
                rest /= 10
            } while rest > 0
            text.reverse()
        }
        buffer.append(contentsOf: text)
    }

    /// Appends `"2025-01-06T14:00:00.123Z"`, with its quotation marks.
    mutating func appendRFC3339(_ time: Int64, to buffer: inout [UInt8]) {
        let start = ModelTime.floor(time, to: ModelTime.second)
        if start != second {
            second = start
            let whole = ModelTime.rfc3339(start, offset: 0).prefix(19)
            prefix = Array("\"\(whole).".utf8)
        }
        buffer.append(contentsOf: prefix)
        let rest = time - start
        buffer.append(UInt8(48 + rest / 100))
        buffer.append(UInt8(48 + rest / 10 % 10))
        buffer.append(UInt8(48 + rest % 10))
        buffer.append(UInt8(ascii: "Z"))
        buffer.append(UInt8(ascii: "\""))
    }
}
