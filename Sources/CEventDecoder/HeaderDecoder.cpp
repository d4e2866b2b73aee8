// Decodes the header of an ingest message with simdjson's DOM: about 0.3 µs, where a general
// decoder takes 20. A batch of one event must not cost more than the event.
#include "include/CHeaderDecoder.h"

#include <cstring>
#include <new>
#include <simdjson.h>
#include <string_view>

struct botstats_header_decoder {
    simdjson::dom::parser parser;
    char padded[BOTSTATS_HEADER_BYTES_MAXIMUM + simdjson::SIMDJSON_PADDING] = {};

    bool decode(const uint8_t *bytes, size_t length, botstats_header &out) {
        if (length > BOTSTATS_HEADER_BYTES_MAXIMUM) return false;
        memcpy(padded, bytes, length);
        memset(padded + length, 0, simdjson::SIMDJSON_PADDING);
        out = botstats_header{};
        simdjson::dom::object object;
        if (parser.parse(padded, length, false).get(object) != simdjson::SUCCESS) return false;
        for (auto member : object) read(member.key, member.value, out);
        return true;
    }

private:
    static void
    read(std::string_view name, simdjson::dom::element value, botstats_header &out) {
        if (name == "protocol") integer(value, BOTSTATS_HEADER_PROTOCOL, out.protocol, out);
        else if (name == "epoch") integer(value, BOTSTATS_HEADER_EPOCH, out.epoch, out);
        else if (name == "first_seq") integer(value, BOTSTATS_HEADER_FIRST_SEQ, out.first_seq, out);
        else if (name == "count") integer(value, BOTSTATS_HEADER_COUNT, out.count, out);
        else if (name == "seq") integer(value, BOTSTATS_HEADER_SEQ, out.seq, out);
        else if (name == "producer")
            text(value, BOTSTATS_HEADER_PRODUCER, out.producer, out.producer_length, out);
        else if (name == "checkpoint")
            text(value, BOTSTATS_HEADER_CHECKPOINT, out.checkpoint, out.checkpoint_length, out);
    }

    static void
    integer(simdjson::dom::element value, uint32_t bit, uint64_t &target, botstats_header &out) {
        if (value.is_null()) return;
        int64_t number = 0;
        out.present |= bit;
        if (value.get(number) != simdjson::SUCCESS || number < 0) out.invalid |= bit;
        target = uint64_t(number);
    }

    static void text(
        simdjson::dom::element value,
        uint32_t bit,
        const char *&start,
        size_t &length,
        botstats_header &out
    ) {
        if (value.is_null()) return;
        std::string_view view;
        out.present |= bit;
        if (value.get(view) != simdjson::SUCCESS) out.invalid |= bit;
        start = view.data();
        length = view.size();
    }
};

botstats_header_decoder *botstats_header_decoder_create(void) {
    return new (std::nothrow) botstats_header_decoder();
}

void botstats_header_decoder_destroy(botstats_header_decoder *decoder) { delete decoder; }

int32_t botstats_header_decode(
    botstats_header_decoder *decoder,
    const uint8_t *bytes,
    size_t length,
    botstats_header *out
) {
    return decoder->decode(bytes, length, *out) ? 1 : 0;
}
