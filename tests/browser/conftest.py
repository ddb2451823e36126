"""A real browser before a real server; skipped where no Chromium is installed."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from kit import settings
from services.app import App
from tests.support import cast
from tests.support.cast import Cast
from tests.support.schema import create_tables
from web import assemble
from web.connect import connect
from web.debtor import debtor
from web.pages import PAGES
from web.security import begin_session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_SERIOUS = """(only) => axe.run(document, {
        resultTypes: ["violations"], rules: {"target-size": {enabled: true}}, ...(only && {runOnly: only})
    }).then(result => result.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.help} at ${one.nodes.map(node => node.target + " " + node.failureSummary).join(" and ")}`))"""


@dataclass(frozen=True, slots=True)
class Site:
    """The pages at an address, with the cast on stage."""

    url: str
    stage: Cast
    app: App

    @property
    def home(self) -> str:
        return f"{self.url}/organisations/{self.stage.organisation_id}"


@dataclass(slots=True)
class Window:
    """One browser window, which remembers everything that its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_load_state("load")

    def barriers(self, rules: Sequence[str] = ()) -> list[str]:
        """What axe finds serious or critical for people who cannot see, hear or point well; by these rules, or by all."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE)
        found: list[str] = self.page.evaluate(_SERIOUS, list(rules) or None)
        return found

    def sideways(self) -> int:
        """How many pixels the page is wider than its window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wider


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the test's own words are enough."""


@contextmanager
def serving(app: WSGIApplication, listening: socket.socket | None = None) -> Iterator[int]:
    """Serves an app to the browser, at a port that is free or at one that was taken before; says which."""
    taken = None if listening is None else listening.fileno()
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True, request_handler=_Quiet, fd=taken)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        if listening is not None:
            listening.detach()  # the server closed it


def _whole(app: WSGIApplication) -> WSGIApplication:
    """The app, its answers read and closed at once: this server leaves a file open when the browser goes away meanwhile."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start))) as parts:
            return [b"".join(parts)]

    return answer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    app = App(
        settings.load(
            {
                "VAR_DIR": str(folder),
                "DATABASE_URL": f"sqlite:///{folder}/dunnock.db",
                "REDIS_URL": f"unix://{folder}/no-redis.sock",
                "SECRET_KEY": "a secret that is long enough for tests",
            }
        )
    )
    create_tables(app.database)
    stage = cast.fill(app.database, hostile=True)
    flask = assemble(app, *PAGES, connect, debtor)

    @flask.get("/become/<person_id>")
    def become(person_id: str) -> str:
        begin_session(person_id)
        return "<!doctype html><html lang=en><title>in</title><link rel=icon href=data:,>"

    with serving(flask) as port:
        yield Site(f"http://127.0.0.1:{port}", stage, app)
    app.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield opened
        opened.close()


def window(
    browser: Browser,
    *,
    width: int = 1280,
    scheme: str = "light",
    scripts: bool = True,
    language: str = "en-GB",
) -> Window:
    """A new window without cookies; the caller closes its page's context."""
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        locale=language,
    )
    found = Window(context.new_page())

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    found.page.on("console", hear)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
    return found
