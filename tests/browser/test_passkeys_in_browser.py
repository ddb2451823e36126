"""Passkeys in a real browser, made and proven by its virtual authenticator; and what an attacker does with what they saw."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Request, Route

from kit import settings
from services.app import App
from store.models import Passkey
from tests.browser.conftest import Site, Window, serving, window
from tests.support import cast
from tests.support.schema import create_tables
from tests.web.door_stage import PASSWORD, invite
from web import assemble
from web.connect import connect
from web.pages import PAGES
from web.proving import note_proof
from web.security import begin_session

LAPTOP = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_WORKS_WITHOUT_PAGE = "Failed to load resource"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages at the address that they think they have, which passkeys are bound to."""
    folder = tmp_path_factory.mktemp("door")
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://localhost:{listening.getsockname()[1]}"
    app = App(
        settings.load(
            {
                "VAR_DIR": str(folder),
                "DATABASE_URL": f"sqlite:///{folder}/dunnock.db",
                "REDIS_URL": f"unix://{folder}/no-redis.sock",
                "SECRET_KEY": "a secret that is long enough for tests",
                "TOKEN_KEYS": "a key that is long enough for tests",
                "PUBLIC_URL": url,
            }
        )
    )
    create_tables(app.database)
    stage = cast.fill(app.database)
    flask = assemble(app, *PAGES, connect)

    @flask.get("/become/<person_id>")
    def become(person_id: str) -> str:
        begin_session(person_id)
        note_proof()
        return "<!doctype html><html lang=en><title>in</title><link rel=icon href=data:,>"

    with serving(flask, listening):
        yield Site(url, stage, app)
    app.database.close()


@dataclass
class Laptop:
    """A window with an authenticator that says yes to everything."""

    window: Window
    cdp: CDPSession
    authenticator: str

    @classmethod
    def of(cls, browser: Browser, **more: Any) -> Laptop:
        opened = window(browser, **more)
        cdp = opened.page.context.new_cdp_session(opened.page)
        cdp.send("WebAuthn.enable")
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": LAPTOP})
        return cls(opened, cdp, made["authenticatorId"])

    def credentials(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(found["credentials"])

    def lend(self, credential: dict[str, Any]) -> None:
        """Put somebody's key into this one, as a thief of the private key would."""
        self.cdp.send(
            "WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": credential}
        )

    def join(self, site: Site, email: str, name: str) -> None:
        page = self.window.page
        self.window.open(site.url + invite(site.app, site.stage, email))
        page.get_by_label("Your name").first.fill(name)
        page.get_by_role("button", name="Make a passkey and accept").click()
        page.wait_for_url("**/organisations/**")

    def leave(self) -> None:
        self.window.page.context.clear_cookies()

    def sign_in(self, site: Site) -> None:
        self.window.open(f"{site.url}/sign-in")
        self.window.page.get_by_role("button", name="Sign in with a passkey").click()


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Laptop]:
    opened = Laptop.of(browser)
    yield opened
    opened.window.page.context.close()


def said(laptop: Laptop) -> str:
    return laptop.window.page.inner_text("main")


def test_a_passkey_is_made_by_an_invitation_and_lets_its_owner_in_again(door: Site, laptop: Laptop) -> None:
    laptop.join(door, "bea@hedgerow.example", "Bea Kwok")
    (made,) = laptop.credentials()
    assert made["isResidentCredential"]
    laptop.leave()
    laptop.sign_in(door)
    laptop.window.page.wait_for_url("**/organisations/**")
    laptop.window.open(f"{door.url}/account")
    assert "Bea Kwok" in said(laptop)
    assert re.search(r"just now\s+Passkey\s+Chrome on Linux", said(laptop))
    assert laptop.window.complaints == []


def test_a_second_passkey_is_added_named_and_removed(door: Site, laptop: Laptop) -> None:
    page = laptop.window.page
    laptop.window.open(f"{door.url}/become/{door.stage.owner_id}")
    laptop.window.open(f"{door.url}/account/passkeys/new")
    page.get_by_label("What to call it").fill("Work laptop")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("The passkey is added").wait_for()
    page.get_by_text("Rename").click()
    page.get_by_label("Name of the passkey").fill("Old laptop")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "Old laptop" in said(laptop)
    page.get_by_role("button", name="Remove Old laptop").click()
    assert "The passkey is removed" in said(laptop)
    laptop.leave()
    laptop.sign_in(door)
    page.get_by_text("could not be verified").wait_for()


