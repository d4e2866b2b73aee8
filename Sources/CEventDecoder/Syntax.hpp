// The grammar of JSON (RFC 8259), checked strictly, without building anything.
//
// Each function takes the first byte of what it checks and returns the byte behind it, or null
// where the grammar is broken. The line ends with '\n' and no token can contain one, so every
// loop stops there and none needs a bound. That the bytes are UTF-8 is checked elsewhere.
#pragma once

#include "Scanning.hpp"
#include "include/CEventDecoder.h"

namespace botstats::syntax {

inline const uint8_t *skipSpace(const uint8_t *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
    return p;
}

/// The value of four hexadecimal digits, or -1.
inline int32_t codeUnit(const uint8_t *p) {
    uint64_t value = 0;
    const uint64_t fourZeros = 0x30303030;
    return hexWord(fourZeros | load32(p) << 32, value) ? int32_t(value) : -1;
}

inline bool isHighSurrogate(int32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
inline bool isLowSurrogate(int32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// An escape. Half a surrogate pair is refused: it stands for no character, so that the string's
/// text could not be UTF-8.
inline const uint8_t *skipEscape(const uint8_t *p) {
    switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return p + 2;
    case 'u': break;
    default: return nullptr;
    }
    const int32_t unit = codeUnit(p + 2);
    if (unit < 0 || isLowSurrogate(unit)) return nullptr;
    if (!isHighSurrogate(unit)) return p + 6;
    if (p[6] != '\\' || p[7] != 'u' || !isLowSurrogate(codeUnit(p + 8))) return nullptr;
    return p + 12;
}

inline const uint8_t *skipString(const uint8_t *p) {
    if (*p != '"') return nullptr;
    for (p = findStringEnd(p + 1); *p != '"'; p = findStringEnd(p)) {
        if (*p != '\\') return nullptr;
        p = skipEscape(p);
        if (p == nullptr) return nullptr;
    }
    return p + 1;
}

inline bool isDigit(uint8_t byte) { return uint8_t(byte - '0') <= 9; }

/// A number; `isInteger` tells whether it has neither fraction nor exponent.
inline const uint8_t *skipNumber(const uint8_t *p, bool &isInteger) {
    if (*p == '-') ++p;
    if (!isDigit(*p)) return nullptr;
    if (*p++ != '0') {
        while (isDigit(*p)) ++p;
    }
    isInteger = true;
    if (*p == '.') {
        isInteger = false;
        if (!isDigit(*++p)) return nullptr;
        while (isDigit(*p)) ++p;
    }
    if ((*p | 0x20) == 'e') {
        isInteger = false;
        ++p;
        if (*p == '+' || *p == '-') ++p;
        if (!isDigit(*p)) return nullptr;
        while (isDigit(*p)) ++p;
    }
    return p;
}

/// `null`, `true` or `false`.
inline const uint8_t *skipLiteral(const uint8_t *p) {
    if (memcmp(p, "null", 4) == 0 || memcmp(p, "true", 4) == 0) return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : nullptr;
}

inline const uint8_t *skipScalar(const uint8_t *p) {
    bool isInteger;
    if (*p == '"') return skipString(p);
    return *p == '-' || isDigit(*p) ? skipNumber(p, isInteger) : skipLiteral(p);
}

/// A member's name, the colon and the space around it.
inline const uint8_t *skipName(const uint8_t *p) {
    p = skipString(p);
    if (p == nullptr) return nullptr;
    p = skipSpace(p);
    return *p == ':' ? skipSpace(p + 1) : nullptr;
}

/// Any value that is a member of the event's object, and the space behind it.
///
/// Open containers are kept in an array instead of on the call stack, so that a hostile nesting
/// costs no memory.
inline const uint8_t *skipValue(const uint8_t *p) {
    uint8_t closers[BOTSTATS_NESTING_MAXIMUM - 1];
    int depth = 0;
    bool nameComes = false;
    for (;;) {
        if (nameComes && (p = skipName(p)) == nullptr) return nullptr;
        if (*p == '{' || *p == '[') {
            if (depth == int(sizeof closers)) return nullptr;
            // In ASCII a closing brace or bracket stands two behind its opening one.
            closers[depth++] = uint8_t(*p + 2);
            nameComes = *p == '{';
            p = skipSpace(p + 1);
            if (*p != closers[depth - 1]) continue;
        } else {
            p = skipScalar(p);
            if (p == nullptr) return nullptr;
            p = skipSpace(p);
        }
        for (; depth > 0 && *p == closers[depth - 1]; p = skipSpace(p + 1)) --depth;
        if (depth == 0) return p;
        if (*p != ',') return nullptr;
        nameComes = closers[depth - 1] == '}';
        p = skipSpace(p + 1);
    }
}

}  // namespace botstats::syntax
