// Parses one line strictly and keeps the values of an event's fields.
#pragma once

#include "Syntax.hpp"
#include "Values.hpp"

#include <string>

namespace botstats {

/// A field's value as it stands in the line.
struct Token {
    enum Kind : uint8_t { null, isTrue, isFalse, integer, number, string, uuid, container };
    Kind kind;
    /// A string's bytes, its escapes resolved.
    const uint8_t *text;
    size_t length;
    /// An integer's value. A number with fraction or exponent, or beyond 64 bits, is a `number`.
    int64_t value;
    /// A UUID's halves, big-endian.
    uint64_t high, low;
};

/// Whether the token, a string, has this text.
template <size_t size> bool equals(const Token &token, const char (&text)[size]) {
    return token.length == size - 1 && memcmp(token.text, text, size - 1) == 0;
}

class LineParser {
public:
    /// The fields that have a value other than null, as bits `1 << BOTSTATS_FIELD_…`.
    uint32_t present = 0;
    /// The values of the fields that are present, by BOTSTATS_FIELD_…; text is valid until the
    /// next line is parsed.
    Token tokens[BOTSTATS_FIELD_CODE + 1];

    /// Parses one line.
    ///
    /// Returns the line's '\n', or null when the line is not exactly one JSON object.
    /// Of members with one name the last counts, as in JSON.parse and most parsers.
    const uint8_t *parse(const uint8_t *line) {
        present = 0;
        unescaped.clear();
        lineStart = line;
        const uint8_t *p = syntax::skipSpace(line);
        if (*p != '{') return nullptr;
        p = syntax::skipSpace(p + 1);
        if (*p != '}') {
            while ((p = parseMember(p)) != nullptr && *p == ',') p = syntax::skipSpace(p + 1);
            if (p == nullptr || *p != '}') return nullptr;
        }
        p = syntax::skipSpace(p + 1);
        return *p == '\n' ? p : nullptr;
    }

private:
    const uint8_t *lineStart = nullptr;
    /// The texts of this line's names and fields that have escapes.
    std::string unescaped;

    /// Parses `"name": value` and the space behind it.
    const uint8_t *parseMember(const uint8_t *p) {
        int field;
        p = parseName(p, field);
        if (p == nullptr) return nullptr;
        p = syntax::skipSpace(p);
        if (*p != ':') return nullptr;
        p = syntax::skipSpace(p + 1);
        if (field == BOTSTATS_FIELD_NONE) return syntax::skipValue(p);
        Token &token = tokens[field];
        const bool isUUID = uuidFields >> field & 1;
        p = isUUID && parseQuotedUUID(p, token) ? p + 38 : parseValue(p, token);
        if (p == nullptr) return nullptr;
        const uint32_t bit = uint32_t(1) << field;
        present = token.kind == Token::null ? present & ~bit : present | bit;
        return syntax::skipSpace(p);
    }

    const uint8_t *parseName(const uint8_t *p, int &field) {
        const uint8_t *end = nullptr;
        field = fieldNamed(p, end);
        if (field != BOTSTATS_FIELD_NONE) return end;
        Token name;
        if (*p != '"' || (end = parseString(p, name)) == nullptr) return nullptr;
        // An unknown name, unless escapes disguise a known one.
        uint8_t quoted[16] = {'"'};
        if (name.text == p + 1 || name.length > sizeof quoted - 2) return end;
        memcpy(quoted + 1, name.text, name.length);
        quoted[1 + name.length] = '"';
        const uint8_t *quotedEnd = nullptr;
        const int disguised = fieldNamed(quoted, quotedEnd);
        if (quotedEnd == quoted + name.length + 2) field = disguised;
        return end;
    }

    /// The field whose name stands at `p` in quotes, and the byte behind it.
    ///
    /// Comparing with whole names lets the processor go on with the value before it has found the
    /// name's end: a branch can be predicted, a search's result cannot.
    static int fieldNamed(const uint8_t *p, const uint8_t *&end) {
        switch (p[1]) {
        case 'b':
            if (starts(p, "\"bot_id\"", end)) return BOTSTATS_FIELD_BOT_ID;
            break;
        case 'c':
            if (starts(p, "\"channel\"", end)) return BOTSTATS_FIELD_CHANNEL;
            if (starts(p, "\"code\"", end)) return BOTSTATS_FIELD_CODE;
            if (starts(p, "\"confirmed\"", end)) return BOTSTATS_FIELD_CONFIRMED;
            break;
        case 'i':
            if (starts(p, "\"id\"", end)) return BOTSTATS_FIELD_ID;
            break;
        case 'r':
            if (starts(p, "\"role\"", end)) return BOTSTATS_FIELD_ROLE;
            if (starts(p, "\"response_ms\"", end)) return BOTSTATS_FIELD_RESPONSE_MS;
            if (starts(p, "\"rating\"", end)) return BOTSTATS_FIELD_RATING;
            break;
        case 's':
            if (starts(p, "\"session_id\"", end)) return BOTSTATS_FIELD_SESSION_ID;
            break;
        case 't':
            if (starts(p, "\"type\"", end)) return BOTSTATS_FIELD_TYPE;
            if (starts(p, "\"timestamp\"", end)) return BOTSTATS_FIELD_TIMESTAMP;
            if (starts(p, "\"tokens\"", end)) return BOTSTATS_FIELD_TOKENS;
            break;
        case 'u':
            if (starts(p, "\"user_id\"", end)) return BOTSTATS_FIELD_USER_ID;
            break;
        default: break;
        }
        return BOTSTATS_FIELD_NONE;
    }

