/// The header decoder's C interface: the JSON object in front of a batch in, its members out.
#ifndef BOTSTATS_HEADER_DECODER_H
#define BOTSTATS_HEADER_DECODER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bits of `present` and `invalid`.
enum {
    BOTSTATS_HEADER_PROTOCOL = 1,
    BOTSTATS_HEADER_PRODUCER = 2,
    BOTSTATS_HEADER_EPOCH = 4,
    BOTSTATS_HEADER_FIRST_SEQ = 8,
    BOTSTATS_HEADER_COUNT = 16,
    BOTSTATS_HEADER_CHECKPOINT = 32,
    BOTSTATS_HEADER_SEQ = 64
};

/// The largest header; a longer one is for the caller to refuse.
#define BOTSTATS_HEADER_BYTES_MAXIMUM 4096

/// The members of a header. A text is valid until the next header is decoded.
typedef struct botstats_header {
    uint64_t protocol, epoch, first_seq, count, seq;
    const char *producer;
    size_t producer_length;
    const char *checkpoint;
    size_t checkpoint_length;
    /// Members that are there and not null.
    uint32_t present;
    /// Members of the wrong type: no text, or no integer from 0 to 2⁶³ − 1.
    uint32_t invalid;
} botstats_header;

typedef struct botstats_header_decoder botstats_header_decoder;

/// Makes a decoder, to be used by one thread at a time. Returns NULL without memory.
botstats_header_decoder *botstats_header_decoder_create(void);

/// Frees a decoder. NULL is allowed.
void botstats_header_decoder_destroy(botstats_header_decoder *decoder);

/// Decodes a header of at most BOTSTATS_HEADER_BYTES_MAXIMUM bytes, which need no padding.
/// Returns 1, or 0 when the bytes are not exactly one JSON object in UTF-8.
int32_t botstats_header_decode(
    botstats_header_decoder *decoder,
    const uint8_t *bytes,
    size_t length,
    botstats_header *out
);

#ifdef __cplusplus
}
#endif

#endif
