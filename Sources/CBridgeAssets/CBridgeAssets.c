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

static const unsigned char page_index_html[] = {
#embed "page/index.html"
};

static const unsigned char page_icon_svg[] = {
#embed "page/icon.svg"
};

static const unsigned char page_page_css[] = {
#embed "page/page.css"
};

static const unsigned char page_page_js[] = {
#embed "page/page.js"
};

static const unsigned char page_api_js[] = {
#embed "page/api.js"
};

static const unsigned char page_chart_js[] = {
#embed "page/chart.js"
};

static const unsigned char page_dom_js[] = {
#embed "page/dom.js"
};

static const unsigned char page_export_js[] = {
#embed "page/export.js"
};

static const unsigned char page_figures_js[] = {
#embed "page/figures.js"
};

static const unsigned char page_live_js[] = {
#embed "page/live.js"
};

static const unsigned char page_now_js[] = {
#embed "page/now.js"
};

static const unsigned char page_panels_js[] = {
#embed "page/panels.js"
};

static const unsigned char page_pickers_js[] = {
#embed "page/pickers.js"
};

static const unsigned char page_tables_js[] = {
#embed "page/tables.js"
};

static const unsigned char page_text_js[] = {
#embed "page/text.js"
};

static const unsigned char page_view_js[] = {
#embed "page/view.js"
};

static const unsigned char page_words_en_js[] = {
#embed "page/words-en.js"
};

static const unsigned char page_words_pt_br_js[] = {
#embed "page/words-pt-br.js"
};

const struct botstats_asset botstats_openapi_json = {openapi_json, sizeof openapi_json};
const struct botstats_asset botstats_docs_html = {docs_html, sizeof docs_html};
const struct botstats_asset botstats_docs_css = {docs_css, sizeof docs_css};
const struct botstats_asset botstats_docs_js = {docs_js, sizeof docs_js};

const struct botstats_asset botstats_page_index_html = {page_index_html, sizeof page_index_html};
const struct botstats_asset botstats_page_icon_svg = {page_icon_svg, sizeof page_icon_svg};
const struct botstats_asset botstats_page_page_css = {page_page_css, sizeof page_page_css};
const struct botstats_asset botstats_page_page_js = {page_page_js, sizeof page_page_js};
const struct botstats_asset botstats_page_api_js = {page_api_js, sizeof page_api_js};
const struct botstats_asset botstats_page_chart_js = {page_chart_js, sizeof page_chart_js};
const struct botstats_asset botstats_page_dom_js = {page_dom_js, sizeof page_dom_js};
const struct botstats_asset botstats_page_export_js = {page_export_js, sizeof page_export_js};
const struct botstats_asset botstats_page_figures_js = {page_figures_js, sizeof page_figures_js};
const struct botstats_asset botstats_page_live_js = {page_live_js, sizeof page_live_js};
const struct botstats_asset botstats_page_now_js = {page_now_js, sizeof page_now_js};
const struct botstats_asset botstats_page_panels_js = {page_panels_js, sizeof page_panels_js};
const struct botstats_asset botstats_page_pickers_js = {page_pickers_js, sizeof page_pickers_js};
const struct botstats_asset botstats_page_tables_js = {page_tables_js, sizeof page_tables_js};
const struct botstats_asset botstats_page_text_js = {page_text_js, sizeof page_text_js};
const struct botstats_asset botstats_page_view_js = {page_view_js, sizeof page_view_js};
const struct botstats_asset botstats_page_words_en_js = {page_words_en_js, sizeof page_words_en_js};
const struct botstats_asset botstats_page_words_pt_br_js = {page_words_pt_br_js, sizeof page_words_pt_br_js};
