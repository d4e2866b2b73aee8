"""What the dashboard at / shows and does, in a real browser against a running daemon.

deploy/test runs this with the chat log's fixture imported. What the page shows is compared with what the API
answers to the same parameters.
"""

import hashlib
import json
import uuid

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from case import CHAT_YEAR, CHAT_YEARS, PageCase, query
from support import Line, messages, run, token

OVERVIEW = [
    ("/usage", "total_conversations"),
    ("/usage", "total_messages"),
    ("/usage", "active_users"),
    ("/usage", "new_users"),
    ("/conversations", "resolution_rate"),
    ("/conversations", "csat_score"),
    ("/conversations", "median_duration_seconds"),
    ("/conversations", "avg_first_response_seconds"),
]


class FigureTests(PageCase):
    """Signing in, figures, what happens now, reports."""

    # Signing in.

    def test_a_bad_credential_is_refused_with_a_sentence(self):
        page = self.page
        page.open()
        page.paste("a.b.c")
        page.wait(lambda: "This token is not good" in page.text("#sign-in-problem"), "a refusal")
        page.paste("gb_" + "a" * 32)
        page.wait(lambda: "This API key is unknown" in page.text("#sign-in-problem"), "a refusal")
        page.paste(token("user"))
        page.wait(lambda: "may not read figures" in page.text("#sign-in-problem"), "a refusal")
        self.assertFalse(page.is_shown("#dashboard"))
        self.assertEqual(page.driver.execute_script("return sessionStorage.length"), 0)

    def test_a_good_credential_stays_in_the_tab_until_it_is_signed_out(self):
        page = self.page
        page.sign_in("Bearer " + self.viewer, query(CHAT_YEARS))
        self.assertNotIn(self.viewer, page.driver.page_source)
        self.assertEqual(page.query(), CHAT_YEARS)
        self.assertEqual(page.driver.execute_script("return localStorage.length"), 0)
        page.driver.refresh()
        page.wait_for_figures()
        page.find("#sign-out").click()
        page.wait(lambda: page.is_shown("#sign-in"), "the form to sign in")
        self.assertFalse(page.is_shown("#dashboard"))
        self.assertEqual(page.driver.execute_script("return sessionStorage.length"), 0)

    def test_a_key_that_is_revoked_meanwhile_leads_back_to_the_form(self):
        page = self.page
        known = {key["id"] for key in self.keys()}
        page.sign_in(run("keys", "create", "--role", "analytics_viewer", "--name", "page"))
        (made,) = [key["id"] for key in self.keys() if key["id"] not in known]
        run("keys", "revoke", made)
        Select(page.find("[name=range]")).select_by_value("days=7")
        page.wait(lambda: page.is_shown("#sign-in"), "the form to sign in")
        self.assertIn("This API key is unknown, revoked or expired", page.text("#sign-in-problem"))

    @staticmethod
    def keys():
        return json.loads(run("keys", "list"))["keys"]

    # Figures.

    def expect(self, parameters):
        """The page shows what the API answers to some parameters."""
        page, api = self.page, self.api
        totals = {k: v for k, v in parameters.items() if k != "group_by"}
        answers = {path: api.get(path, **totals) for path in ("/usage", "/conversations")}
        self.assertEqual(page.tiles("overview"), [answers[path][name] for path, name in OVERVIEW])
        volume = api.get("/conversations/volume", **parameters)
        rows = page.rows("conversations")
        self.assertEqual([row[0] for row in rows], [row["conversations"] for row in volume["data"]])
        self.assertEqual(
            [row[:2] for row in page.rows("messages")],
            [[row["incoming_messages"], row["outgoing_messages"]] for row in volume["data"]],
        )
        channels = [
            row[name] for row in volume["by_channel"] for name in ("conversations", "messages")
        ]
        self.assertEqual(page.figures("#panel-channels table:first-of-type"), channels)
        engagement = api.get("/engagement", **parameters)
        self.assertEqual(
            [row[:2] for row in page.rows("users")],
            [[row["returning_users"], row["new_users"]] for row in engagement["data"]],
        )
        names = ("dau", "wau", "mau", "stickiness")
        self.assertEqual(page.figures("#panel-users .facts"), [engagement[name] for name in names])
        self.expect_quality(parameters)

    def expect_quality(self, parameters):
        """Durations, outcomes, satisfaction, retention."""
        page, api = self.page, self.api
        duration = api.get("/conversations/duration", **parameters)
        if duration["measured_conversations"]:
            self.assertEqual(
                [row[0] for row in page.rows("durations")],
                [row["conversations"] for row in duration["histogram"]],
            )
        shown = [duration["avg_duration_seconds"], *duration["percentiles"].values()]
        for name in ("first_response_seconds", "response_seconds"):
            shown += [duration[name][part] for part in ("avg", "p50", "p90", "p95")]
        self.assertEqual(page.figures("#panel-durations .stack"), shown)
        resolution = api.get("/conversations/resolution", **parameters)
        if any(resolution["outcomes"].values()):
            self.assertEqual(
                page.figures("#panel-outcomes table"), list(resolution["outcomes"].values())
            )
            rates = ("resolution", "escalation", "containment", "abandonment", "reopen")
            self.assertEqual(
                page.figures("#panel-outcomes .facts"),
                [*(resolution[f"{rate}_rate"] for rate in rates), resolution["outcome_coverage"]],
            )
        satisfaction = api.get("/engagement/satisfaction", **parameters)
        if satisfaction["responses"]:
            names = ("csat_score", "average_rating", "responses", "response_rate")
            stars = [satisfaction["distribution"][str(stars)] for stars in (5, 4, 3, 2, 1)]
            thumbs = [satisfaction["thumbs"][name] for name in ("up", "down")]
            self.assertEqual(
                page.figures("#panel-satisfaction .stack"),
                [satisfaction[name] for name in names] + stars + thumbs,
            )
        totals = {k: v for k, v in parameters.items() if k != "group_by"}
        groups = {"hour": "day", "day": "week", "week": "week", "month": "month"}
        group = parameters.get("group_by") or groups[duration["meta"]["group_by"]]
        retention = api.get(
            "/engagement/retention", **totals, group_by=group.replace("hour", "day")
        )
        cohorts = [row for row in retention["data"] if row["users"]]
        if cohorts:
            shown = [rate for rate in retention["average"][1:] if rate is not None]
            for row in cohorts:
                shown += [row["users"], *(rate for rate in row["rates"][1:] if rate is not None)]
            self.assertEqual(page.figures("#panel-retention table"), shown)

    def test_every_figure_is_the_apis(self):
        page = self.page
        parameters = {"bot_id": self.bot, "days": "30"}
        page.sign_in(self.viewer, query(parameters))
        self.expect(parameters)
        for panel in ("outcomes", "satisfaction", "channels", "retention"):
            self.assertFalse(page.is_shown(f"#panel-{panel} .empty"), panel)
        # Written for people, too.
        page.sign_in(self.viewer, query(CHAT_YEARS))
        shown = [element.text for element in page.all("#overview .value")]
        self.assertEqual(shown[:4], ["333", "4,000", "244", "244"])

    def test_each_picker_changes_the_figures_and_the_address(self):
        page = self.page
        page.sign_in(self.viewer)
        self.assertEqual(page.query(), {})
        self.expect({})
        steps = []

        def pick(name, value, **parameters):
            page.pick(name, value)
            self.assertEqual(page.query(), parameters)
            self.expect(parameters)
            steps.append(parameters)

        pick("range", "days=7", days="7")
        pick("range", "period=month", period="month")
        self.pick_dates("05012005", "04302006")
        steps.append(CHAT_YEAR)
        self.assertEqual(page.query(), CHAT_YEAR)
        self.expect(CHAT_YEAR)
        pick("bot_id", self.chat_bot, **CHAT_YEAR, bot_id=self.chat_bot)
        pick("channel", "web", **CHAT_YEAR, bot_id=self.chat_bot, channel="web")
        rest = {**CHAT_YEAR, "bot_id": self.chat_bot, "channel": "web"}
        pick("group_by", "week", **rest, group_by="week")
        pick("timezone", "America/Sao_Paulo", **rest, group_by="week", timezone="America/Sao_Paulo")

        # The same again, by the browser's history and by the address.
        def zone():
            return page.find("[name=timezone]").get_attribute("value")

        page.driver.back()
        page.wait(lambda: zone() == "", "the zone of before")
        page.wait_for_figures()
        self.assertEqual(page.query(), steps[-2])
        self.expect(steps[-2])
        page.driver.forward()
        page.wait(lambda: zone() == "America/Sao_Paulo", "the zone of after")
        page.wait_for_figures()
        self.expect(steps[-1])
        page.driver.refresh()
        page.wait_for_figures()
        self.expect(steps[-1])
        self.assertEqual(
            {name: page.find(f"[name={name}]").get_attribute("value") for name in steps[-1]},
            steps[-1],
        )

    def pick_dates(self, first, last):
        """Picks dates as somebody types them."""
        page = self.page
        page.pick("range", "custom")
        page.find("[name=start_date]").send_keys(first)
        page.find("[name=end_date]").send_keys(last)
        page.wait(lambda: page.query() == CHAT_YEAR, "the dates in the address")
        page.wait_for_figures()

    def test_the_period_before_is_the_one_that_the_api_compares_with(self):
        page = self.page
        before = {"start_date": "2004-05-01", "end_date": "2005-04-30"}
        page.sign_in(self.viewer, query(CHAT_YEAR))
        usage = self.api.get("/usage", **CHAT_YEAR, compare="previous_period")
        changes = page.figures("#overview .tiles > div:first-child .note")
        self.assertEqual(changes, [usage["change"]["total_conversations"]])
        self.assertIn("May 1, 2004 to Apr 30, 2005", page.text("#range"))
        rows = self.api.get("/conversations/volume", **before, group_by="month")["data"]
        shown = [row[1] for row in page.rows("conversations")]
        self.assertEqual(shown, [row["conversations"] for row in rows])
        self.assertEqual(sum(shown), usage["previous"]["total_conversations"])
        # A period that is still running is compared with one that stops at the same time of day.
        page.pick("range", "days=7")
        page.pick("bot_id", self.bot)
        usage = self.api.get("/usage", bot_id=self.bot, days=7, compare="previous_period")
        shown = [row[2] for row in page.rows("messages")]
        self.assertEqual(sum(shown), usage["previous"]["total_messages"])

    def test_the_range_before_is_the_apis_in_any_zone(self):
        self.page.sign_in(self.viewer)
        views = [
            {"days": 1},
            {"days": 30},
            *({"period": name} for name in ("week", "month", "year")),
        ]
        views += [CHAT_YEAR, {"start_date": "2024-02-29", "end_date": "2024-02-29"}]
        for view in views:
            for zone in ("UTC", "America/Sao_Paulo", "Asia/Kathmandu"):
                with self.subTest(view=view, zone=zone):
                    own, api = self.ranges_before({**view, "timezone": zone})
                    if own != api:
                        # A quarter of an hour may have ended in between.
                        own, api = self.ranges_before({**view, "timezone": zone})
                    self.assertEqual(own, api)

    def ranges_before(self, view):
        """The range before as the page asks for it, and as a report's parameters have it."""
        params = self.api.post("/reports", {"type": "usage", **view})["params"]
        meta = self.api.get("/usage", **view)["meta"]
        script = """const [view, meta, done] = arguments;
            import("/page/view.js").then(({ previousRange }) => done(previousRange(view, meta)))"""
        before = self.page.driver.execute_async_script(script, view, meta)
        if before is None:
            # Of a day that has just begun: nothing.
            return params["previous_start"], params["previous_end"]
        own = self.api.get("/usage", **before, timezone=view["timezone"])["meta"]
        return (own["start"], own["end"]), (params["previous_start"], params["previous_end"])

    def test_another_bot_can_be_named_and_nothing_says_so(self):
        page = self.page
        nobody = str(uuid.uuid4())
        page.sign_in(self.viewer)
        Select(page.find("[name=bot_id]")).select_by_value("other")
        page.find("[name=other_bot]").send_keys(nobody + Keys.ENTER)
        page.wait(lambda: page.query() == {"bot_id": nobody}, "the bot in the address")
        page.wait_for_figures()
        self.assertIn("There is nothing in this period", page.text("#overview .notice"))
        self.assertEqual(page.tiles("overview")[:4], [0, 0, 0, 0])
        for panel in ("conversations", "messages", "users", "outcomes", "channels", "retention"):
            self.assertIn("Nothing in this period.", page.text(f"#panel-{panel} .content"))

    def test_what_the_api_refuses_is_said_once(self):
        page = self.page
        page.open(query({**CHAT_YEARS, "group_by": "hour"}))
        self.assertFalse(page.is_shown("#loading"))
        page.paste(self.viewer)
        page.wait(lambda: page.is_shown("#problem"), "the problem")
        self.assertEqual(page.text("#problem").count("group_by"), 1)
        page.pick("group_by", "month")
        self.assertFalse(page.is_shown("#problem"))

    # Now.

    def test_the_tiles_of_now_follow_what_is_published(self):
        page = self.page
        bot = str(uuid.uuid4())
        page.sign_in(self.viewer, query({"bot_id": bot}))
        self.assertEqual(page.tiles("now")[:3], [0, 0, 0])
        user = str(uuid.uuid4())
        self.publisher.publish(messages(bot, 3, user=user))
        page.wait(lambda: page.tiles("now")[:3] == [1, 1, 3], "three messages of a session")
        self.assertIn("2 in, 1 out", page.text("#now .tiles"))
        self.publisher.publish(messages(bot, 2, user=user))
        page.wait(lambda: page.tiles("now")[:3] == [2, 1, 5], "two messages of another session")
        self.assertEqual(page.text("#stream-state"), "Live")
        # The figures of the period follow, too.
        page.wait(lambda: page.tiles("overview")[:2] == [2, 5], "five messages in the period")

    def test_a_stream_that_ends_is_seen_and_taken_up_again(self):
        page = self.page
        line = Line()
        self.addCleanup(line.close)
        page.sign_in(self.viewer, root=line.root)
        page.wait(lambda: page.text("#stream-state") == "Live", "live figures")
        self.assertEqual(line.last_event_ids(), [None])
        line.cut()
        page.wait(lambda: "No live figures" in page.text("#stream-state"), "that the line is cut")
        self.assertEqual(page.violations(), [])
        line.mend()
        page.wait(lambda: page.text("#stream-state") == "Live", "live figures again")
        self.assertRegex(line.last_event_ids()[-1], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        # What could not be shown meanwhile is shown afterwards.
        line.cut()
        Select(page.find("[name=range]")).select_by_value("days=7")
        page.wait(lambda: "cannot be reached" in page.text("#problem"), "that nobody answers")
        line.mend()
        page.wait(lambda: not page.is_shown("#problem"), "that somebody answers")
        page.wait_for_figures()
        self.expect({"days": "7"})

    def test_more_tabs_than_a_browser_has_connections_do_not_wait_for_each_other(self):
        page = self.page
        first = page.driver.current_window_handle
        for _ in range(7):
            page.driver.switch_to.new_window("tab")
            page.sign_in(self.viewer, query(CHAT_YEAR))
        for handle in page.driver.window_handles:
            if handle != first:
                page.driver.switch_to.window(handle)
                page.driver.close()
        page.driver.switch_to.window(first)

    # Reports.

    def test_reports_are_saved_with_the_bytes_of_the_api(self):
        page = self.page
        page.sign_in(self.admin, query({**CHAT_YEAR, "bot_id": self.chat_bot}))
        for kind, format, beginning in (
            ("usage", "csv", b"\xef\xbb\xbf"),
            ("full", "pdf", b"%PDF-"),
        ):
            Select(page.find("#report-type")).select_by_value(kind)
            page.find(f"[data-format={format}]").click()
            name, content = page.downloaded()
            page.wait(lambda: page.text("#export-state") == f"Saved {name}.", "that it was saved")
            report = self.api.get("/reports", limit=1)["reports"][0]
            self.assertEqual((report["type"], report["format"]), (kind, format))
            self.assertEqual(report["params"]["bot_id"], self.chat_bot)
            self.assertEqual(report["params"]["start"], "2005-05-01T00:00:00+00:00")
            self.assertEqual(name, report["file_name"])
            self.assertEqual(hashlib.sha256(content).hexdigest(), report["sha256"])
            self.assertEqual(content, self.api.get_bytes(f"/reports/{report['id']}", download=1))
            self.assertTrue(content.startswith(beginning))

    def test_who_may_not_make_reports_gets_a_sentence_and_no_buttons(self):
        page = self.page
        page.sign_in(self.viewer)
        self.assertIn("may not make reports", page.text("#export-content"))
        self.assertEqual(page.all("#export button"), [])