def test_the_same_device_is_not_added_twice(door: Site, laptop: Laptop) -> None:
    page = laptop.window.page
    laptop.join(door, "dot@hedgerow.example", "Dot Reed")
    laptop.window.open(f"{door.url}/account/passkeys/new")
    page.get_by_label("What to call it").fill("Again")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("This device has a passkey for your account already").wait_for()


def test_an_answer_that_was_seen_is_worth_nothing_a_second_time(
    door: Site, browser: Browser, laptop: Laptop
) -> None:
    """Somebody reads the whole request, cookies and all, and sends it again."""
    laptop.join(door, "eve@hedgerow.example", "Eve Marsh")
    laptop.leave()
    seen: list[Request] = []
    laptop.window.page.on(
        "request", lambda one: seen.append(one) if one.url.endswith("/sign-in/passkey") else None
    )
    laptop.sign_in(door)
    laptop.window.page.wait_for_url("**/organisations/**")
    (request,) = seen
    attacker = browser.new_context()
    answer = attacker.request.post(
        request.url,
        headers={
            "Cookie": request.all_headers()["cookie"],
            "Content-Type": "application/x-www-form-urlencoded",
        },
        data=request.post_data or "",
    )
    assert answer.status == 422
    assert "was tried already" in answer.text()
    attacker.close()


def of_another_site(answer: dict[str, Any]) -> None:
    """What was signed says that it was for a page of somebody else's."""
    told = json.loads(_decoded(answer["clientDataJSON"]))
    told["origin"] = "https://dunnock.evil.example"
    answer["clientDataJSON"] = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def of_another_moment(answer: dict[str, Any]) -> None:
    """What was signed is an earlier challenge."""
    told = json.loads(_decoded(answer["clientDataJSON"]))
    told["challenge"] = told["challenge"][::-1]
    answer["clientDataJSON"] = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def without_a_finger(answer: dict[str, Any]) -> None:
    """The device says that it has not looked who uses it."""
    data = bytearray(_decoded(answer["authenticatorData"]))
    data[32] &= ~0x04
    answer["authenticatorData"] = base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")


def unsigned(answer: dict[str, Any]) -> None:
    answer["signature"] = answer["signature"][:-8] + "AAAAAAAA"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("change", [of_another_site, of_another_moment, without_a_finger, unsigned])
def test_an_answer_that_was_changed_opens_nothing(
    door: Site, laptop: Laptop, change: Callable[[dict[str, Any]], None]
) -> None:
    laptop.join(door, f"{change.__name__}@hedgerow.example", "Fay Boon")
    laptop.leave()

    def meddle(route: Route) -> None:
        fields = dict(parse_qsl(route.request.post_data or "", keep_blank_values=True))
        credential = json.loads(fields["credential"])
        change(credential["response"])
        route.continue_(post_data=urlencode({**fields, "credential": json.dumps(credential)}))

    laptop.window.page.route("**/sign-in/passkey", meddle)
    laptop.sign_in(door)
    laptop.window.page.get_by_text("could not be verified").wait_for()


def test_at_another_address_the_browser_keeps_the_passkey_to_itself(door: Site, laptop: Laptop) -> None:
    laptop.join(door, "fay@hedgerow.example", "Fay Boon")
    laptop.window.open(f"{door.url.replace('localhost', '127.0.0.1')}/sign-in")
    laptop.window.page.get_by_role("button", name="Sign in with a passkey").click()
    laptop.window.page.get_by_text("Passkeys do not work at this address").wait_for()


def test_a_copied_key_is_noticed_by_its_count(door: Site, browser: Browser, laptop: Laptop) -> None:
    laptop.join(door, "gil@hedgerow.example", "Gil Ives")
    copied = laptop.credentials()[0]
    for _ in range(2):
        laptop.leave()
        laptop.sign_in(door)
        laptop.window.page.wait_for_url("**/organisations/**")
    thief = Laptop.of(browser)
    thief.lend({**copied, "signCount": 0})
    thief.sign_in(door)
    thief.window.page.get_by_text("could not be verified").wait_for()
    thief.window.page.context.close()


