#pragma once

#include <stddef.h>

/// A file that is part of the program.
struct botstats_asset {
    const unsigned char *bytes;
    size_t count;
};

/// protocol/openapi.json.
extern const struct botstats_asset botstats_openapi_json;
/// The page at /docs.
extern const struct botstats_asset botstats_docs_html;
/// The page's style.
extern const struct botstats_asset botstats_docs_css;
/// The page's program.
extern const struct botstats_asset botstats_docs_js;
