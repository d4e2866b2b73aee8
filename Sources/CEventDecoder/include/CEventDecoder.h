/// The event decoder's C interface: NDJSON bytes in, fixed-size structs out.
#ifndef BOTSTATS_EVENT_DECODER_H
#define BOTSTATS_EVENT_DECODER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What an event is. The numbers are the raw values of Core's EventKind.
enum {
    BOTSTATS_KIND_INCOMING = 0,
    BOTSTATS_KIND_ASSISTANT = 1,
    BOTSTATS_KIND_AGENT = 2,
    BOTSTATS_KIND_UNCOUNTED = 3,
    BOTSTATS_KIND_TRANSFERRED = 4,
    BOTSTATS_KIND_RESOLVED = 5,
    BOTSTATS_KIND_ENDED = 6,
    BOTSTATS_KIND_FEEDBACK = 7,
    BOTSTATS_KIND_SURVEY_OFFERED = 8,
    BOTSTATS_KIND_ERROR = 9
};

/// Why a line is rejected.
enum {
    BOTSTATS_ACCEPTED = 0,
    BOTSTATS_INVALID_JSON = 1,
    BOTSTATS_MISSING_FIELD = 2,
    BOTSTATS_UNKNOWN_TYPE = 3,
    BOTSTATS_INVALID_FIELD = 4
};

/// The fields of an event, in the order in which they are checked.
enum {
    BOTSTATS_FIELD_NONE = 0,
    BOTSTATS_FIELD_TYPE = 1,
    BOTSTATS_FIELD_BOT_ID = 2,
    BOTSTATS_FIELD_USER_ID = 3,
    BOTSTATS_FIELD_SESSION_ID = 4,
    BOTSTATS_FIELD_TIMESTAMP = 5,
    BOTSTATS_FIELD_CHANNEL = 6,
    BOTSTATS_FIELD_ID = 7,
    BOTSTATS_FIELD_ROLE = 8,
    BOTSTATS_FIELD_RESPONSE_MS = 9,
    BOTSTATS_FIELD_TOKENS = 10,
    BOTSTATS_FIELD_CONFIRMED = 11,
    BOTSTATS_FIELD_RATING = 12,
    BOTSTATS_FIELD_CODE = 13
};

/// Bits of `flags`.
enum {
    BOTSTATS_HAS_USER = 1,
    BOTSTATS_HAS_SESSION = 2,
    BOTSTATS_HAS_ID = 4,
    BOTSTATS_CONFIRMED = 8
};

/// The value of `response_ms` and `tokens` where the event has none.
#define BOTSTATS_ABSENT UINT32_MAX

/// Objects and arrays that may lie within one another, the event itself included.
#define BOTSTATS_NESTING_MAXIMUM 512

/// One line of a body, decoded. A rejected line has every value zero but `code` and `field`.
typedef struct botstats_event {
    /// Milliseconds since 1970-01-01T00:00:00Z. Its range is not checked here.
    int64_t timestamp_ms;
    /// The UUIDs as two big-endian halves each; zero where absent.
    uint64_t bot_high, bot_low, user_high, user_low, session_high, session_low;
    /// `response_ms` and `tokens`, or BOTSTATS_ABSENT.
    uint32_t response_ms, tokens;
    /// A BOTSTATS_KIND_… value.
    uint8_t kind;
    /// BOTSTATS_ACCEPTED or the reason of rejection.
    uint8_t code;
    /// The BOTSTATS_FIELD_… the rejection names, or BOTSTATS_FIELD_NONE.
    uint8_t field;
    /// BOTSTATS_HAS_… and BOTSTATS_CONFIRMED bits.
    uint8_t flags;
    /// 0 none, 1 down, 2 up, 3…7 the ratings 1…5: the raw values of Core's Rating, in the order
    /// in which the larger one wins a tie.
    uint8_t rating;
    /// Bytes of `channel` in use.
    uint8_t channel_length;
    uint8_t reserved[2];
    /// The channel's bytes, eight to a word, the first in the lowest bits, padded with zeros; `web`
    /// where the event has none. Words, because channels are compared and never printed here.
    uint64_t channel[4];
} botstats_event;

typedef struct botstats_decoder botstats_decoder;

/// Makes a decoder, to be used by one thread at a time. Returns NULL without memory.
botstats_decoder *botstats_decoder_create(void);

/// Frees a decoder. NULL is allowed.
void botstats_decoder_destroy(botstats_decoder *decoder);

/// Decodes a whole NDJSON body, one struct for each line, each line on its own.
///
/// Lines end with '\n' (a '\r' before it is JSON whitespace); the last one may lack it. A blank
/// line is a line, and rejected. The bytes need no padding and are not kept; no byte outside them
/// is read. Returns the number of lines; -1 when there are more than `capacity`; -2 without memory.
int32_t botstats_decode(
    botstats_decoder *decoder,
    const uint8_t *bytes,
    size_t length,
    botstats_event *out,
    size_t capacity
);

#ifdef __cplusplus
}
#endif

#include "CHeaderDecoder.h"

#endif