def test_a_device_that_does_not_know_its_owner_is_not_enough(
    door: Site, browser: Browser, laptop: Laptop
) -> None:
    laptop.join(door, "hal@hedgerow.example", "Hal Ames")
    laptop.leave()
    laptop.cdp.send(
        "WebAuthn.setUserVerified", {"authenticatorId": laptop.authenticator, "isUserVerified": False}
    )
    laptop.sign_in(door)
    laptop.window.page.get_by_text("No passkey was used").wait_for()


def test_what_is_dangerous_is_proven_by_a_touch(door: Site, laptop: Laptop) -> None:
    laptop.join(door, "ida@hedgerow.example", "Ida Penn")
    laptop.window.open(f"{door.url}/prove")
    laptop.window.page.get_by_role("button", name="Use a passkey").click()
    laptop.window.page.wait_for_url("**/account")


def test_nobody_proves_it_by_the_passkey_of_somebody_else(door: Site, laptop: Laptop) -> None:
    laptop.join(door, "jan@hedgerow.example", "Jan Reet")
    with door.app.database.write_across() as session:
        row = session.query(Passkey).where(Passkey.credential_id == _id_of(laptop)).one()
        session.add(
            Passkey(id="f" * 32, person_id=door.stage.owner_id, credential_id="x" * 20, public_key="-", sign_count=0,
                    name="Other", created_at=row.created_at)
        )  # fmt: skip
    laptop.window.open(f"{door.url}/become/{door.stage.owner_id}")
    laptop.window.open(f"{door.url}/prove")
    laptop.window.page.get_by_role("button", name="Use a passkey").click()
    laptop.window.page.get_by_text("could not be verified").wait_for()


def _id_of(laptop: Laptop) -> str:
    standard = str(laptop.credentials()[0]["credentialId"])
    return standard.replace("+", "-").replace("/", "_").rstrip("=")


def test_without_script_a_person_joins_by_password_and_is_told_about_passkeys(
    door: Site, browser: Browser
) -> None:
    opened = window(browser, scripts=False)
    page = opened.page
    opened.open(door.url + invite(door.app, door.stage, "kim@hedgerow.example"))
    assert "Passkeys need JavaScript" in page.inner_text("main")
    page.get_by_text("With a password and one-time codes").click()
    secret = page.inner_text("#secret").replace(" ", "")
    form = page.locator("form", has=page.locator("#secret"))
    form.get_by_label("Your name").fill("Kim Sloe")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_label("The code that the app shows now").fill(pyotp.TOTP(secret).now())
    form.get_by_role("button").click()
    assert "Your recovery codes" in page.inner_text("main")
    page.get_by_role("link", name="I have kept them").click()
    assert "/organisations/" in page.url
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_door_have_no_barriers(door: Site, browser: Browser, scheme: str) -> None:
    home = f"/organisations/{door.stage.organisation_id}"
    invited = invite(door.app, door.stage, "lee@hedgerow.example")
    open_to_all = ["/sign-in", "/forgotten-password", invited, "/invitations/gone"]
    of_members = ["/account", "/account/password", "/account/passkeys/new", "/prove", invited]
    of_the_team = [f"{home}/team", f"{home}/team/{door.stage.owner_id}/remove", f"{home}/api-tokens"]
    for width in (1280, 360):
        opened = window(browser, width=width, scheme=scheme)
        for path in [*open_to_all, f"/become/{door.stage.owner_id}", *of_members, *of_the_team]:
            opened.open(door.url + path)
            if "/become/" in path:
                continue
            assert opened.barriers() == [], path
            assert opened.sideways() <= 0, path
        complaints = [one for one in opened.complaints if _WORKS_WITHOUT_PAGE not in one]
        assert complaints == []
        opened.page.context.close()


def test_options_ask_for_everything_that_protects(door: Site, laptop: Laptop) -> None:
    laptop.window.open(f"{door.url}/sign-in")
    with laptop.window.page.expect_response("**/sign-in/passkey/options") as answer:
        laptop.window.page.get_by_role("button", name="Sign in with a passkey").click()
    options = json.loads(answer.value.text())
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    assert options["allowCredentials"] == []
    assert len(options["challenge"]) > 40
