// From a parsed line to an event: which fields a type has, and in which order they are checked.
#pragma once

#include "LineParser.hpp"

namespace botstats {

class EventReader {
public:
    EventReader(const LineParser &line, botstats_event &event) : line(line), event(event) {}

    /// Fills the event, or its `code` and `field` where the line is rejected.
    ///
    /// The order is the contract's: `type`, every missing field, every invalid field; among
    /// fields it is that of their numbers.
    void read() {
        if (!has(BOTSTATS_FIELD_TYPE)) return reject(BOTSTATS_MISSING_FIELD, BOTSTATS_FIELD_TYPE);
        const Token &type = line.tokens[BOTSTATS_FIELD_TYPE];
        if (type.kind != Token::string) {
            return reject(BOTSTATS_INVALID_FIELD, BOTSTATS_FIELD_TYPE);
        }
        if (!readType(type)) return reject(BOTSTATS_UNKNOWN_TYPE, BOTSTATS_FIELD_TYPE);
        const uint32_t missing = required & ~line.present;
        if (missing != 0) return reject(BOTSTATS_MISSING_FIELD, __builtin_ctz(missing));
        event.response_ms = event.tokens = BOTSTATS_ABSENT;
        const uint32_t relevant = (required | optional) & line.present;
        for (uint32_t fields = relevant; fields != 0; fields &= fields - 1) {
            const int field = __builtin_ctz(fields);
            if (!readField(field)) return reject(BOTSTATS_INVALID_FIELD, field);
        }
        if (event.channel_length == 0) {
            event.channel[0] = 'w' | 'e' << 8 | 'b' << 16;
            event.channel_length = 3;
        }
    }

private:
    const LineParser &line;
    botstats_event &event;
    /// The fields the type must and may have. Others are ignored, whatever their values.
    uint32_t required = 0, optional = 0;

    bool has(int field) const { return line.present >> field & 1; }

    void reject(uint8_t code, int field) {
        event = botstats_event{};
        event.code = code;
        event.field = uint8_t(field);
    }

    static constexpr uint32_t bit(int field) { return uint32_t(1) << field; }

    bool readType(const Token &type) {
        constexpr uint32_t always = bit(BOTSTATS_FIELD_BOT_ID) | bit(BOTSTATS_FIELD_TIMESTAMP);
        constexpr uint32_t people = bit(BOTSTATS_FIELD_USER_ID) | bit(BOTSTATS_FIELD_SESSION_ID);
        required = always | people;
        optional = bit(BOTSTATS_FIELD_CHANNEL) | bit(BOTSTATS_FIELD_ID);
        if (equals(type, "message")) {
            required |= bit(BOTSTATS_FIELD_ROLE);
            optional |= bit(BOTSTATS_FIELD_RESPONSE_MS) | bit(BOTSTATS_FIELD_TOKENS);
        } else if (equals(type, "session.transferred")) {
            event.kind = BOTSTATS_KIND_TRANSFERRED;
        } else if (equals(type, "session.resolved")) {
            event.kind = BOTSTATS_KIND_RESOLVED;
            optional |= bit(BOTSTATS_FIELD_CONFIRMED);
        } else if (equals(type, "session.ended")) {
            event.kind = BOTSTATS_KIND_ENDED;
        } else if (equals(type, "feedback")) {
            event.kind = BOTSTATS_KIND_FEEDBACK;
            required |= bit(BOTSTATS_FIELD_RATING);
        } else if (equals(type, "survey.offered")) {
            event.kind = BOTSTATS_KIND_SURVEY_OFFERED;
        } else if (equals(type, "error")) {
            event.kind = BOTSTATS_KIND_ERROR;
            required = always;
            optional |= people | bit(BOTSTATS_FIELD_CODE);
        } else {
            return false;
        }
        return true;
    }

    bool readField(int field) {
        const Token &token = line.tokens[field];
        uint64_t high, low;
        switch (field) {
        case BOTSTATS_FIELD_BOT_ID: return readUUID(token, event.bot_high, event.bot_low);
        case BOTSTATS_FIELD_USER_ID:
            event.flags |= BOTSTATS_HAS_USER;
            return readUUID(token, event.user_high, event.user_low);
        case BOTSTATS_FIELD_SESSION_ID:
            event.flags |= BOTSTATS_HAS_SESSION;
            return readUUID(token, event.session_high, event.session_low);
        case BOTSTATS_FIELD_TIMESTAMP: return readTimestamp(token);
        case BOTSTATS_FIELD_CHANNEL:
            event.channel_length = uint8_t(token.length);
            return token.kind == Token::string
                && parseChannel(token.text, token.length, event.channel);
        case BOTSTATS_FIELD_ID:
            event.flags |= BOTSTATS_HAS_ID;
            return readUUID(token, high, low);
        case BOTSTATS_FIELD_ROLE: return readRole(token);
        case BOTSTATS_FIELD_RESPONSE_MS: return readCount(token, event.response_ms);
        case BOTSTATS_FIELD_TOKENS: return readCount(token, event.tokens);
        case BOTSTATS_FIELD_CONFIRMED:
            if (token.kind == Token::isTrue) event.flags |= BOTSTATS_CONFIRMED;
            return token.kind == Token::isTrue || token.kind == Token::isFalse;
        case BOTSTATS_FIELD_RATING: return readRating(token);
        default: return token.kind == Token::string && isErrorCode(token.text, token.length);
        }
    }

    static bool readUUID(const Token &token, uint64_t &high, uint64_t &low) {
        if (token.kind == Token::string) {
            return parseUUID(token.text, token.length, high, low);
        }
        high = token.high;
        low = token.low;
        return token.kind == Token::uuid;
    }

    bool readTimestamp(const Token &token) {
        if (token.kind == Token::integer) {
            event.timestamp_ms = token.value;
            return true;
        }
        return token.kind == Token::string
            && parseTimestamp(token.text, token.length, event.timestamp_ms);
    }

    /// Botserver's numbers and the contract's names.
    bool readRole(const Token &token) {
        int kind = -1;
        if (token.kind == Token::string) {
            if (equals(token, "user")) kind = BOTSTATS_KIND_INCOMING;
            if (equals(token, "assistant")) kind = BOTSTATS_KIND_ASSISTANT;
            if (equals(token, "agent")) kind = BOTSTATS_KIND_AGENT;
            if (equals(token, "system") || equals(token, "tool")) kind = BOTSTATS_KIND_UNCOUNTED;
        } else if (token.kind == Token::integer) {
            switch (token.value) {
            case 1: kind = BOTSTATS_KIND_INCOMING; break;
            case 2: kind = BOTSTATS_KIND_ASSISTANT; break;
            case 3: case 4: case 9: case 10: kind = BOTSTATS_KIND_UNCOUNTED; break;
            default: break;
            }
        }
        if (kind < 0) return false;
        event.kind = uint8_t(kind);
        return true;
    }

    static bool readCount(const Token &token, uint32_t &count) {
        if (token.kind != Token::integer || token.value < 0 || token.value >= BOTSTATS_ABSENT) {
            return false;
        }
        count = uint32_t(token.value);
        return true;
    }

    bool readRating(const Token &token) {
        if (token.kind == Token::integer && token.value >= 1 && token.value <= 5) {
            event.rating = uint8_t(token.value + 2);
        } else if (token.kind == Token::string && equals(token, "down")) {
            event.rating = 1;
        } else if (token.kind == Token::string && equals(token, "up")) {
            event.rating = 2;
        } else {
            return false;
        }
        return true;
    }
};

}  // namespace botstats
