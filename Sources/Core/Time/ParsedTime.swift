/// An ISO 8601 date or date-time as somebody wrote it.
struct ParsedTime: Equatable {
    /// The date.
    let date: CivilDate
    /// Milliseconds since midnight; nil where only a date was written.
    let clock: Int64?
    /// The offset from UTC in milliseconds; nil where none was written.
    let offset: Int64?

    /// The wall clock that was written, as milliseconds since 1970 in its own reckoning.
    var local: Int64 { Int64(date.day) * Milliseconds.day + (clock ?? 0) }

    /// Reads `2025-01-06`, `2025-01-06T14:30`, `…:00`, `….123`, each with `Z` or an offset.
    ///
    /// - Returns: nil where the text is nothing of the kind. Digits of a fraction after the third
    ///   are dropped.
    init?(_ text: String) {
        var scanner = Scanner(text)
        guard let year = scanner.digits(4), scanner.drop("-"), let month = scanner.digits(2),
            scanner.drop("-"), let dayOfMonth = scanner.digits(2), (1...12).contains(month)
        else { return nil }
        date = CivilDate(year: year, month: month, dayOfMonth: dayOfMonth)
        // 30 February runs over into March.
        guard date.components == (year, month, dayOfMonth) else { return nil }
        guard !scanner.isAtEnd else {
            clock = nil
            offset = nil
            return
        }
        guard scanner.drop("T") || scanner.drop("t") || scanner.drop(" "),
            let time = scanner.clock()
        else { return nil }
        clock = time
        guard !scanner.isAtEnd else {
            offset = nil
            return
        }
        guard let zone = scanner.offset(), scanner.isAtEnd else { return nil }
        offset = zone
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        var isAtEnd: Bool { position == bytes.count }

        mutating func drop(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
                return false
            }
            position += 1
            return true
        }

        mutating func digit() -> Int? {
            guard position < bytes.count,
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
            else { return nil }
            defer { position += 1 }
            return Int(bytes[position] - UInt8(ascii: "0"))
        }

        mutating func digits(_ count: Int) -> Int? {
            var number = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// `14:30`, `14:30:00` or `14:30:00.123`, in milliseconds.
        mutating func clock() -> Int64? {
            guard let minutes = hoursAndMinutes() else { return nil }
            guard drop(":") else { return minutes }
            guard let seconds = digits(2), seconds < 60 else { return nil }
            let whole = minutes + Int64(seconds) * Milliseconds.second
            guard drop(".") else { return whole }
            guard var fraction = digit() else { return nil }
            var count = 1
            while let digit = digit() {
                if count < 3 { fraction = fraction * 10 + digit }
                count += 1
            }
            while count < 3 {
                fraction *= 10
                count += 1
            }
            return whole + Int64(fraction)
        }

        /// `Z` or `-03:00`, in milliseconds.
        mutating func offset() -> Int64? {
            if drop("Z") || drop("z") { return 0 }
            if drop("-") { return hoursAndMinutes().map { -$0 } }
            return drop("+") ? hoursAndMinutes() : nil
        }

        private mutating func hoursAndMinutes() -> Int64? {
            guard let hours = digits(2), hours < 24, drop(":"), let minutes = digits(2),
                minutes < 60
            else { return nil }
            return Int64(hours) * Milliseconds.hour + Int64(minutes) * Milliseconds.minute
        }
    }
}
