"""Domains by the mail provider: what the DNS must say, what is said when it does not, and whose mails wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from services import sender_checks, sending_domains, switches
from services.alignment import registered
from services.app import App
from store.models import Sender, SendingDomain
from tests.support.chasing import Chasing, chasing
from tests.support.dns_server import DnsServer, dns_server
from tests.support.mirrored import add_organisation
from tests.support.sandbox import RunningSandbox, running_sandbox

DOMAIN = "hedgerow.co.uk"
AT = "wl.sendgrid.example"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as found:
        yield found


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with dns_server() as found:
        yield found


@pytest.fixture
def org(database_url: str, tmp_path: Path, sandbox: RunningSandbox, dns: DnsServer) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, sender_email=f"anna@{DOMAIN}") as found:
        sandbox.post("/sandbox/mail/domains", valid=True)
        found.app = App(
            replace(
                found.app.settings,
                sendgrid_api_url=sandbox.url,
                sendgrid_api_key=sandbox.config.sendgrid_api_key,
                dns_server=dns.address,
            )
        )
        yield found
        found.app.database.close()


def sender(org: Chasing) -> Sender:
    with org.app.database.read(org.organisation_id) as session:
        return session.scalars(select(Sender).where(Sender.organisation_id == org.organisation_id)).one()


def domain(org: Chasing) -> SendingDomain:
    with org.app.database.read(org.organisation_id) as session:
        return session.get_one(SendingDomain, (org.organisation_id, DOMAIN))


def check(org: Chasing) -> dict[str, str]:
    """What is found wrong, by its name."""
    sender_checks.check(org.app, org.organisation_id, sender(org).id)
    return {one["name"]: one["text"] for one in domain(org).findings if one["ok"] is False}


def set_up(org: Chasing, dns: DnsServer) -> None:
    """All that the page asks for is entered."""
    check(org)
    for record in domain(org).records:
        dns.cnames[record["host"]] = record["value"]
    dns.texts[f"s1.domainkey.u7.{AT}"] = dns.texts[f"s2.domainkey.u7.{AT}"] = ["k=rsa; p=MIGf"]
    dns.texts[f"u7.{AT}"] = ["v=spf1 ip4:192.0.2.1 -all"]
    dns.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; p=none"]


def test_the_records_are_told_and_what_is_missing_with_what_to_do(org: Chasing) -> None:
    wrong = check(org)
    records = {one["host"]: (one["type"], one["value"]) for one in domain(org).records}
    assert records[f"s1._domainkey.{DOMAIN}"] == ("CNAME", f"s1.domainkey.u7.{AT}")
    assert wrong[f"CNAME s1._domainkey.{DOMAIN}"] == (
        f"It is missing: add a CNAME record for s1._domainkey.{DOMAIN} that points at s1.domainkey.u7.{AT}."
    )
    assert "begin with “v=DMARC1; p=none”" in wrong["DMARC"]
    assert sender(org).state == "unchecked" and "DMARC: There is no DMARC record" in str(sender(org).problem)


def test_with_all_of_it_there_the_sender_is_ready(org: Chasing, dns: DnsServer) -> None:
    set_up(org, dns)
    assert check(org) == {}
    assert (sender(org).state, sender(org).problem) == ("ready", None)


def test_the_same_domain_is_begun_once(org: Chasing) -> None:
    check(org)
    first = domain(org).provider_id
    check(org)
    assert domain(org).provider_id == first


def _points_elsewhere(dns: DnsServer) -> None:
    dns.cnames[f"s1._domainkey.{DOMAIN}"] = "elsewhere.example"


def _no_key(dns: DnsServer) -> None:
    dns.texts[f"s1.domainkey.u7.{AT}"] = ["k=rsa; p="]


def _two_policies(dns: DnsServer) -> None:
    dns.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; p=none", "v=DMARC1; p=reject"]


def _no_policy(dns: DnsServer) -> None:
    dns.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; rua=mailto:x@hedgerow.co.uk"]


def _two_spf(dns: DnsServer) -> None:
    dns.texts[f"u7.{AT}"] = ["v=spf1 -all", "v=spf1 ~all"]


@pytest.mark.parametrize(
    ("break_it", "name", "sentence"),
    [
        (_points_elsewhere, f"CNAME s1._domainkey.{DOMAIN}", "It points at elsewhere.example; change it"),
        (_no_key, f"CNAME s1._domainkey.{DOMAIN}", "no key there yet"),
        (_two_policies, "DMARC", "There are 2 DMARC records"),
        (_no_policy, "DMARC", "names no policy"),
        (_two_spf, "SPF", "There are 2 SPF records"),
    ],
)
def test_what_breaks_later_is_found_on_the_next_day_and_mails_wait_with_the_reason(
    org: Chasing, dns: DnsServer, break_it: object, name: str, sentence: str
) -> None:
    set_up(org, dns)
    check(org)
    break_it(dns)  # type: ignore[operator]
    assert sending_domains.due(org.app) == []
    org.shift(days=1, minutes=1)
    assert sending_domains.due(org.app) == [org.organisation_id]
    sending_domains.look_again(org.app, org.organisation_id)
    assert sender(org).state == "failing" and sentence in str(sender(org).problem)
    org.one_due()
    org.send()
    assert org.mailer.taken == [] and str(org.only_chaser().reason).startswith(
        f"Mails of Anna Hale wait: {name}: "
    )
    assert sending_domains.due(org.app) == []


def test_a_silent_dns_changes_nothing_and_is_asked_again_soon(org: Chasing, dns: DnsServer) -> None:
    set_up(org, dns)
    check(org)
    dns.broken = True
    dns.asked = 0
    assert check(org) == {} and sender(org).state == "ready"
    assert domain(org).next_check_at <= clock.now() + timedelta(hours=1)
    assert dns.asked == 1, "nobody waits for one silence after another"


def test_what_the_provider_itself_does_not_see_is_told_in_its_words(
    org: Chasing, dns: DnsServer, sandbox: RunningSandbox
) -> None:
    set_up(org, dns)
    sandbox.post("/sandbox/mail/domains", valid=False)
    assert "was not found" in check(org)["SendGrid"]
    assert sender(org).state == "unchecked"


def test_strict_alignment_is_met_by_a_signature_of_the_very_domain(org: Chasing, dns: DnsServer) -> None:
    set_up(org, dns)
    dns.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; p=reject; adkim=s; aspf=s"]
    assert check(org) == {}
    (found,) = [one["text"] for one in domain(org).findings if one["name"] == "DMARC"]
    assert found == "The policy is reject, and mails pass it by their signature."


def test_a_domain_that_another_organisation_uses_needs_a_word_of_its_own_in_the_dns(
    org: Chasing, dns: DnsServer
) -> None:
    set_up(org, dns)
    check(org)
    theirs = add_organisation(org.app, "another-tenant", sender_email=f"ceo@{DOMAIN}", sender_name="Eve")
    org.organisation_id = theirs
    assert f"TXT _dunnock.{DOMAIN}" in check(org) and sender(org).state == "unchecked"
    word = next(one["value"] for one in domain(org).records if one["type"] == "TXT")
    dns.texts[f"_dunnock.{DOMAIN}"] = [word]
    assert check(org) == {} and sender(org).state == "ready"


@pytest.mark.parametrize(
    ("name", "above"),
    [
        ("hedgerow.co.uk", "hedgerow.co.uk"), ("em1.mail.hedgerow.co.uk", "hedgerow.co.uk"),
        ("hedgerow.com", "hedgerow.com"), ("a.b.hedgerow.com", "hedgerow.com"), ("co.uk", "co.uk"),
    ],
)  # fmt: skip
def test_the_registered_domain_is_found_by_the_public_suffix_list(name: str, above: str) -> None:
    assert registered(name) == above


def test_in_production_going_live_waits_for_a_sender_that_is_ready(org: Chasing, dns: DnsServer) -> None:
    org.one_overdue()
    real = replace(org.app.settings, app_env="production", sendgrid_api_url="https://api.sendgrid.com")
    real_app = App(real)
    with pytest.raises(UserError, match=r"going live waits: nobody has checked this sender yet"):
        switches.change_chasing(real_app, org.organisation_id, "live", "Anna Hale")
    assert org.organisation().chasing == "off"
    switches.change_chasing(real_app, org.organisation_id, "dry_run", "Anna Hale")
    set_up(org, dns)
    check(org)
    switches.change_chasing(real_app, org.organisation_id, "live", "Anna Hale")
    assert org.organisation().chasing == "live"
    real_app.database.close()


def test_on_ones_own_machine_nothing_has_to_be_set_up(org: Chasing) -> None:
    org.one_due()
    org.send()
    assert len(org.mailer.taken) == 1 and sender(org).state == "unchecked"
