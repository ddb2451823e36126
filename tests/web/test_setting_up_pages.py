"""The set-up in five steps, as somebody new goes through it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from kit import clock
from kit.ids import derived_id
from services import setting_up as set_up
from services.app import App
from store.models import Contact, Invoice, Organisation, PlacingRule, StepTaken
from store.old_debt_mark import old_debt_mark
from store.queries import foresights, pages, schedules, senders, setting_up
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from web import assemble
from web.connect import connect
from web.pages import PAGES

_FIELD = re.compile(r"<(?:input|select)[^>]*>")
STEPS = ("who", "firmness", "when", "whom-not", "old-debt")


def as_it_stands(page: str) -> dict[str, list[str]]:
    """What a browser would send by pressing Next without touching anything."""
    form = page.split("<main", 1)[1].split('<form method="post"', 1)[1].split("</form>", 1)[0]
    found: dict[str, list[str]] = {}
    for tag in _FIELD.findall(form):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        kind = re.search(r' type="(\w+)"', tag)
        ticked = kind is None or kind[1] not in ("radio", "checkbox") or " checked" in tag
        if (
            name
            and name[1] != "csrf_token"
            and ticked
            and " disabled" not in tag
            and not tag.startswith("<sel")
        ):
            found.setdefault(name[1], []).append(value[1] if value else "")
    chosen = re.search(r'<select[^>]*name="(\w+)".*?<option selected value="([^"]*)"', form, re.DOTALL)
    if chosen:
        found[chosen[1]] = [chosen[2]]
    return found


def press_next(member: Member, stage: Cast, step: str, **other: object) -> str:
    path = f"{stage.home}/set-up/{step}"
    answer = member.press(path, **{**as_it_stands(member.get(path).text), **other})
    assert answer.status_code == 302, words(answer)
    return str(answer.location)


def test_next_five_times_gives_a_sensible_set_up_and_ends_at_the_dry_run(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    assert "Set-up: 0 of 5 done" in owner.words(f"{stage.home}/set-up")
    where = f"{stage.home}/set-up/who"
    for step in STEPS:
        assert where.endswith(f"/set-up/{step}")
        where = press_next(owner, stage, step)
    assert where == f"{stage.home}/set-up/dry-run"
    page = owner.words(where)
    assert "would leave in the next two weeks" in page and "Start the dry run" in page
    overview = owner.words(f"{stage.home}/set-up")
    assert "Set-up: 5 of 5 done" in overview and "Left alone from 60 days overdue on" in overview
    changed = stage.organisation(dunnock.database)
    assert changed.chasing == "off" and changed.holidays_of is None
    assert [one["name"] for one in changed.closed_periods] == ["Christmas and New Year"]
    with dunnock.database.read(stage.organisation_id) as session:
        default = pages.default_schedule(session, stage.organisation_id)
    assert default is not None and default[0].name == "Standard"


def test_it_can_be_left_and_come_back_to_and_done_in_any_order(owner: Member, stage: Cast) -> None:
    press_next(owner, stage, "old-debt")
    press_next(owner, stage, "when")
    page = owner.words(f"{stage.home}/set-up")
    assert "Set-up: 2 of 5 done" in page
    assert "Set-up: 2 of 5" in owner.words(f"{stage.home}/queue")


def test_who_puts_it_away_is_told_no_more(owner: Member, stage: Cast) -> None:
    assert "Set-up: 0 of 5" in owner.words(f"{stage.home}/queue")
    owner.press(f"{stage.home}/set-up/put-away")
    assert "Set-up: 0 of 5" not in owner.words(f"{stage.home}/queue")
    assert "Set-up in five steps" in owner.words(f"{stage.home}/settings")


def test_the_first_look_leads_to_it(owner: Member, stage: Cast) -> None:
    assert f'href="{stage.home}/set-up">Set up in five steps' in owner.get(f"{stage.home}/first-look").text


def test_before_the_ledger_has_been_read_it_waits_for_that(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).imported_at = None
    for path in ("", "/who", "/dry-run"):
        assert owner.get(f"{stage.home}/set-up{path}").location == f"{stage.home}/first-look"


# Who sends


def test_where_nothing_reaches_a_customer_no_sender_is_asked_for(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = owner.words(f"{stage.home}/set-up/who")
    assert "A sender is needed" not in page and "none leaves" in page
    for provider, said in (
        ("http://127.0.0.1:8100", "go to the demo’s mailbox, never to a customer"),
        ("https://api.sendgrid.com", "A sender is needed before mails can leave"),
    ):
        other = App(replace(dunnock.settings, send_mode="live", sendgrid_api_url=provider))
        other.database = dunnock.database
        elsewhere = Visitor(assemble(other, *PAGES, connect)).signed_in_as(stage.owner_id)
        assert said in elsewhere.words(f"{stage.home}/set-up/who")


def test_an_address_of_ones_own_domain_becomes_the_sender_although_nobody_can_check_it_now(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/set-up/who", way="domain", name="Accounts", email="accounts@hedgerow.example")
    with dunnock.database.read(stage.organisation_id) as session:
        (sender,) = senders.senders(session, stage.organisation_id)
    assert (sender.name, sender.email, sender.is_default) == ("Accounts", "accounts@hedgerow.example", True)
    page = owner.words(f"{stage.home}/set-up/who")
    assert "Accounts , accounts@hedgerow.example" in page and "As it is." in page


def test_an_address_that_is_none_is_refused_with_all_that_was_typed(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/set-up/who", way="domain", name="Accounts Team", email="nowhere")
    assert answer.status_code == 422
    assert 'value="Accounts Team"' in answer.text and 'value="nowhere"' in answer.text
    assert re.search(r'value="domain" checked', answer.text)


def test_ones_own_mailbox_goes_on_to_its_form_with_what_was_typed(owner: Member, stage: Cast) -> None:
    answer = owner.press(
        f"{stage.home}/set-up/who", way="mailbox", name="Anna", email="anna@hedgerow.example"
    )
    page = owner.get(str(answer.location)).text
    assert 'value="anna@hedgerow.example"' in page and '<option selected value="mailbox">' in page


# How firm


def test_the_three_schedules_stand_side_by_side_on_a_real_invoice_with_their_mails(
    owner: Member, stage: Cast
) -> None:
    page = owner.words(f"{stage.home}/set-up/firmness")
    assert page.index("Gentle") < page.index("Standard") < page.index("Firm")
    assert ("Shown on INV-" in page and "1 day after" in page and "Dear" in page) or "Hello" in page


def test_the_chosen_one_is_the_default_from_then_on(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        gentle = {name: one for one, name in schedules.names(session, stage.organisation_id)}["Gentle"]
    press_next(owner, stage, "firmness", schedule=gentle)
    assert "Gentle" in owner.words(f"{stage.home}/set-up")


def test_a_schedule_that_is_none_is_refused(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/set-up/firmness", schedule="nothing")
    assert answer.status_code == 422 and "There is no such schedule" in words(answer)


# When


def test_a_window_through_which_nothing_fits_is_refused_with_all_that_was_typed(
    owner: Member, stage: Cast
) -> None:
    answer = owner.press(f"{stage.home}/set-up/when", days=["1"], opens="12:00", closes="09:00", place="GB")
    assert answer.status_code == 422 and "at least half an hour" in words(answer)
    assert 'value="12:00"' in answer.text


def test_days_hours_and_holidays_are_kept_and_the_closing_is_not_asked_for_twice(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(
        f"{stage.home}/set-up/when",
        days=["1", "2"],
        opens="10:00",
        closes="15:00",
        place="GB-SCT",
        closing="1",
    )
    changed = stage.organisation(dunnock.database)
    assert (changed.sending_days, changed.opens.hour, changed.holidays_of) == ([1, 2], 10, "GB-SCT")
    press_next(owner, stage, "when")
    assert len(stage.organisation(dunnock.database).closed_periods) == 1


# Whom not


def related(dunnock: App, stage: Cast) -> dict[str, str]:
    """Pike Street Coffee is in a group of related parties, Rook Lane Dental has the organisation's own name."""
    with dunnock.database.write(stage.organisation_id) as session:
        by_name = {
            one.name: one
            for one in session.scalars(select(Contact))
            if one.organisation_id == stage.organisation_id
        }
        by_name["Pike Street Coffee"].groups = ["Related parties"]
        by_name["Corvid & Crane Architects"].groups = ["Key accounts"]
        by_name["Rook Lane Dental"].name = "Hedgerow Joinery Holdings Ltd"
        return {name: one.id for name, one in by_name.items()}


