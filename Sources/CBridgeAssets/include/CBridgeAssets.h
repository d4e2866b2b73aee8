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

// The dashboard at /, which lies in page/.
extern const struct botstats_asset botstats_page_index_html;
extern const struct botstats_asset botstats_page_icon_svg;
extern const struct botstats_asset botstats_page_page_css;
extern const struct botstats_asset botstats_page_page_js;
extern const struct botstats_asset botstats_page_api_js;
extern const struct botstats_asset botstats_page_chart_js;
extern const struct botstats_asset botstats_page_dom_js;
extern const struct botstats_asset botstats_page_export_js;
extern const struct botstats_asset botstats_page_figures_js;
extern const struct botstats_asset botstats_page_live_js;
extern const struct botstats_asset botstats_page_now_js;
extern const struct botstats_asset botstats_page_panels_js;
extern const struct botstats_asset botstats_page_pickers_js;
extern const struct botstats_asset botstats_page_tables_js;
extern const struct botstats_asset botstats_page_text_js;
extern const struct botstats_asset botstats_page_view_js;
extern const struct botstats_asset botstats_page_words_en_js;
extern const struct botstats_asset botstats_page_words_pt_br_js;
