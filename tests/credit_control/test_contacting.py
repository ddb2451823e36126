"""When customers may be contacted: hours and numbers by their country's rules, and what they want themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.calendar import first_slot
from credit_control.contact_law import (
    Contacted,
    Contacting,
    ContactLawError,
    ContactRule,
    Force,
    Grade,
    Way,
    in_force,
    read_rules,
)
from credit_control.contacting import broken, moved
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Verdict
from credit_control.facts import Action, Contact, DaysOff, Office, Policy, Schedule, SendingWindow, Step
from credit_control.occasions import LeftOut, Occasion, OccasionKind, decide_occasion
from store.contacting import all_rules
from tests.credit_control.books import ACTIVE, POLICY, at, book, day, invoice, why

ZONES = ("Europe/London", "America/Santiago", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata")
WORKDAYS = ContactRule(
    "hours", "CL", frozenset(), frozenset({Way.EMAIL, Way.SMS, Way.CALL}), Force.LIMIT, date(2020, 1, 1),
    "Consumers are contacted on working days from 8 to 20", "a law",
    hours=(*(((time(8), time(20)),) * 6), None), holidays=False,
)  # fmt: skip
TWICE = ContactRule(
    "twice", "CL", frozenset(), frozenset({Way.EMAIL, Way.CALL}), Force.LIMIT, date(2020, 1, 1),
    "Consumers are contacted twice in seven days", "a law", most=2, days=7,
)  # fmt: skip


def wanted(
    *rules: ContactRule, contacted: tuple[Contacted, ...] = (), zone: str = "America/Santiago"
) -> Contact:
    office = Office("there", zone, DaysOff("test", names={day("2026-12-08"): "Immaculate Conception"}))
    return replace(ACTIVE, office=office, contacting=Contacting(rules, contacted))


@given(
    graded=st.lists(st.tuples(st.sampled_from(Force), st.sampled_from(Grade)), max_size=6), bind=st.booleans()
)
def test_what_was_read_in_reports_keeps_nothing_back_unless_it_binds(
    graded: list[tuple[Force, Grade]], bind: bool
) -> None:
    rules = [replace(TWICE, id=str(at), force=force, grade=grade) for at, (force, grade) in enumerate(graded)]
    for rule, held in zip(rules, in_force(rules, reports_bind=bind), strict=True):
        reported = rule.grade is Grade.REPORTED and not bind
        assert held.force is (Force.WARNING if reported else rule.force)
        assert replace(held, force=rule.force) == rule


def decided(contact: Contact, now: str = "2026-11-18 10:00", policy: Policy = POLICY) -> ContactDecision:
    return decide(book(invoice("2026-11-13"), contact=contact), policy, at(now))


def leaves_on(decision: ContactDecision) -> date:
    assert decision.message is not None
    return decision.message.not_before.date()


@given(
    home=st.sampled_from(ZONES),
    there=st.sampled_from(ZONES),
    opens=st.times(),
    closes=st.times(),
    # a year, so that clocks change on both sides and months end
    hour=st.integers(0, 24 * 366),
    before=st.lists(st.integers(0, 24 * 12), max_size=4),
)
def test_no_limit_is_ever_broken_and_nothing_is_dropped(
    home: str, there: str, opens: time, closes: time, hour: int, before: list[int]
) -> None:
    opens, closes = (one.replace(second=0, microsecond=0) for one in (opens, closes))
    if (closes.hour * 60 + closes.minute) - (opens.hour * 60 + opens.minute) < 30:
        return
    window = SendingWindow(home, frozenset(range(7)), opens, closes)
    zone, now = ZoneInfo(there), datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)
    contacted = tuple(Contacted(now - timedelta(hours=back), Way.EMAIL) for back in before)
    contact = replace(
        ACTIVE, office=Office("there", there, DaysOff()), contacting=Contacting((WORKDAYS, TWICE), contacted)
    )
    window = replace(window, office=contact.office)
    slot = moved(contact, Way.EMAIL, window, first_slot(window, now.astimezone(ZoneInfo(home)).date()), now)
    if slot is None:  # the window never meets these hours: the steps are left out with that sentence
        plain = replace(contact, contacting=Contacting((WORKDAYS,)))
        assert moved(plain, Way.EMAIL, window, first_slot(window, now.date()), now) is None
        return
    begins, ends = slot.opens.astimezone(zone), slot.closes.astimezone(zone)
    assert begins.weekday() < 6 and time(8) <= begins.time() and ends.time() <= time(20)
    assert slot.closes > now
    last_week = begins.date() - timedelta(days=7)
    assert sum(one.at.astimezone(zone).date() > last_week for one in contacted) < 2


@given(
    hour=st.integers(0, 24 * 366),
    there=st.sampled_from(ZONES),
    back=st.lists(st.integers(0, 240), max_size=5),
)
def test_whoever_waits_until_the_moment_named_breaks_nothing(hour: int, there: str, back: list[int]) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    contact = wanted(
        WORKDAYS, TWICE, contacted=tuple(Contacted(now - timedelta(hours=one), Way.CALL) for one in back),
        zone=there,
    )  # fmt: skip
    window = replace(POLICY.window, office=contact.office)
    for one in broken(contact, Way.CALL, window, now):
        assert one.allowed_at is not None and one.allowed_at > now
        assert broken(contact, Way.CALL, window, one.allowed_at) == ()


def test_a_mail_waits_until_the_limit_lets_it_go_and_says_so() -> None:
    contacted = (
        Contacted(at("2026-11-12 15:00"), Way.EMAIL),
        Contacted(at("2026-11-16 15:00"), Way.CALL),
    )
    decision = decided(wanted(TWICE, contacted=contacted))
    assert leaves_on(decision) == day("2026-11-19")
    assert f"{TWICE.says}; so it waits until Thursday 19 November 2026." in why(decision)


def test_calls_that_reached_nobody_do_not_count_unless_the_rule_says_so() -> None:
    calls = tuple(Contacted(at("2026-11-17 15:00"), Way.CALL, reached=False) for _ in range(2))
    assert leaves_on(decided(wanted(TWICE, contacted=calls))) == day("2026-11-18")
    attempts = replace(TWICE, attempts=True)
    assert leaves_on(decided(wanted(attempts, contacted=calls))) == day("2026-11-24")


def test_a_public_holiday_at_the_customers_is_no_day() -> None:
    contact = wanted(WORKDAYS)
    window = replace(POLICY.window, office=contact.office)
    (found,) = broken(contact, Way.CALL, window, at("2026-12-08 10:00", "America/Santiago"))
    assert found.allowed_at == at("2026-12-09 08:00", "America/Santiago")


def test_a_warning_is_said_and_keeps_nothing_back() -> None:
    warned = replace(TWICE, force=Force.WARNING, most=1)
    decision = decided(wanted(warned, contacted=(Contacted(at("2026-11-17 15:00"), Way.CALL),)))
    assert leaves_on(decision) == day("2026-11-18")
    assert "Consumers are contacted twice in seven days. This message would break that." in why(decision)


def test_a_rule_holds_from_its_day_to_its_last() -> None:
    calls = tuple(Contacted(at("2026-11-17 15:00"), Way.CALL) for _ in range(2))
    for other in (replace(TWICE, since=day("2026-11-19")), replace(TWICE, until=day("2026-11-17"))):
        assert leaves_on(decided(wanted(other, contacted=calls))) == day("2026-11-18")


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert why(decided(replace(ACTIVE, contacting=Contacting()))) == why(decided(ACTIVE))


def test_steps_of_an_unwanted_way_are_passed_over_with_the_reason() -> None:
    mail = Step(1, "Mail", 3, Action.EMAIL, "first_reminder")
    call = Step(2, "Call", 4, Action.CALL)
    letter = Step(3, "Letter", 5, Action.LETTER, "letter")
    schedule = Schedule("v", "All ways", 1, (mail, call, letter))
    contact = replace(
        ACTIVE, contacting=Contacting(unwanted=((Way.EMAIL, "no mails."), (Way.CALL, "the customer wants no calls.")))
    )  # fmt: skip
    owed = replace(book(invoice("2026-11-13")), contact=contact, schedule=schedule)
    decision = decide(owed, POLICY, at("2026-11-18 10:00"))
    (one,) = decision.invoices
    assert decision.message is None and one.verdict is Verdict.PERSON and one.step == letter
    assert "“Mail” is left out: no mails." in why(decision)
    assert "“Call” is left out: the customer wants no calls." in why(decision)


def test_who_wants_no_mails_gets_none_beside_reminders_either() -> None:
    contact = replace(ACTIVE, contacting=Contacting(unwanted=((Way.EMAIL, "it wants no mails."),)))
    owed = book(invoice("2026-11-13"), contact=contact)
    occasion = Occasion(OccasionKind.STATEMENT, day("2026-11-18"))
    found = decide_occasion(occasion, owed, POLICY, at("2026-11-18 10:00"), None)
    assert isinstance(found, LeftOut) and found.reason.text == "it wants no mails."


def test_the_way_that_it_prefers_is_said_of_others() -> None:
    prefers = replace(ACTIVE, contacting=Contacting(prefers=Way.CALL))
    assert "The customer prefers calls." in why(decided(prefers))
    same = replace(ACTIVE, contacting=Contacting(prefers=Way.EMAIL))
    assert "prefers" not in why(decided(same))


def test_every_shipped_rule_says_what_it_holds_for_and_where_it_stands() -> None:
    rules = [rule for found in all_rules().values() for rule in found]
    assert rules
    for rule in rules:
        assert rule.source and rule.says and not rule.says.endswith(".")
        assert len(rule.country) == 2 and rule.ways and rule.since <= date(2026, 11, 22)
        assert rule.kinds <= {"company", "sole_trader", "individual", "public_body"}


def test_a_rule_says_whether_it_was_read_in_the_law_or_in_reports_of_it() -> None:
    rules = [rule for found in all_rules().values() for rule in found]
    assert {one.country for one in rules if one.grade is Grade.OFFICIAL} == {"US"}
    assert all(("as reported by" in one.source) <= (one.grade is Grade.REPORTED) for one in rules)
    text = (
        '[[rules]]\nid = "x"\ncountry = "AU"\nkinds = []\nways = ["call"]\nforce = "limit"\n'
        'from = 2021-01-01\nsays = "x"\nsource = "x"\nmost = 3\ndays = 7\n'
    )
    for lacking in (text, text + 'grade = "rumour"\n'):
        with pytest.raises(ContactLawError, match="“x”"):
            read_rules(lacking, "a file")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('hours = { mon = "20:00-08:00" }', "is no time"),
        ('hours = { monday = "08:00-20:00" }', "by weekday"),
        ("most = 3", "either hours, or most and days"),
        ('hours = { mon = "08:00-20:00" }\nmost = 3\ndays = 7', "either hours, or most and days"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(row: str, problem: str) -> None:
    text = (
        '[[rules]]\nid = "x"\ncountry = "AU"\nkinds = []\nways = ["call"]\nforce = "limit"\n'
        f'from = 2021-01-01\nsays = "x"\nsource = "x"\ngrade = "official"\n{row}\n'
    )
    with pytest.raises(ContactLawError, match=problem):
        read_rules(text, "a file")
