"""What the tests of the page share: the daemon's API, a publisher, a browser, a line that breaks.

The daemon is the one of deploy/test; its addresses and its data directory are in the environment.
"""

import base64
import importlib.util
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
import uuid

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

PROGRAM = os.environ["BOTSTATS"]
ROOT = f"http://127.0.0.1:{os.environ['BOTSTATS_HTTP_PORT']}"
BASE = "/api/v1/analytics"
# How long anything may take. A condition that holds earlier is seen earlier.
PATIENCE_SECONDS = 30


def run(*arguments):
    """What a command of the program prints."""
    return subprocess.run(
        [PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def token(role):
    return run("token", "--role", role)


class API:
    """The interface, asked directly."""

    def __init__(self, credential):
        self.fields = {"Authorization": f"Bearer {credential}"}

    def get_bytes(self, path, body=None, **parameters):
        query = urllib.parse.urlencode({k: v for k, v in parameters.items() if v})
        request = urllib.request.Request(f"{ROOT}{BASE}{path}?{query}", body, self.fields)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
            return response.read()

    def get(self, path, **parameters):
        return json.loads(self.get_bytes(path, **parameters))

    def post(self, path, body):
        return json.loads(self.get_bytes(path, json.dumps(body).encode()))


class Publisher:
    """A publisher that runs as long as the tests do: `botstats publish`, fed line by line."""

    def __init__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "publish"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    def publish(self, events):
        for event in events:
            self.process.stdin.write(json.dumps(event) + "\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_SECONDS)


def messages(bot, count, channel="web", age_seconds=0, user=None):
    """A conversation of so many messages that is just going on, or was so many seconds ago."""
    user = user or str(uuid.uuid4())
    common = {"bot_id": bot, "user_id": user, "session_id": str(uuid.uuid4())}
    now = int((time.time() - age_seconds) * 1000)
    return [
        {
            "type": "message",
            **common,
            "channel": channel,
            "timestamp": now - 10 * (count - index),
            "role": "assistant" if index % 2 else "user",
        }
        for index in range(count)
    ]


def business(bot):
    """Conversations of the last days with every outcome, ratings, and users who come back."""
    events = []
    for day in range(20):
        for index, channel in enumerate(["web", "whatsapp", "telegram"]):
            # The same users again every few days.
            user = str(uuid.UUID(int=(day % 7) * 3 + index + 1))
            talk = messages(bot, 4 + index, channel, 86_400 * day + 7_200, user)
            at = {key: talk[-1][key] for key in ("bot_id", "user_id", "session_id")}
            at["timestamp"] = talk[-1]["timestamp"] + 1_000
            ending = [
                {"type": "session.resolved", **at, "confirmed": day % 2 == 0},
                {"type": "session.transferred", **at},
                {"type": "session.ended", **at},
            ][index]
            rating = {
                "type": "feedback",
                **at,
                "rating": [5, 4, 2, 1, "up", "down"][(day + index) % 6],
            }
            events += [*talk, ending, {"type": "survey.offered", **at}, rating]
    return events


class Line:
    """A line between a browser and the daemon that can be cut, and hears what is asked for."""

    def __init__(self):
        self.heads = []
        self.is_cut = False
        self.sockets = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            address = urllib.parse.urlsplit(ROOT)
            daemon = socket.create_connection((address.hostname, address.port))
            self.sockets += [client, daemon]
            for ends in ((client, daemon, True), (daemon, client, False)):
                threading.Thread(target=self._copy, args=ends, daemon=True).start()

    def _copy(self, source, sink, is_request):
        try:
            while content := source.recv(65_536):
                if is_request:
                    self.heads.append(content.decode("latin-1"))
                sink.sendall(content)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.is_cut = True
        for end in self.sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self.is_cut = False

    def close(self):
        self.server.close()
        self.cut()

    def last_event_ids(self):
        """What each request for the stream has seen before; None for nothing."""
        streams = [head for head in self.heads if "/realtime/stream" in head]
        found = [re.search(r"^last-event-id: (.*)$", head, re.I | re.M) for head in streams]
        return [match and match[1].strip() for match in found]


def axe_source():
    """axe-core, from a package that carries it along."""
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.origin).parent / "axe.min.js").read_text()


class Page:
    """A browser with the page in it."""

    def __init__(self, downloads, language="en-US"):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        # Containers lack what the sandbox needs, and nothing but our own page is opened.
        for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", f"lang={language}"):
            options.add_argument(f"--{argument}")
        options.add_experimental_option(
            "prefs",
            {"intl.accept_languages": language, "download.default_directory": str(downloads)},
        )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.downloads = pathlib.Path(downloads)
        self.resize(1280, 900)

    def quit(self):
        self.driver.quit()

    # Waiting.

    def wait(self, condition, what):
        """Waits until a condition holds; one that finds nothing does not hold yet."""

        def holds(_):
            try:
                return condition()
            except StaleElementReferenceException:
                return False

        try:
            return WebDriverWait(self.driver, PATIENCE_SECONDS, poll_frequency=0.1).until(holds)
        except TimeoutException:
            said = [*self.problems(), *(problem.text for problem in self.all(".problem"))]
            raise AssertionError(
                f"waited {PATIENCE_SECONDS} s for {what}; the page says: {' '.join(said)}"
            ) from None

    def wait_for_figures(self):
        """Waits until everything that was picked is shown."""
        shown = "#dashboard[aria-busy=false] #now-figures .tiles"
        self.wait(lambda: self.is_shown(shown), "all figures")

    # Looking.

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def is_shown(self, selector):
        return any(element.is_displayed() for element in self.all(selector))

    def query(self):
        """The parameters of the page's address."""
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.driver.current_url).query))

    def figures(self, selector):
        """The values of the figures under an element, as the API wrote them."""
        script = """return [...document.querySelectorAll(arguments[0] + ' data')]
            .map((figure) => figure.value)"""
        values = self.driver.execute_script(script, selector)
        return [float(value) if value else None for value in values]

    def tiles(self, place):
        """The big figure of each tile."""
        return self.figures(f"#{place}-figures .tiles .value")

    def rows(self, panel):
        """The rows of a panel's chart, read from its table."""
        if not self.is_shown(f"#panel-{panel} details[open]"):
            self.find(f"#panel-{panel} summary").click()
        self.wait(lambda: self.all(f"#panel-{panel} details tbody tr"), f"the table of {panel}")
        script = """return [...document.querySelectorAll(
                `#panel-${arguments[0]} details tbody tr`)]
            .map((row) => [...row.querySelectorAll('data')].map((figure) => figure.value))"""
        rows = self.driver.execute_script(script, panel)
        return [[float(value) if value else None for value in row] for row in rows]

    def problems(self):
        """What the browser itself complains of, but for refusals that a test asked for."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE"
            and "responded with a status of 4" not in entry["message"]
            and "net::ERR_" not in entry["message"]
        ]

    def violations(self):
        """What axe-core finds that is serious or critical."""
        self.driver.execute_script(axe_source())
        findings = self.driver.execute_async_script(
            "axe.run().then(({ violations }) => arguments[0](violations))"
        )
        return [
            f"{finding['id']}: {node['target']} {node['failureSummary']}"
            for finding in findings
            if finding["impact"] in ("serious", "critical")
            for node in finding["nodes"]
        ]

    def resize(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def prefer(self, scheme):
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )

    def screenshot(self, path):
        """Keeps how the whole page looks."""
        size = self.driver.execute_script(
            "return [innerWidth, document.documentElement.scrollHeight]"
        )
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        taken = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
        )
        pathlib.Path(path).write_bytes(base64.b64decode(taken["data"]))

    # Doing.

    def open(self, query="", root=ROOT):
        """Opens the page as somebody who has never been there."""
        self.driver.get(root)
        self.driver.execute_script("sessionStorage.clear(); localStorage.clear()")
        self.driver.get(f"{root}/{query}")
        self.wait(lambda: self.is_shown("#sign-in"), "the form to sign in")

    def paste(self, credential):
        self.find("#credential").send_keys(credential)
        self.find("#sign-in button").click()

    def sign_in(self, credential, query="", root=ROOT):
        self.open(query, root)
        self.paste(credential)
        self.wait(lambda: self.is_shown("#dashboard"), "the dashboard")
        self.wait_for_figures()

    def pick(self, name, value):
        Select(self.find(f"[name={name}]")).select_by_value(value)
        self.wait_for_figures()

    def downloaded(self):
        """The one file that was saved, complete; it is taken away."""

        def one():
            files = [path for path in self.downloads.iterdir() if path.suffix != ".crdownload"]
            return files[0] if len(files) == 1 and files[0].name[0] != "." else None

        path = self.wait(one, "a file that is saved")
        content = path.read_bytes()
        path.unlink()
        return path.name, content
