"""Nobody sees what is not theirs, no form works from elsewhere, and every answer carries its guards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from werkzeug.routing import Rule

from kit import settings
from services.app import App
from store.models import Hold, Organisation
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from web import assemble, create_app
from web.connect import connect
from web.pages import PAGES
from web.security import local_path


def _organisation_rules(visitor: Visitor) -> Iterator[tuple[Rule, str]]:
    """Every address below an organisation, with every method that it takes."""
    for rule in visitor.app.url_map.iter_rules():
        if "organisation_id" in rule.arguments:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def _path(visitor: Visitor, rule: Rule, stage: Cast, organisation_id: str) -> str:
    ids = {"contact_id": stage.contact_id, "invoice_id": stage.invoice_id, "hold_id": stage.hold_id}
    everything = {**ids, "organisation_id": organisation_id, "attachment_id": stage.attachment_id}
    values = {name: everything.get(name, "0" * 32) for name in rule.arguments}
    return visitor.app.url_map.bind("localhost").build(rule.endpoint, values)


def test_a_stranger_is_told_that_no_page_of_the_organisation_exists(visitor: Visitor, stage: Cast) -> None:
    stranger = visitor.signed_in_as(stage.stranger_id)
    token = stranger._token()
    asked = 0
    for rule, method in _organisation_rules(visitor):
        path = _path(visitor, rule, stage, stage.organisation_id)
        answer = stranger.client.open(
            path, method=method, data={"csrf_token": token} if method == "POST" else None
        )
        assert answer.status_code == 404, f"{method} {path}"
        assert "Hedgerow" not in answer.text
        asked += 1
    assert asked >= 14


def test_another_organisations_ids_are_unknown_in_ones_own(visitor: Visitor, stage: Cast) -> None:
    stranger = visitor.signed_in_as(stage.stranger_id)
    for rule, method in _organisation_rules(visitor):
        if method == "GET" and len(rule.arguments) > 1:
            path = _path(visitor, rule, stage, stage.other_organisation_id)
            assert stranger.get(path).status_code == 404, path


def test_a_hold_of_another_organisation_cannot_be_released(
    visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    stranger = visitor.signed_in_as(stage.stranger_id)
    contact = f"/organisations/{stage.other_organisation_id}/contacts/{stage.contact_id}"
    assert stranger.press(f"{contact}/holds/{stage.hold_id}/release").status_code in (302, 400, 404)
    with dunnock.database.read(stage.organisation_id) as session:
        hold = session.get(Hold, (stage.organisation_id, stage.hold_id))
        assert hold is not None and hold.released_at is None


def test_a_visitor_is_sent_to_the_first_page_and_comes_back_from_there(visitor: Visitor, stage: Cast) -> None:
    for rule, method in _organisation_rules(visitor):
        if method == "GET":
            path = _path(visitor, rule, stage, stage.organisation_id)
            answer = visitor.get(path)
            assert answer.status_code == 302 and answer.location == f"/?next={quote(path, safe='/')}"


def test_who_may_only_read_changes_nothing(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    for rule, method in _organisation_rules(visitor):
        if method == "POST" and not rule.endpoint.startswith(
            ("saved_views.", "weekly_digest.")
        ):  # how one looks at a list oneself, and what one gets by mail
            answer = colleague.press(_path(visitor, rule, stage, stage.organisation_id), to="live")
            assert answer.status_code == 403, rule.rule
    with dunnock.database.read(stage.organisation_id) as session:
        organisation = session.get(Organisation, stage.organisation_id)
        assert organisation is not None
        assert (organisation.chasing, organisation.connection) == ("off", "connected")


def test_who_may_only_read_sees_no_button_that_changes_something(visitor: Visitor, stage: Cast) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    home = stage.home
    for page in ("queue", "settings", f"contacts/{stage.contact_id}"):
        forms = colleague.get(f"{home}/{page}").text.count('method="post"')
        disabled = colleague.get(f"{home}/{page}").text.count("<fieldset disabled")
        assert forms - disabled == 1, f"{page}: only signing out is left"


def test_a_form_from_elsewhere_is_refused(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.client.post(f"{stage.home}/queue/chasing", data={"to": "dry_run"})
    assert answer.status_code == 400
    assert "reload the page and try again" in words(answer)
    with dunnock.database.read(stage.organisation_id) as session:
        organisation = session.get(Organisation, stage.organisation_id)
        assert organisation is not None and organisation.chasing == "off"


def test_a_session_ends_after_four_hours_without_a_request(visitor: Visitor, stage: Cast) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), tick=False) as traveller:
        owner = visitor.signed_in_as(stage.owner_id)
        for hour, minute, status in ((11, 59, 200), (15, 58, 200), (19, 59, 302)):
            traveller.move_to(datetime(2026, 11, 20, hour, minute, tzinfo=UTC))
            assert owner.get("/organisations").status_code == status, hour


def test_a_session_ends_after_twelve_hours_however_busy_it_is(visitor: Visitor, stage: Cast) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), tick=False) as traveller:
        owner = visitor.signed_in_as(stage.owner_id)
        for hour in range(9, 20):
            traveller.move_to(datetime(2026, 11, 20, hour, 0, tzinfo=UTC))
            assert owner.get("/organisations").status_code == 200, hour
        traveller.move_to(datetime(2026, 11, 20, 20, 1, tzinfo=UTC))
        assert owner.get("/organisations").status_code == 302


def test_a_copied_cookie_is_worth_nothing_once_its_owner_has_signed_out(
    visitor: Visitor, stage: Cast
) -> None:
    owner, thief = visitor.signed_in_as(stage.owner_id), visitor.signed_in_as(stage.owner_id)
    assert thief.get("/organisations").status_code == 200
    answer = owner.press("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert thief.get("/organisations").status_code == 302
    assert visitor.signed_in_as(stage.owner_id).get("/organisations").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"person_id": 7}, {"signed_in_at": None}, {"signed_in_at": "now"}, {"signed_in_at": 0.0}],
    ids=str,
)
def test_a_session_of_another_shape_is_no_session(
    visitor: Visitor, stage: Cast, fields: dict[str, object]
) -> None:
    owner = visitor.signed_in_as(stage.owner_id)
    with owner.client.session_transaction() as session:
        session.update(fields)
    assert owner.get("/organisations").status_code == 302


def test_files_that_caches_keep_carry_no_session(owner: Member) -> None:
    answer = owner.client.get("/static/dunnock.css", buffered=True)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert owner.get("/static/nothing").status_code == 404


def test_a_session_of_somebody_unknown_is_no_session(visitor: Visitor, stage: Cast) -> None:
    assert visitor.signed_in_as("0" * 32).get("/organisations").status_code == 302


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """A visitor to an installation with settings of its own."""
    apps: list[App] = []

    def begin(**environment: str) -> Visitor:
        apps.append(App(settings.load({"VAR_DIR": str(tmp_path), **environment})))
        return Visitor(assemble(apps[-1], *PAGES, connect))

    yield begin
    for app in apps:
        app.database.close()


def test_the_cookie_is_for_this_host_over_https_and_for_no_script(visit: Callable[..., Visitor]) -> None:
    secure = visit(SECRET_KEY="s" * 40, PUBLIC_URL="https://dunnock.example")
    with secure.app.test_request_context("/", base_url="https://dunnock.example"):
        from flask import session

        session["person_id"] = "somebody"
        response = secure.app.make_response("")
        secure.app.session_interface.save_session(secure.app, session, response)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-dunnock=")
    assert all(guard in cookie for guard in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie


def test_without_a_secret_key_pages_say_so_and_the_rest_works(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    for path in ("/", "/organisations", "/connect/xero"):
        answer = visitor.get(path)
        assert answer.status_code == 503 and "SECRET_KEY is not set" in words(answer)
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/nothing-here").status_code == 404


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/healthz", "/static/dunnock.css", "/api/v1/nothing"])
def test_every_answer_carries_the_guards(path: str, visitor: Visitor) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "form-action 'self' https://login.xero.com;" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers, "the address is not https"
    assert "Set-Cookie" not in headers, "nobody is signed in"


def test_over_https_browsers_are_told_to_stay_there(visit: Callable[..., Visitor]) -> None:
    secure = visit(SECRET_KEY="s" * 40, PUBLIC_URL="https://dunnock.example")
    assert (
        secure.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    )


def test_pages_are_kept_by_no_cache(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/contacts").headers["Cache-Control"] == "no-store"


def test_a_file_from_a_reply_is_only_ever_a_download(owner: Member, stage: Cast) -> None:
    answer = owner.get(f"{stage.home}/attachments/{stage.attachment_id}?anyway=yes")
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''remittance%20")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "address",
    [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "queue", "/a\nb", "\t//evil"],
)
def test_after_signing_in_nobody_is_led_elsewhere(address: str | None) -> None:
    assert local_path(address) is None


def test_the_address_to_come_back_to_is_only_taken_over_when_it_is_ours(visitor: Visitor) -> None:
    assert 'href="/connect/xero?next=/organisations/abc"' in visitor.get("/?next=/organisations/abc").text
    assert 'href="/connect/xero"' in visitor.get("/?next=//evil.example").text


def test_a_huge_form_is_refused(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/settings/sender"
    assert owner.press(path, signature="x" * 100_000).status_code == 413


def test_errors_take_the_form_of_their_address(visitor: Visitor) -> None:
    problem = visitor.get("/api/v1/nothing")
    assert problem.content_type == "application/problem+json"
    assert problem.get_json() | {"detail": ""} == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "",
    }
    hook = visitor.app.test_client().post("/webhooks/nothing")
    assert (hook.status_code, hook.data) == (404, b"")
    assert "Nothing here" in words(visitor.get("/nothing-here"))


def test_readiness_names_what_is_away(
    visit: Callable[..., Visitor], redis_url: str, database_url: str
) -> None:
    well = visit(DATABASE_URL=database_url, REDIS_URL=redis_url)
    assert (well.get("/readyz").status_code, well.get("/readyz").get_json()) == (200, {"status": "ok"})
    sick = visit(
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
        REDIS_URL="redis://127.0.0.1:1",
    )
    answer = sick.get("/readyz")
    assert answer.status_code == 503
    assert set(answer.get_json()["problems"]) == {"database", "redis"}
    assert sick.get("/healthz").status_code == 200


def test_webhooks_and_the_api_work_without_sessions_and_tokens_of_forms(dunnock: App) -> None:
    client = create_app(dunnock).test_client()
    for path in ("/webhooks/xero", "/webhooks/sendgrid/events", "/webhooks/sendgrid/inbound"):
        answer = client.post(path, data=b"{}")
        assert (answer.status_code, answer.data, "Set-Cookie" in answer.headers) == (401, b"", False), path
    assert client.post("/api/v1/runs", json={"dry_run": True}).status_code == 401


def test_every_page_below_an_organisation_is_guarded(dunnock: App) -> None:
    app = create_app(dunnock)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/organisations/"):
            unguarded = app.view_functions[rule.endpoint]
            assert hasattr(unguarded, "__wrapped__"), f"{rule.rule} has no member() around it"
