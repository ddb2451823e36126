"""Account pages as colleagues set them up: links, their end, the organisation's own name, and seeing what customers see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit import clock
from kit.errors import UserError
from services import account_links, fresh_links, portal_hosts
from services.portal_hosts import Wanted
from store.models import AccountPages
from store.queries import account_pages
from tests.support.cast import Cast
from tests.support.debtor import FROM_HERE, Debtor, debtor, said, set_anew
from tests.support.dns_server import DnsServer, dns_server
from tests.support.visitor import Member, words
from web import create_app

HOST = "pay.bellwether.co.uk"
USUAL = {"offered": "yes", "link_days": "90", "promise_days": "30", "host": ""}


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with dns_server() as found:
        yield found


@pytest.fixture
def ann(database_url: str, tmp_path: Path, redis_url: str, dns: DnsServer) -> Iterator[Debtor]:
    with debtor(database_url, tmp_path, redis_url) as found:
        set_anew(found.org, dns_server=dns.address)
        found.web = create_app(found.org.app)
        yield found


def pages(ann: Debtor) -> AccountPages:
    with ann.org.app.database.read(ann.org.organisation_id) as session:
        return account_pages.pages_of(session, ann.org.organisation_id)


def named(ann: Debtor, host: str = HOST) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        portal_hosts.change(
            session, ann.org.app.settings, ann.org.organisation_id, Wanted(True, 90, 30, host)
        )


def set_up(ann: Debtor, dns: DnsServer) -> None:
    leads, proves = portal_hosts.records(ann.org.app.settings, ann.org.organisation_id, HOST)
    dns.cnames[leads.host], dns.texts[proves.host] = leads.value, [proves.value]


def use(ann: Debtor, *, used: bool = True) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        portal_hosts.use(session, ann.org.organisation_id, used=used)


def base(ann: Debtor) -> str:
    return account_links.base(ann.org.app.settings, pages(ann))


def test_settings_are_kept_and_slips_are_said(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/account-pages"
    assert "Offer account pages" in owner.words(path)
    answer = owner.press(path, **{**USUAL, "link_days": "14", "host": "Pay.Example.com."})
    assert answer.status_code == 302
    page = owner.words(path)
    assert "pay.example.com" in page and "dunnock=" in page and "Not checked yet" in page
    for field, typed in (
        ("link_days", "0"),
        ("link_days", "400"),
        ("promise_days", "x"),
        ("host", "https://x.example.com/"),
        ("host", "example.com"),
        ("host", "127.0.0.1"),
        ("host", "a..example.com"),
    ):
        answer = owner.press(path, **{**USUAL, field: typed})
        assert answer.status_code == 422 and typed in answer.text, typed


def test_a_customer_is_seen_as_it_sees_itself_with_nothing_to_send(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/account-page"
    assert "No link has gone out yet" in owner.words(path)
    preview = owner.get(f"{path}/preview")
    assert "This is what the customer sees" in words(preview) and "INV-1001" in preview.text
    assert "<form" not in preview.text and "/a/" not in preview.text


def test_withdrawn_links_end_at_once_and_the_next_mail_has_a_new_one(ann: Debtor) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        contact_id = ann.link().contact_id
        assert account_pages.revoke(session, ann.org.organisation_id, contact_id, "Anna", clock.now()) == 1
        assert account_pages.revoke(session, ann.org.organisation_id, contact_id, "Anna", clock.now()) == 0
    assert ann.get().status_code == 410


def test_an_own_name_is_used_once_the_dns_is_right_and_a_person_has_looked(
    ann: Debtor, dns: DnsServer
) -> None:
    named(ann)
    assert portal_hosts.check(ann.org.app, ann.org.organisation_id).host_state == "unchecked"
    with pytest.raises(UserError, match="not right yet"):
        use(ann)
    set_up(ann, dns)
    assert portal_hosts.check(ann.org.app, ann.org.organisation_id).host_state == "ready"
    assert base(ann) == "https://dunnock.example"
    use(ann)
    assert base(ann) == f"https://{HOST}"


def test_pointing_here_is_not_enough_without_saying_whose_it_is(ann: Debtor, dns: DnsServer) -> None:
    named(ann)
    set_up(ann, dns)
    dns.texts[f"_dunnock.{HOST}"] = ["dunnock=0123456789abcdef"]
    row = portal_hosts.check(ann.org.app, ann.org.organisation_id)
    assert row.host_state == "unchecked"
    assert [one["ok"] for one in row.findings] == [True, False]


def test_a_name_that_is_not_right_any_more_is_left_out_until_it_is(ann: Debtor, dns: DnsServer) -> None:
    named(ann)
    set_up(ann, dns)
    portal_hosts.check(ann.org.app, ann.org.organisation_id)
    use(ann)
    right = dns.cnames.pop(HOST)
    ann.org.shift(days=1, minutes=1)
    assert portal_hosts.due(ann.org.app) == [ann.org.organisation_id]
    portal_hosts.look_again(ann.org.app, ann.org.organisation_id)
    assert pages(ann).host_state == "failing" and base(ann) == "https://dunnock.example"
    dns.cnames[HOST] = right
    dns.broken = True
    portal_hosts.check(ann.org.app, ann.org.organisation_id)
    assert pages(ann).host_state == "failing"  # a silent DNS changes nothing
    dns.broken = False
    portal_hosts.check(ann.org.app, ann.org.organisation_id)
    assert base(ann) == f"https://{HOST}"


def test_under_an_own_name_nothing_but_account_pages_is_served(ann: Debtor, dns: DnsServer) -> None:
    named(ann)
    set_up(ann, dns)
    portal_hosts.check(ann.org.app, ann.org.organisation_id)
    client = create_app(ann.org.app).test_client()
    at = {"base_url": f"https://{HOST}"}
    assert "INV-1" in client.get(ann.path, **at).text
    front = client.get("/", **at)
    assert front.status_code == 200 and "Customers of Fake Ltd see their account here" in said(front)
    assert "Disallow: /\n" in client.get("/robots.txt", **at).text
    for path in (
        "/organisations",
        "/connect/xero",
        "/api/v1/openapi.json",
        "/healthz",
        "/metrics",
        "/nothing",
    ):
        answer = client.get(path, **at)
        assert answer.status_code == 404 and "There is no such page here." in said(answer), path
        assert "Set-Cookie" not in answer.headers and "noindex" in answer.headers["X-Robots-Tag"]
    assert client.post("/api/v1/runs", **at).status_code == 404
    assert client.get("/api/v1/openapi.json", base_url="https://dunnock.example").status_code == 200


def test_a_fresh_link_goes_to_the_address_that_is_known_and_once_a_day(ann: Debtor) -> None:
    ann.org.shift(days=91)
    old = ann.link().communication_id

    def send() -> bool:
        return fresh_links.send_with(ann.org.app, ann.org.mailer, ann.org.organisation_id, old)

    assert send() is True and send() is False
    mail = ann.org.mailer.taken[-1]
    assert mail.to == ("ann@bellwether.example",) and "https://dunnock.example/a/" in mail.text
    fresh = replace(ann, path="/a/" + mail.text.partition("/a/")[2][:22])
    assert fresh.path != ann.path and "INV-1" in fresh.words()
    assert ann.get().status_code == 410
    ann.org.shift(days=1, minutes=1)
    (customer,) = ann.org.ledger.contact_book
    ann.org.ledger.change_contact(customer, email="mallory@elsewhere.example")
    ann.org.mirror()
    assert send() is False  # nobody is left to whom the old one went


def test_whoever_presses_the_button_is_told_the_same_whatever_comes_of_it(ann: Debtor) -> None:
    ann.org.shift(days=91)
    answer = ann.web.test_client().post(f"{ann.path}/fresh", headers=FROM_HERE)
    assert answer.status_code == 200 and "on its way to the address that we know" in said(answer)
