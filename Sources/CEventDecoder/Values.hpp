// The texts of field values: UUIDs, time stamps, tokens.
#pragma once

#include "Syntax.hpp"

namespace botstats {

/// Parses the canonical form, 8-4-4-4-12 hexadecimal digits in either case.
inline bool parseUUID(const uint8_t *p, size_t length, uint64_t &high, uint64_t &low) {
    if (length != 36 || p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-') return false;
    uint64_t words[4];
    if (!hexWord(load64(p), words[0])) return false;
    if (!hexWord(load32(p + 9) | load32(p + 14) << 32, words[1])) return false;
    if (!hexWord(load32(p + 19) | load32(p + 24) << 32, words[2])) return false;
    if (!hexWord(load64(p + 28), words[3])) return false;
    high = words[0] << 32 | words[1];
    low = words[2] << 32 | words[3];
    return true;
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last one; 153 days make five months
/// from March on, and 719,468 days lie between 0000-03-01 and 1970-01-01. (H. Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", days_from_civil.)
inline int64_t daysSince1970(int year, int month, int day) {
    const int shifted = year - (month <= 2) + 400;  // Non-negative; 400 years are 146,097 days.
    const int monthFromMarch = month > 2 ? month - 3 : month + 9;
    const int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
    return int64_t(365) * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear
        - 719468 - 146097;
}

inline int daysInMonth(int year, int month) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Two digits' value, or a number above 99.
inline unsigned twoDigits(const uint8_t *p) {
    const unsigned tens = uint8_t(p[0] - '0'), units = uint8_t(p[1] - '0');
    return tens <= 9 && units <= 9 ? tens * 10 + units : 100;
}

/// Parses an RFC 3339 date-time to milliseconds since 1970.
///
/// `T` and `Z` in either case, and a space for `T`, as the RFC allows; a fraction of any length,
/// cut off (not rounded) to milliseconds; an offset is required, at most 23:59. A leap second
/// counts as the last millisecond of its minute: no clock here knows leap seconds, and it must not
/// fall into the next day.
inline bool parseTimestamp(const uint8_t *p, size_t length, int64_t &milliseconds) {
    // "2025-01-06T14:00:00Z"; reading up to there may pass the text's end, never the memory's.
    if (length < 20 || p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':') return false;
    if ((p[10] | 0x20) != 't' && p[10] != ' ') return false;
    const uint8_t *const end = p + length;
    const unsigned century = twoDigits(p), yearOfCentury = twoDigits(p + 2);
    const unsigned month = twoDigits(p + 5), day = twoDigits(p + 8);
    const unsigned hour = twoDigits(p + 11), minute = twoDigits(p + 14), second = twoDigits(p + 17);
    if (century > 99 || yearOfCentury > 99 || month < 1 || month > 12 || day < 1) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    const int year = int(century * 100 + yearOfCentury);
    if (int(day) > daysInMonth(year, int(month))) return false;

    p += 19;
    int64_t fraction = 0;
    if (*p == '.') {
        const uint8_t *const digits = ++p;
        for (int64_t unit = 100; p < end && syntax::isDigit(*p); ++p, unit /= 10) {
            fraction += unit * (*p - '0');
        }
        if (p == digits) return false;
    }
    int64_t offsetMinutes = 0;
    if (end - p == 6 && (p[0] == '+' || p[0] == '-') && p[3] == ':') {
        const unsigned hours = twoDigits(p + 1), minutes = twoDigits(p + 4);
        if (hours > 23 || minutes > 59) return false;
        offsetMinutes = int64_t(hours * 60 + minutes) * (p[0] == '-' ? -1 : 1);
    } else if (end - p != 1 || (*p | 0x20) != 'z') {
        return false;
    }
    const int64_t minutes =
        daysSince1970(year, int(month), int(day)) * 1440 + hour * 60 + minute - offsetMinutes;
    milliseconds = minutes * 60000 + (second == 60 ? 59999 : second * 1000 + fraction);
    return true;
}

/// Copies a channel token, 1 to 32 bytes of `[a-z0-9_-]`, to words that are zero.
inline bool parseChannel(const uint8_t *p, size_t length, uint64_t (&words)[4]) {
    if (length < 1 || length > sizeof words) return false;
    for (size_t index = 0; index < length; ++index) {
        const uint8_t byte = p[index];
        const bool isAllowed =
            uint8_t(byte - 'a') < 26 || syntax::isDigit(byte) || byte == '_' || byte == '-';
        if (!isAllowed) return false;
    }
    memcpy(words, p, length);
    return true;
}

/// Whether the text is a short token, 1 to 64 bytes of `[A-Za-z0-9._:-]`.
inline bool isErrorCode(const uint8_t *p, size_t length) {
    if (length < 1 || length > 64) return false;
    for (size_t index = 0; index < length; ++index) {
        const uint8_t byte = p[index];
        const bool isAllowed = uint8_t((byte | 0x20) - 'a') < 26 || syntax::isDigit(byte)
            || byte == '.' || byte == '_' || byte == ':' || byte == '-';
        if (!isAllowed) return false;
    }
    return true;
}

}  // namespace botstats
