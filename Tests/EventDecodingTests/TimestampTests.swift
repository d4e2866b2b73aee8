import Core
import EventDecoding
import Foundation
import Testing

@Suite struct TimestampTests {
    private func milliseconds(_ stamp: String) -> Int64? {
        decodeLine(text("message", ["timestamp": "\"\(stamp)\""]))?.event?.timestamp
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, "the epoch"),
        ("2025-01-06T14:00:00.123Z", 1_736_172_000_123, "milliseconds"),
        ("2025-01-06t14:00:00.123z", 1_736_172_000_123, "lower case"),
        ("2025-01-06 14:00:00.123Z", 1_736_172_000_123, "a space for T"),
        ("2025-01-06T14:00:00.1Z", 1_736_172_000_100, "one digit is tenths"),
        ("2025-01-06T14:00:00.1239999999Z", 1_736_172_000_123, "cut off, not rounded"),
        ("2025-01-06T11:00:00-03:00", 1_736_172_000_000, "west of UTC"),
        ("2025-01-06T19:45:00+05:45", 1_736_172_000_000, "a quarter-hour zone"),
        ("2025-01-07T13:59:00+23:59", 1_736_172_000_000, "the greatest offset"),
        ("2025-01-06T14:00:00-00:00", 1_736_172_000_000, "the unknown local offset"),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000, "a leap day"),
        ("2000-02-29T00:00:00Z", 951_782_400_000, "a leap day of a century divisible by 400"),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999, "a leap second is its minute's last ms"),
        ("2016-12-31T23:59:60.5Z", 1_483_228_799_999, "with any fraction"),
        ("2017-01-01T00:59:60+01:00", 1_483_228_799_999, "in any zone"),
        ("1969-12-31T23:59:59.999Z", -1, "before the epoch"),
        ("1969-12-31T23:59:59.9999Z", -1, "before the epoch the fraction is cut off as well"),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000, "the least year"),
        ("0000-02-29T00:00:00Z", -62_162_121_600_000, "year 0 is a leap year"),
        ("0000-01-01T00:00:00+23:59", -62_167_305_540_000, "the least instant"),
        ("9999-12-31T23:59:59.999-23:59", 253_402_387_139_999, "the greatest instant"),
    ])
    func `a valid stamp is an instant`(stamp: String, expected: Int64, reason: String) {
        #expect(milliseconds(stamp) == expected, "\(reason)")
    }

    @Test func `a fraction may have any number of digits`() {
        let zeros = String(repeating: "0", count: 100_000)
        #expect(milliseconds("2025-01-06T14:00:00.5\(zeros)1Z") == 1_736_172_000_500)
    }

    @Test(arguments: [
        ("", "empty"),
        ("2025-01-06", "no time"),
        ("2025-01-06T14:00:00", "no offset"),
        ("2025-01-06T14:00Z", "no seconds"),
        ("2025-01-06T14Z", "no minutes"),
        ("25-01-06T14:00:00Z", "a year of two digits"),
        ("12025-01-06T14:00:00Z", "a year of five digits"),
        ("+2025-01-06T14:00:00Z", "a sign"),
        ("-001-01-06T14:00:00Z", "a year before 0"),
        ("2025-1-06T14:00:00Z", "a month of one digit"),
        ("2025/01/06T14:00:00Z", "slashes"),
        ("20250106T140000Z", "the basic format"),
        ("2025-W02-1T14:00:00Z", "a week date"),
        ("2025-006T14:00:00Z", "an ordinal date"),
        ("2025-00-06T14:00:00Z", "month 0"),
        ("2025-13-06T14:00:00Z", "month 13"),
        ("2025-01-00T14:00:00Z", "day 0"),
        ("2025-01-32T14:00:00Z", "day 32"),
        ("2025-04-31T14:00:00Z", "31 April"),
        ("2025-02-29T14:00:00Z", "no leap year"),
        ("1900-02-29T14:00:00Z", "a century is no leap year"),
        ("2024-02-30T14:00:00Z", "30 February"),
        ("2025-01-06T24:00:00Z", "hour 24"),
        ("2025-01-06T14:60:00Z", "minute 60"),
        ("2025-01-06T14:00:61Z", "second 61"),
        ("2025-01-06T14:00:00.Z", "a dot without digits"),
        ("2025-01-06T14:00:00.", "a dot at the end"),
        ("2025-01-06T14:00:00,5Z", "a comma"),
        ("2025-01-06T14:00:00.5", "a fraction without offset"),
        ("2025-01-06T14:00:00.5xZ", "a letter in the fraction"),
        ("2025-01-06T14:00:00ZZ", "something behind"),
        ("2025-01-06T14:00:00Z ", "a space behind"),
        (" 2025-01-06T14:00:00Z", "a space before"),
        ("2025-01-06_14:00:00Z", "an underscore for T"),
        ("2025-01-06T14:00:00+03", "an offset without minutes"),
        ("2025-01-06T14:00:00+0300", "an offset without colon"),
        ("2025-01-06T14:00:00+24:00", "offset hour 24"),
        ("2025-01-06T14:00:00+03:60", "offset minute 60"),
        ("2025-01-06T14:00:00+3:00", "an offset hour of one digit"),
        ("2025-01-06T14:00:00+03:000", "three digits of minutes"),
        ("2025-01-06T14:00:00 03:00", "no sign"),
        ("2025-01-06T14:00:00\\u0000", "a NUL"),
        ("2025-01-06T14:00:00:Z", "a colon for the dot"),
        ("2025-01-06T1a:00:00Z", "a letter for a digit"),
        ("\u{0662}025-01-06T14:00:00Z", "a digit of another script"),
    ])
    func `anything else is refused`(stamp: String, reason: String) {
        let outcome = decodeLine(text("message", ["timestamp": "\"\(stamp)\""]))
        #expect(outcome?.description == "invalid_field timestamp", "\(reason)")
    }

    @Test func `random stamps mean what Foundation says`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("random stamps: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var validCount = 0
        for _ in 0..<3_000 {
            // From 1600 on: Foundation's calendar is Julian before October 1582.
            let year = Int.random(in: 1600...9998, using: &random)
            let month = Int.random(in: 1...12, using: &random)
            let day = Int.random(in: 27...31, using: &random)
            let date = String(format: "%04d-%02d-%02d", year, month, day)
            let time = String(
                format: "%02d:%02d:%02d",
                Int.random(in: 0...23, using: &random),
                Int.random(in: 0...59, using: &random),
                Int.random(in: 0...59, using: &random)
            )
            let fraction = Int.random(in: 0...999, using: &random)
            let offset = String(
                format: "%@%02d:%02d",
                Bool.random(using: &random) ? "+" : "-",
                Int.random(in: 0...14, using: &random),
                Int.random(in: 0...59, using: &random)
            )
            let actual = milliseconds(
                "\(date)T\(time).\(String(format: "%03d", fraction))\(offset)"
            )
            let components = DateComponents(calendar: calendar, year: year, month: month, day: day)
            guard components.isValidDate else {
                #expect(actual == nil, "\(date) does not exist")
                continue
            }
            validCount += 1
            let instant = try #require(formatter.date(from: "\(date)T\(time)\(offset)"))
            let expected = Int64(instant.timeIntervalSince1970) * 1_000 + Int64(fraction)
            #expect(actual == expected, "\(date)T\(time)\(offset), seed \(seed)")
        }
        #expect(validCount > 1_000)
    }
}