    template <size_t size>
    static bool starts(const uint8_t *p, const char (&text)[size], const uint8_t *&end) {
        if (memcmp(p, text, size - 1) != 0) return false;
        end = p + size - 1;
        return true;
    }

    static constexpr uint32_t uuidFields = 1 << BOTSTATS_FIELD_BOT_ID | 1 << BOTSTATS_FIELD_USER_ID
        | 1 << BOTSTATS_FIELD_SESSION_ID | 1 << BOTSTATS_FIELD_ID;

    /// Parses a UUID spelled without escapes; anything else is left to the general way.
    static bool parseQuotedUUID(const uint8_t *p, Token &token) {
        token.kind = Token::uuid;
        return p[0] == '"' && p[37] == '"' && parseUUID(p + 1, 36, token.high, token.low);
    }

    const uint8_t *parseValue(const uint8_t *p, Token &token) {
        switch (*p) {
        case '"': return parseString(p, token);
        case '{': case '[': token.kind = Token::container; return syntax::skipValue(p);
        case 'n': token.kind = Token::null; return syntax::skipLiteral(p);
        case 't': token.kind = Token::isTrue; return syntax::skipLiteral(p);
        case 'f': token.kind = Token::isFalse; return syntax::skipLiteral(p);
        default: return parseNumber(p, token);
        }
    }

    static const uint8_t *parseNumber(const uint8_t *p, Token &token) {
        bool isInteger;
        const uint8_t *end = syntax::skipNumber(p, isInteger);
        if (end == nullptr) return nullptr;
        token.kind = Token::number;
        if (!isInteger) return end;
        const bool isNegative = *p == '-';
        p += isNegative;
        // Nineteen digits always fit the unsigned word, and JSON has no leading zeros.
        if (end - p > 19) return end;
        uint64_t magnitude = 0;
        for (; p < end; ++p) magnitude = magnitude * 10 + uint64_t(*p - '0');
        if (magnitude > uint64_t(INT64_MAX) + isNegative) return end;
        token.kind = Token::integer;
        token.value = int64_t(isNegative ? 0 - magnitude : magnitude);
        return end;
    }

    const uint8_t *parseString(const uint8_t *p, Token &token) {
        token.kind = Token::string;
        token.text = p + 1;
        const uint8_t *end = findStringEnd(p + 1);
        if (*end == '"') {
            token.length = size_t(end - token.text);
            return end + 1;
        }
        end = syntax::skipString(p);
        if (end != nullptr) unescape(p + 1, end - 1, token);
        return end;
    }

    /// Resolves the escapes of a string that has passed `skipString`.
    void unescape(const uint8_t *p, const uint8_t *end, Token &token) {
        if (unescaped.empty()) {
            // A text is never longer than its spelling, so the line's length bounds all of them;
            // with the room made at once, no text moves while a token points to it.
            const uint8_t *lineEnd = end;
            while (*lineEnd != '\n') ++lineEnd;
            unescaped.reserve(size_t(lineEnd - lineStart));
        }
        const size_t start = unescaped.size();
        while (p < end) {
            if (*p != '\\') {
                unescaped.push_back(char(*p++));
            } else if (p[1] == 'u') {
                uint32_t character = uint32_t(syntax::codeUnit(p + 2));
                if (syntax::isHighSurrogate(int32_t(character))) {
                    p += 6;
                    character = 0x10000 + ((character - 0xD800) << 10)
                        + (uint32_t(syntax::codeUnit(p + 2)) - 0xDC00);
                }
                p += 6;
                appendUTF8(character);
            } else {
                static const char spellings[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
                unescaped.push_back(meanings[strchr(spellings, p[1]) - spellings]);
                p += 2;
            }
        }
        token.text = reinterpret_cast<const uint8_t *>(unescaped.data()) + start;
        token.length = unescaped.size() - start;
    }

    void appendUTF8(uint32_t character) {
        const auto append = [this](uint32_t byte) { unescaped.push_back(char(byte)); };
        const auto appendTail = [&append](uint32_t bits) { append(0x80 | (bits & 0x3F)); };
        if (character < 0x80) return append(character);
        if (character < 0x800) {
            append(0xC0 | character >> 6);
        } else {
            if (character < 0x10000) {
                append(0xE0 | character >> 12);
            } else {
                append(0xF0 | character >> 18);
                appendTail(character >> 12);
            }
            appendTail(character >> 6);
        }
        appendTail(character);
    }
};

}  // namespace botstats
