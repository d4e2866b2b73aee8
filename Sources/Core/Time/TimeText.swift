/// Writes dates and times as text, byte by byte: a row of an answer has two of them.
struct TimeText {
    private var bytes: [UInt8] = []

    init(reservingCapacity capacity: Int) { bytes.reserveCapacity(capacity) }

    /// What was written.
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends `2025-01`.
    mutating func append(monthOf date: CivilDate) {
        let (year, month, _) = date.components
        append(year: year)
        bytes.append(UInt8(ascii: "-"))
        append(twoDigits: month)
    }

    /// Appends `2025-01-06`.
    mutating func append(date: CivilDate) {
        let (year, month, dayOfMonth) = date.components
        append(year: year)
        bytes.append(UInt8(ascii: "-"))
        append(twoDigits: month)
        bytes.append(UInt8(ascii: "-"))
        append(twoDigits: dayOfMonth)
    }

    /// Appends `2025-01-06T14:00`, the label of the hour that a local time lies in.
    mutating func append(hourOf local: Int64) {
        let day = floorDivide(local, by: Milliseconds.day)
        append(date: CivilDate(day: Int(day)))
        bytes.append(UInt8(ascii: "T"))
        append(twoDigits: Int((local - day * Milliseconds.day) / Milliseconds.hour))
        bytes.append(contentsOf: ":00".utf8)
    }

    /// Appends `2025-01-06T14:00:00-03:00`, with three decimals where there are milliseconds.
    mutating func append(time: UnixMilliseconds, offset: Int64) {
        let local = time + offset
        let day = floorDivide(local, by: Milliseconds.day)
        let clock = Int(local - day * Milliseconds.day)
        append(date: CivilDate(day: Int(day)))
        bytes.append(UInt8(ascii: "T"))
        append(twoDigits: clock / 3_600_000)
        bytes.append(UInt8(ascii: ":"))
        append(twoDigits: clock / 60_000 % 60)
        bytes.append(UInt8(ascii: ":"))
        append(twoDigits: clock / 1_000 % 60)
        let milliseconds = clock % 1_000
        if milliseconds != 0 {
            bytes.append(UInt8(ascii: "."))
            append(digit: milliseconds / 100)
            append(twoDigits: milliseconds % 100)
        }
        bytes.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        let minutes = Int(abs(offset) / Milliseconds.minute)
        append(twoDigits: minutes / 60)
        bytes.append(UInt8(ascii: ":"))
        append(twoDigits: minutes % 60)
    }

    private mutating func append(year: Int) {
        guard (0...9_999).contains(year) else {
            // RFC 3339 has no such years. A range may touch them by a few hours: the week, or
            // the instant in UTC, at either end of the years that can be asked about.
            let digits = String(year)
            bytes.append(
                contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 4 - digits.utf8.count))
            )
            bytes.append(contentsOf: digits.utf8)
            return
        }
        append(twoDigits: year / 100)
        append(twoDigits: year % 100)
    }

    private mutating func append(twoDigits number: Int) {
        append(digit: number / 10)
        append(digit: number % 10)
    }

    private mutating func append(digit: Int) {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
    }
}
