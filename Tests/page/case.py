"""A test of the page: a browser, the API, a publisher, and a bot with something of everything."""

import tempfile
import unittest
import urllib.parse
import uuid

from support import API, Page, Publisher, business, token

# All of the chat log's fixture, which has messages of February and of May 2005.
CHAT_YEARS = {"start_date": "2005-01-01", "end_date": "2018-12-31"}
# A year that begins with the one of these months, after a year that ends with the other.
CHAT_YEAR = {"start_date": "2005-05-01", "end_date": "2006-04-30"}


def query(parameters):
    return "?" + urllib.parse.urlencode(parameters)


class PageCase(unittest.TestCase):
    """One browser, which each test signs in to anew."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.page = Page(cls.directory.name)
        cls.addClassCleanup(cls.page.quit)
        cls.publisher = Publisher()
        cls.addClassCleanup(cls.publisher.stop)
        cls.viewer = token("analytics_viewer")
        cls.admin = token("admin")
        cls.api = API(cls.admin)
        # The busiest of that year.
        cls.chat_bot = cls.api.get("/conversations/volume", **CHAT_YEAR)["by_bot"][0]["bot_id"]
        cls.bot = str(uuid.uuid4())
        events = business(cls.bot)
        cls.publisher.publish(events)
        count = sum(event["type"] == "message" for event in events)
        cls.page.wait(
            lambda: cls.api.get("/usage", bot_id=cls.bot)["total_messages"] == count,
            "the publisher's messages",
        )

    def tearDown(self):
        self.assertEqual(self.page.problems(), [])
