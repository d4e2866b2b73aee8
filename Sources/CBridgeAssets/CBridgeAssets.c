// The compiler reads the files, so that the program needs none of them where it runs, and so that
// a changed file is compiled again.
#pragma clang diagnostic ignored "-Wc23-extensions"

#include "CBridgeAssets.h"

static const unsigned char openapi_json[] = {
#embed "../../protocol/openapi.json"
};

static const unsigned char docs_html[] = {
#embed "docs.html"
};

static const unsigned char docs_css[] = {
#embed "docs.css"
};

static const unsigned char docs_js[] = {
#embed "docs.js"
};

const struct botstats_asset botstats_openapi_json = {openapi_json, sizeof openapi_json};
const struct botstats_asset botstats_docs_html = {docs_html, sizeof docs_html};
const struct botstats_asset botstats_docs_css = {docs_css, sizeof docs_css};
const struct botstats_asset botstats_docs_js = {docs_js, sizeof docs_js};