def test_related_parties_are_ticked_already_and_next_leaves_them_alone(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    ids = related(dunnock, stage)
    press_next(owner, stage, "whom-not")
    with dunnock.database.read(stage.organisation_id) as session:
        rules = [
            one
            for one in session.scalars(select(PlacingRule))
            if one.schedule_id is None and one.name.startswith("Group")
        ]
        held = setting_up.held(session, stage.organisation_id, clock.today("UTC"))
    assert [one.conditions for one in rules] == [[{"field": "group", "is": "Related parties"}]]
    assert held[ids["Rook Lane Dental"]] == "Not chased, as chosen at set-up"
    resting = owner.words(f"{stage.home}/set-up/dry-run")
    assert "Hedgerow Joinery Holdings" not in resting and "Pike Street" not in resting


def test_unticking_a_group_chases_it_again_and_nobody_new_is_suggested_then(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    related(dunnock, stage)
    press_next(owner, stage, "whom-not", contact=[])
    press_next(owner, stage, "whom-not", group=[])
    with dunnock.database.read(stage.organisation_id) as session:
        assert not [one for one in session.scalars(select(PlacingRule)) if one.name.startswith("Group")]
    page = as_it_stands(owner.get(f"{stage.home}/set-up/whom-not").text)
    assert "group" not in page and "contact" not in page


def test_searching_saves_nothing_and_loses_no_tick(owner: Member, stage: Cast, dunnock: App) -> None:
    ids = related(dunnock, stage)
    ticked = ids["Saltmarsh Brewing"]
    answer = owner.press(
        f"{stage.home}/set-up/whom-not", contact=[ticked], least="25.00", search="quill", do="search"
    )
    assert "Quill Stationers" in answer.text and "Pike Street" not in answer.text
    assert f'type="hidden" name="contact" value="{ticked}"' in answer.text and 'value="25.00"' in answer.text
    with dunnock.database.read(stage.organisation_id) as session:
        assert ticked not in setting_up.held(session, stage.organisation_id, clock.today("UTC"))


def test_the_smallest_sum_can_be_changed_and_a_slip_is_told(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(f"{stage.home}/set-up/whom-not", least="ten pounds")
    assert answer.status_code == 422 and "“ten pounds” is no amount" in words(answer)
    owner.press(f"{stage.home}/set-up/whom-not", least="25")
    assert stage.organisation(dunnock.database).minimum_balances["GBP"] == "25.00"


def test_ten_thousand_customers_are_a_page_as_any_other(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        like = session.scalars(select(Contact).where(Contact.id == stage.contact_id)).one()
        about = session.scalars(select(Invoice).where(Invoice.id == stage.invoice_id)).one()
        contact = {key.name: getattr(like, key.name) for key in Contact.__table__.columns}
        invoice = {key.name: getattr(about, key.name) for key in Invoice.__table__.columns}
        many = [derived_id("many", str(number)) for number in range(10_000)]
        session.execute(
            insert(Contact),
            [
                contact | {"id": one, "ledger_id": one, "name": f"Customer {at:05}"}
                for at, one in enumerate(many)
            ],
        )
        session.execute(
            insert(Invoice), [invoice | {"id": one, "ledger_id": one, "contact_id": one} for one in many]
        )
    page = owner.get(f"{stage.home}/set-up/whom-not").text
    assert page.count('name="contact"') == 50 and "Later ones" in page
    found = owner.press(f"{stage.home}/set-up/whom-not", least="10", search="customer 09999", do="search")
    assert found.text.count('name="contact"') == 1


# Old debt


def old_steps(dunnock: App, stage: Cast) -> dict[str, set[int]]:
    """The steps that are left out of each old invoice, by its number."""
    with dunnock.database.read(stage.organisation_id) as session:
        rows = session.execute(
            select(Invoice.number, StepTaken.position)
            .join(StepTaken, (StepTaken.invoice_id == Invoice.id) & (StepTaken.state == "skipped"))
            .where(StepTaken.communication_id == old_debt_mark(stage.organisation_id))
        )
        found: dict[str, set[int]] = {}
        for number, position in rows:
            found.setdefault(number, set()).add(position)
    return found


def test_old_debt_is_left_alone_and_the_step_says_how_much_it_is(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    assert "Nightingale" in owner.words(f"{stage.home}/set-up/dry-run")
    page = owner.words(f"{stage.home}/set-up/old-debt")
    assert "£8,400.00 on 2 invoices of 1 customer have been overdue for 60 days or more." in page
    press_next(owner, stage, "old-debt")
    assert "Nightingale" not in owner.words(f"{stage.home}/set-up/dry-run")
    assert all(positions == {1, 2, 3, 4, 5, 6, 7} for positions in old_steps(dunnock, stage).values())
    with dunnock.database.read(stage.organisation_id) as session:
        old = session.scalars(select(Invoice).where(Invoice.amount_due == 4200)).first()
    assert old is not None
    shown = owner.words(f"{stage.home}/invoices/{old.id}")
    assert "Formal notice left out" in shown
    assert "Left alone as old debt, as was chosen in the set-up." in shown
    assert "All steps are taken" not in shown


def test_another_choice_takes_the_earlier_one_back(owner: Member, stage: Cast, dunnock: App) -> None:
    press_next(owner, stage, "old-debt")
    press_next(owner, stage, "old-debt", choice="calls")
    assert all(5 not in positions for positions in old_steps(dunnock, stage).values())
    owner.get(f"{stage.home}/queue")
    assert "Nightingale" in owner.words(f"{stage.home}/calls")
    press_next(owner, stage, "old-debt", choice="leave", days="90")
    assert len(old_steps(dunnock, stage)) == 1


def test_another_schedule_later_leaves_old_debt_alone_as_well(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    press_next(owner, stage, "old-debt", choice="calls")
    with dunnock.database.read(stage.organisation_id) as session:
        firm = {name: one for one, name in schedules.names(session, stage.organisation_id)}["Firm"]
    press_next(owner, stage, "firmness", schedule=firm)
    assert "Nightingale" not in owner.words(f"{stage.home}/set-up/dry-run")
    assert "Nightingale" in owner.words(f"{stage.home}/calls")


def test_one_letter_is_asked_for_until_somebody_has_started_it(owner: Member, stage: Cast) -> None:
    press_next(owner, stage, "old-debt", choice="letter", days="45")
    page = owner.get(f"{stage.home}/campaigns/new?overdue=45").text
    assert 'value="45"' in page


@pytest.mark.parametrize("days", ["7", "", "soon", "99999"])
def test_an_age_that_cannot_be_is_refused(owner: Member, stage: Cast, days: str) -> None:
    answer = owner.press(f"{stage.home}/set-up/old-debt", choice="leave", days=days)
    assert answer.status_code == 422 and "Debt can count as old from 30 to 1,000 days overdue" in words(
        answer
    )
    assert f'value="{days}"' in answer.text


def test_counting_again_saves_nothing(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(f"{stage.home}/set-up/old-debt", choice="leave", days="90", do="count")
    assert "overdue for 90 days or more" in words(answer) and old_steps(dunnock, stage) == {}


# The dry run, and going live


def ready(dunnock: App, stage: Cast) -> None:
    """Nothing stands in the way of going live."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).own_reminders = False


def test_every_mail_of_the_dry_run_can_be_read(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/set-up/dry-run").text
    links = re.findall(r'href="([^"]+/queue/mails/[^"]+)"', page)
    assert len(links) >= 8
    assert all(owner.get(link).status_code == 200 for link in links[:3])


def test_each_line_of_the_dry_run_says_why_this_step_comes_now(owner: Member, stage: Cast) -> None:
    page = words(owner.get(f"{stage.home}/set-up/dry-run"))
    lines = page.count("days late") + page.count("day late") + page.count("the due date")
    assert lines >= 8, page
    assert re.search(r"\d+ days late: the catch-up rule starts at step \d", page)


def test_it_says_how_many_would_get_a_formal_notice_first_and_where_to_change_that(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = owner.get(f"{stage.home}/set-up/dry-run")
    told = re.search(r"(\d+) customers? would get a formal notice as (?:its|their) first mail", words(page))
    assert told and int(told[1]) >= 1
    assert f"{stage.home}/set-up/old-debt" in page.text.split("formal notice as", 1)[1].split("</div>", 1)[0]
    with dunnock.database.write(stage.organisation_id) as session:
        for contact in session.scalars(select(Contact)):
            contact.last_message_at = clock.now() - timedelta(days=200)
        foresights.forget(session, stage.organisation_id, session.scalars(select(Contact.id)).all())
    assert "formal notice as" not in owner.words(f"{stage.home}/set-up/dry-run"), (
        "they were written to before"
    )


def test_the_dry_run_is_started_from_there(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/set-up/dry-run")
    assert stage.organisation(dunnock.database).chasing == "dry_run"
    assert "Start the dry run" not in owner.words(f"{stage.home}/set-up/dry-run")


def test_the_first_mail_can_be_sent_to_oneself(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/set-up/test")
    assert answer.status_code == 302
    assert "would have reached anna@hedgerow.example" in owner.words(f"{stage.home}/set-up/dry-run")


def test_a_day_of_going_live_is_set_shown_and_taken_back(owner: Member, stage: Cast, dunnock: App) -> None:
    ready(dunnock, stage)
    on = clock.today("Europe/London") + timedelta(days=3)
    assert (
        owner.press(f"{stage.home}/set-up/live-on", on=on.isoformat(), reminded_twice="1").status_code == 302
    )
    for path in ("/set-up", "/set-up/dry-run", "/queue"):
        assert "Chasing goes live on" in owner.words(stage.home + path)
    owner.press(f"{stage.home}/set-up/live-on/cancel")
    assert "Chasing goes live on" not in owner.words(f"{stage.home}/queue")


def test_why_a_day_came_to_nothing_stands_on_the_queue_until_it_is_put_away(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        setting_up.put_planned_start(
            session, organisation_id=stage.organisation_id, id=derived_id("x"), on=clock.today("UTC"),
            wanted_by="Anna Hale", person_id=None, mails=3, reminders_stay_on=False, refused="All mail is stopped.",
        )  # fmt: skip
    page = owner.words(f"{stage.home}/queue")
    assert "Chasing did not go live on" in page and "All mail is stopped. Nothing was sent." in page
    owner.press(f"{stage.home}/set-up/live-on/cancel")
    assert "did not go live" not in owner.words(f"{stage.home}/queue")


@pytest.mark.parametrize("on", ["", "Tuesday", "2020-01-01"])
def test_a_day_that_is_none_is_refused_with_a_sentence(owner: Member, stage: Cast, on: str) -> None:
    answer = owner.press(f"{stage.home}/set-up/live-on", on=on, reminded_twice="1")
    assert answer.status_code == 422 and "Choose " in words(answer)


def test_who_may_only_look_sees_every_step_and_changes_nothing(visitor: Visitor, stage: Cast) -> None:
    ben = visitor.signed_in_as(stage.colleague_id)
    for step in STEPS:
        page = ben.get(f"{stage.home}/set-up/{step}")
        assert page.status_code == 200 and "Owners and managers can change this" in words(page)
        assert ben.press(f"{stage.home}/set-up/{step}").status_code == 403
    for path in ("put-away", "dry-run", "test", "live-on", "live-on/cancel"):
        assert ben.press(f"{stage.home}/set-up/{path}").status_code == 403


def test_the_list_offers_the_first_look_until_the_set_up_is_begun(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    assert f'href="{stage.home}/first-look">First look' in owner.get("/organisations").text
    with dunnock.database.write(stage.organisation_id) as session:
        set_up.finish(session, stage.organisation_id, set_up.Step.WHO, "Anna Hale")
    assert "First look" not in owner.get("/organisations").text
