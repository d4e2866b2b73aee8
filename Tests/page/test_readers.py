"""Whether everybody can use the page: with a keyboard, a pointer, a screen reader, a phone, in the
dark, in Portuguese, and without a way to anywhere else.
"""

import datetime
import os
import pathlib
import tempfile
import unittest

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from case import CHAT_YEAR, CHAT_YEARS, PageCase, query
from support import ROOT, Page, token


class ReaderTests(PageCase):
    """Each reader can read everything."""

    def test_everything_can_be_done_by_keyboard(self):
        page = self.page
        page.sign_in(self.admin, query({"bot_id": self.bot, "days": "30"}))
        page.driver.refresh()
        page.wait_for_figures()

        def press(*keys):
            ActionChains(page.driver).send_keys(*keys).perform()

        def focused():
            return page.driver.switch_to.active_element

        reached = []
        for _ in range(60):
            press(Keys.TAB)
            element = focused()
            if element.tag_name == "body":
                break
            reached.append(
                element.get_attribute("name")
                or element.get_attribute("id")
                or element.get_attribute("data-format")
                or element.get_attribute("role")
                or element.tag_name
            )
            outline = element.value_of_css_property("outline-style")
            self.assertNotEqual(outline, "none", reached[-1])
        for name in (
            "language",
            "sign-out",
            "bot_id",
            "channel",
            "range",
            "group_by",
            "timezone",
            "report-type",
            "pdf",
            "json",
            "summary",
        ):
            self.assertIn(name, reached)
        self.assertEqual(reached.count("slider"), len(page.all("[role=slider]")))
        # Values of a chart.
        plot = page.find("#panel-conversations .plot")
        page.driver.execute_script("arguments[0].focus()", plot)
        rows = self.api.get("/conversations/volume", bot_id=self.bot, days=30)["data"]
        for key, row in (
            (Keys.HOME, rows[0]),
            (Keys.ARROW_RIGHT, rows[1]),
            (Keys.END, rows[-1]),
            (Keys.ARROW_LEFT, rows[-2]),
        ):
            press(key)
            self.assertIn(
                f"Conversations {row['conversations']}", plot.get_attribute("aria-valuetext")
            )
            self.assertIn(str(int(row["date"][8:])), plot.get_attribute("aria-valuetext"))
        self.assertTrue(page.is_shown("#panel-conversations .tip"))
        press(Keys.ESCAPE)
        self.assertFalse(page.is_shown("#panel-conversations .tip"))
        # Its table, and a picker.
        press(Keys.TAB, Keys.ENTER)
        page.wait(lambda: page.is_shown("#panel-conversations table"), "the table")
        page.driver.execute_script("document.querySelector('[name=group_by]').focus()")
        press("W")
        page.wait(lambda: page.query().get("group_by") == "week", "weeks in the address")
        page.wait_for_figures()
        self.assertEqual(focused().get_attribute("name"), "group_by")

    def test_values_are_told_under_the_pointer(self):
        page = self.page
        page.sign_in(self.viewer, query({**CHAT_YEAR, "bot_id": self.chat_bot}))
        plot = page.find("#panel-messages .plot")
        page.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })", plot)
        # The year's first month is the one with messages.
        left = 1 - plot.size["width"] // 2
        ActionChains(page.driver).move_to_element_with_offset(plot, left, 0).perform()
        page.wait(lambda: page.is_shown("#panel-messages .tip"), "the values")
        tip = page.text("#panel-messages .tip").split("\n")
        month = datetime.datetime.strptime(tip[0], "%B %Y").strftime("%Y-%m")
        rows = self.api.get("/conversations/volume", **CHAT_YEAR, bot_id=self.chat_bot)["data"]
        (row,) = [row for row in rows if row["date"] == month]
        self.assertGreater(row["incoming_messages"], 0)
        self.assertIn(f"{row['incoming_messages']:,}", tip)
        ActionChains(page.driver).move_to_element(page.find("h1")).perform()
        page.wait(lambda: not page.is_shown("#panel-messages .tip"), "no values")

    def test_nothing_is_in_the_way_of_anybody(self):
        page = self.page
        self.addCleanup(page.resize, 1280, 900)
        self.addCleanup(page.prefer, "light")
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)):
            with self.subTest(scheme=scheme, width=width):
                page.resize(width, 900)
                page.prefer(scheme)
                page.open()
                self.assertEqual(page.violations(), [])
                page.sign_in(self.admin, query({"bot_id": self.bot}))
                page.find("#panel-users summary").click()
                self.assertEqual(page.violations(), [])
                script = "return document.documentElement.scrollWidth > innerWidth"
                self.assertFalse(page.driver.execute_script(script), "it is wider than the screen")
                if directory := os.environ.get("BOTSTATS_SCREENSHOTS"):
                    page.screenshot(pathlib.Path(directory) / f"{scheme}-{width}.png")

    def test_nothing_comes_from_elsewhere(self):
        page = self.page
        page.sign_in(self.viewer)
        script = "return performance.getEntriesByType('resource').map(({ name }) => name)"
        loaded = page.driver.execute_script(script)
        self.assertGreater(len(loaded), 20)
        self.assertEqual([url for url in loaded if not url.startswith(ROOT + "/")], [])


class LanguageTests(unittest.TestCase):
    """A browser whose reader knows Portuguese."""

    def test_the_page_speaks_the_readers_language(self):
        with tempfile.TemporaryDirectory() as directory:
            page = Page(directory, language="pt-BR")
            self.addCleanup(page.quit)
            page.sign_in(token("analytics_viewer"), query(CHAT_YEARS))
            self.assertEqual(page.find("html").get_attribute("lang"), "pt-BR")
            self.assertEqual(page.text("#panel-messages h2"), "Mensagens")
            self.assertIn("4.000", page.text("#overview"))
            self.assertIn("1 de jan. de 2005 a 31 de dez. de 2018", page.text("#range"))
            self.assertEqual(page.violations(), [])
            Select(page.find("#language")).select_by_value("en")
            page.wait_for_figures()
            self.assertEqual(page.text("#panel-messages h2"), "Messages")
            page.driver.refresh()
            page.wait_for_figures()
            self.assertEqual(page.find("html").get_attribute("lang"), "en")
            self.assertEqual(page.problems(), [])

            # Whatever is said in one language is said in the other, with the same values in it.
            words = page.driver.execute_async_script("""const done = arguments[0];
                const paths = ["/page/words-en.js", "/page/words-pt-br.js"];
                Promise.all(paths.map((path) => import(path)))
                    .then((modules) => done(modules.map(({ words }) => words)))""")
            values = [
                {
                    name: sorted(part for part in ("{0}", "{1}", "{2}") if part in sentence)
                    for name, sentence in language.items()
                }
                for language in words
            ]
            self.assertEqual(values[0], values[1])
