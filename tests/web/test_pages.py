"""What people see and do: from the first page over the first look to the switch."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import clock
from services import holds
from services.app import App
from store.models import Communication, Contact, Hold, Invoice, Membership, Organisation, SyncPosition
from store.queries.pages import DueDay
from tests.support import cast
from tests.support.cast import Cast
from tests.support.cast_correspondence import HOSTILE
from tests.support.visitor import Member, Visitor, words
from web.pages.first_look import figures

_SEEN = re.compile(r'name="seen" value="(\w+)"')


# The way in


def test_the_first_page_says_what_is_read_and_what_is_written(visitor: Visitor) -> None:
    page = words(visitor.get("/"))
    assert "Sign up with Xero" in page
    assert "Write: notes on them" in page and "Read: payments" in page
    assert "Dunnock changes no customer, no payment and no amount of yours" in page
    for scope in ("offline_access", "accounting.settings.read", "accounting.contacts", "accounting.invoices"):
        assert scope in page


def test_who_has_one_organisation_goes_straight_to_it(owner: Member, stage: Cast) -> None:
    assert owner.get("/").location == f"{stage.home}/today"


def test_who_has_several_sees_how_each_of_them_is(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write_across() as session:
        session.add(
            Membership(organisation_id=stage.other_organisation_id, person_id=stage.owner_id, role="chaser")
        )
        other = session.get(Organisation, stage.other_organisation_id)
        assert other is not None
        other.connection, other.connection_note = "needs_reconnect", "Somebody revoked Dunnock in Xero."
    page = owner.words("/")
    assert "Hedgerow Joinery Connected Chasing off As of" in page
    assert (
        "Strange Imports Needs reconnecting Chasing off Somebody revoked Dunnock in Xero. Reconnect" in page
    )


def test_the_list_of_organisations_says_what_waits_in_each(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write_across() as session:
        session.add(
            Membership(organisation_id=stage.other_organisation_id, person_id=stage.owner_id, role="chaser")
        )
        for key in (stage.organisation_id, stage.other_organisation_id):
            session.get_one(Organisation, key).chasing = "live"
    page = owner.get("/organisations").text
    first = words_of(page[page.index("Hedgerow Joinery</a>") : page.index("Strange Imports</a>")])
    assert re.search(r"Overdue €[\d,.]+ £[\d,.]+ US\$[\d,.]+ To do 1 reply 1 task", first), first
    assert f'href="{stage.home}/inbox"' in page
    assert "Overdue Nothing To do Nothing" in words_of(page[page.index("Strange Imports</a>") :])


def words_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def test_a_lost_connection_is_told_on_every_page_with_the_way_out(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        organisation = session.get(Organisation, stage.organisation_id)
        assert organisation is not None
        organisation.connection, organisation.connection_note = "disconnected", "Dunnock was removed in Xero."
    for page in ("queue", "contacts", "settings", "first-look"):
        shown = owner.get(f"{stage.home}/{page}")
        assert "Dunnock was removed in Xero." in words(shown)
        assert f'href="/connect/xero?next={stage.home}/{page}"' in shown.text


# First look


def test_the_import_shows_how_far_it_is_and_then_gives_way_to_the_report(
    visitor: Visitor, dunnock: App
) -> None:
    stage = cast.fill(dunnock.database, imported=False)
    now = clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        for resource, read, expected, done in (
            ("contacts", 12, 12, now),
            ("open_invoices", 1000, 3400, None),
        ):
            session.add(
                SyncPosition(
                    organisation_id=stage.organisation_id,
                    resource=resource,
                    read=read,
                    expected=expected,
                    completed_at=done,
                    next_at=now,
                    touched_at=now,
                )
            )
    owner = visitor.signed_in_as(stage.owner_id)
    page = f"{stage.home}/first-look"
    assert owner.get(f"{stage.home}/queue").location == page
    assert "Customers 12 read done Open invoices 1,000 of 3,400" in owner.words(page)
    part = owner.get(page, HX_Request="true")
    assert "<html" not in part.text and "1,000 of 3,400" in part.text
    with dunnock.database.write(stage.organisation_id) as session:
        organisation = session.get(Organisation, stage.organisation_id)
        assert organisation is not None
        organisation.imported_at = now
    assert owner.get(page, HX_Request="true").headers["HX-Refresh"] == "true"


def test_the_first_look_counts_what_is_owed_in_each_currency(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/first-look")
    assert "Owed to you, GBP £1,265,436.99 14 invoices Overdue £1,264,781.79 13 invoices" in page
    assert "Owed to you, EUR €3,690.00 2 invoices Overdue €2,950.00 1 invoice" in page
    assert "Owed to you, USD US$800.00 1 invoice" in page
    assert "Not yet due £655.20" in page and "91+ days late £4,200.00" in page
    assert "Xero’s own invoice reminders are on." in page
    assert (
        "1 customer owes you money but has no e-mail address in Xero" in page and "Quill Stationers" in page
    )
    assert "£120.00 from credit notes, overpayments and prepayments" in page
    assert "95 days overdue" in page


@given(
    st.lists(
        st.builds(
            DueDay,
            currency=st.sampled_from(["EUR", "GBP", "JPY"]),
            due_on=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
            amount_due=st.decimals("0.01", "1000000", places=2),
            invoices=st.integers(1, 50),
        )
    ),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_the_buckets_of_a_currency_add_up_to_what_is_owed(days: list[DueDay], today: date) -> None:
    for one in figures(days, today, "GBP"):
        mine = [day for day in days if day.currency == one.ageing.currency]
        assert one.ageing.total == sum((day.amount_due for day in mine), Decimal(0))
        assert one.overdue == one.ageing.total - one.ageing.by_bucket["current"]
        assert one.invoices == sum(day.invoices for day in mine)


def test_an_empty_ledger_is_good_news(visitor: Visitor, stage: Cast) -> None:
    stranger = visitor.signed_in_as(stage.stranger_id)
    home = f"/organisations/{stage.other_organisation_id}"
    assert "Nobody owes you anything" in stranger.words(f"{home}/first-look")
    assert "Nobody is due a mail" in stranger.words(f"{home}/queue")
    assert "Nobody owes you anything" in stranger.words(f"{home}/contacts")


# The queue and its switch


def test_the_queue_shows_who_would_be_written_to_and_who_rests_and_why(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/queue")
    upcoming, resting = page.split("Resting, and why")
    assert (
        "Corvid & Crane Architects ledger@corvidcrane.example Second reminder INV-1003 £12,480.00" in upcoming
    )
    assert "Bellwether Books" not in upcoming
    assert "Bellwether Books 2 invoices" in resting and "We pay on Friday" in resting
    assert "Quill Stationers" in resting and "no usable e-mail address" in resting


def test_nothing_is_sent_from_an_installation_that_only_records_and_the_queue_says_so(
    owner: Member, stage: Cast
) -> None:
    assert "SEND_MODE is log" in owner.words(f"{stage.home}/queue")


def test_one_day_of_the_queue_can_be_seen_alone(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/queue")
    days = re.findall(r'id="day-([\d-]+)"', page.text)
    assert len(days) > 1
    alone = owner.get(f"{stage.home}/queue?day={days[1]}").text
    assert re.findall(r'id="day-([\d-]+)"', alone) == [days[1]]
    assert owner.get(f"{stage.home}/queue?day=tomorrow").status_code == 400


def _seen(owner: Member, stage: Cast) -> str:
    found = _SEEN.search(owner.get(f"{stage.home}/queue").text)
    assert found
    return found[1]


def test_going_live_says_yes_to_the_mails_on_the_page(owner: Member, stage: Cast, dunnock: App) -> None:
    page = owner.words(f"{stage.home}/queue")
    assert re.search(r"\d+ mails would leave, asking for (€|£|US\$)", page)
    owner.press(f"{stage.home}/queue/chasing", to="live", seen=_seen(owner, stage), reminded_twice="1")
    organisation = stage.organisation(dunnock.database)
    assert (organisation.chasing, organisation.chasing_changed_by) == ("live", "Anna Hale")
    page = owner.words(f"{stage.home}/queue")
    assert "Chasing is live." in page and "Switched on by Anna Hale" in page
    assert "Yes, send these" not in page


def test_going_live_beside_the_ledgers_own_reminders_takes_a_word_of_its_own(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = owner.words(f"{stage.home}/queue")
    assert "Xero’s own invoice reminders are on." in page and "before you go live" in page
    owner.press(f"{stage.home}/queue/chasing", to="live", seen=_seen(owner, stage))
    assert stage.organisation(dunnock.database).chasing == "off"
    assert "customers would be reminded twice" in owner.words(f"{stage.home}/queue")


def test_a_yes_to_a_plan_that_has_changed_meanwhile_is_asked_for_again(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    seen = _seen(owner, stage)
    with dunnock.database.write(stage.organisation_id) as session:
        for invoice in session.query(Invoice).filter_by(
            organisation_id=stage.organisation_id, number="INV-1003"
        ):
            invoice.amount_due -= 1
    owner.press(f"{stage.home}/queue/chasing", to="live", seen=seen, reminded_twice="1")
    assert stage.organisation(dunnock.database).chasing == "off"
    assert "The plan has changed since you looked at it" in owner.words(f"{stage.home}/queue")


def test_switching_off_cancels_what_a_dry_run_has_planned(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        earlier = [one.id for one in session.query(Communication)]
    owner.press(f"{stage.home}/queue/chasing", to="dry_run")
    assert "Planned" in owner.words(f"{stage.home}/queue")
    owner.press(f"{stage.home}/queue/chasing", to="off")
    with dunnock.database.read(stage.organisation_id) as session:
        chasers = session.query(Communication).filter(Communication.id.not_in(earlier)).all()
        assert chasers and {chaser.status for chaser in chasers} == {"cancelled"}
    assert "nothing leaves" in owner.words(f"{stage.home}/queue")


def test_a_switch_that_does_not_exist_changes_nothing(owner: Member, stage: Cast, dunnock: App) -> None:
    assert owner.press(f"{stage.home}/queue/chasing", to="turbo").status_code == 400
    assert stage.organisation(dunnock.database).chasing == "off"


# Customers


def test_customers_with_the_oldest_debt_come_first(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/contacts")
    names = ["Nightingale Care Homes", "Bellwether Books", "Saltmarsh Brewing", "Orchard Row Primary School"]
    assert [page.index(name) for name in names] == sorted(page.index(name) for name in names)
    assert "Saltmarsh Brewing hello@saltmarsh.example £5,610.75 US$800.00" in page
    assert "Umber Yard Studios" not in page, "owes nothing"


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("show=overdue", "Nightingale", "Orchard Row"),
        ("show=held", "Bellwether", "Nightingale"),
        ("show=all", "Umber Yard", "Strange"),
        ("show=all&q=MØLLER", "", "Bellwether"),
        ("q=bellwether.ex", "Bellwether Books", "Nightingale"),
        ("q=%25", "Nobody found", "Bellwether"),
    ],
)
def test_customers_can_be_found(owner: Member, stage: Cast, query: str, there: str, gone: str) -> None:
    page = owner.words(f"{stage.home}/contacts?{query}")
    assert there in page and gone not in page


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=²", "page=99999999999999999999", "show=none"])
def test_a_list_that_does_not_exist_is_refused_in_words(owner: Member, stage: Cast, query: str) -> None:
    answer = owner.get(f"{stage.home}/contacts?{query}")
    assert answer.status_code == 400 and "does not exist" in words(answer)


def test_a_long_list_has_pages_without_gaps_or_repeats(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        for number in range(120):
            session.add(
                Contact(
                    organisation_id=stage.organisation_id,
                    id=f"{number:032x}",
                    ledger_id=f"many-{number}",
                    name=f"Customer {number:03}",
                    persons=[],
                    status="ACTIVE",
                    updated_at=clock.now(),
                    fingerprint="-",
                )
            )
    found: list[str] = []
    for page in (1, 2, 3):
        text = owner.get(f"{stage.home}/contacts?show=all&q=Customer&page={page}").text
        assert ('rel="next"' in text) == (page < 3)
        found += re.findall(r">(Customer \d+)<", text)
    assert found == [f"Customer {number:03}" for number in range(120)]


def test_a_customers_page_tells_the_whole_story(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert "Owed £2,152.50 Overdue £2,152.50" in page
    assert "On hold. Robin Marsh answered: “We pay on Friday, sorry for the delay.”" in page
    assert "Answered Third reminder to accounts@bellwether.example" in page
    assert "On hold after an answer By Dunnock" in page
    assert "Invoice INV-1001 issued: £1,892.00" in page and "Invoice INV-1001 was due" in page
    assert "Noted in Xero: 1 note." in page
    assert "remittance “advice”.html" in page
    assert page.index("Re: Invoice INV-1001") < page.index("Third reminder to"), "newest first"


def test_what_customers_wrote_is_shown_as_text(owner: Member, stage: Cast) -> None:
    for page in ("queue", "contacts", f"contacts/{stage.contact_id}"):
        text = owner.get(f"{stage.home}/{page}").text
        assert "<script>alert" not in text and "<img src=x" not in text
    assert HOSTILE in owner.words(f"{stage.home}/contacts")


def test_a_customer_is_held_and_released_by_a_person(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    until = clock.now().date() + timedelta(days=10)
    assert (
        owner.press(f"{page}/holds", reason="They moved house.", until=until.isoformat()).status_code == 302
    )
    assert "On hold until" in owner.words(page) and "They moved house." in owner.words(page)
    with dunnock.database.read(stage.organisation_id) as session:
        placed = session.query(Hold).filter_by(reason="They moved house.").one()
        assert (placed.until, placed.created_by) == (until, "Anna Hale")
    assert "They moved house. Since" in owner.words(page)
    owner.press(f"{page}/holds/{placed.id}/release")
    page_then = owner.words(page)
    assert "They moved house. Since" not in page_then
    assert "Hold released: on hold since" in page_then


def test_a_hold_needs_a_reason(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/contacts/{stage.contact_id}/holds", reason="  ", until="")
    assert answer.status_code == 422 and "Say why" in words(answer)


def test_releasing_twice_says_that_it_is_done(owner: Member, stage: Cast, dunnock: App) -> None:
    holds.release(dunnock, stage.organisation_id, stage.hold_id, by="Ben Okafor")
    page = f"{stage.home}/contacts/{stage.contact_id}"
    answer = owner.press(f"{page}/holds/{stage.hold_id}/release")
    assert answer.status_code == 302
    assert "may have been released already" in owner.words(page)


# Invoices


def test_an_invoice_says_what_was_done_and_why_not_more(owner: Member, stage: Cast) -> None:
    answer = owner.get(f"{stage.home}/invoices/{stage.invoice_id}")
    page = words(answer)
    assert "Amount due £1,842.00 45 days overdue" in page
    assert "Third reminder taken" in page and "Formal notice 30 days after due" in page
    assert "Chasing is switched off, so nothing leaves." in page
    assert "Re: Invoice INV-1001" in page, "the reply belongs to it"
    assert (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21aB3dE&amp;redirecturl="
        in answer.text
    )


def test_an_invoice_that_does_not_exist_is_not_found(owner: Member, stage: Cast) -> None:
    for page in ("invoices/nothing", "contacts/nothing", "attachments/nothing"):
        assert owner.get(f"{stage.home}/{page}").status_code == 404
