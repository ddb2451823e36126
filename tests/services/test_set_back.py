"""The clock goes back after it was ahead: nothing waits for a time that has yet to come, whatever was stored meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import clock
from services import abandoned, continuity, notes, preferences, send
from services.mirror import schedule
from store.models import Base
from store.queries import leases
from store.queries.set_back import BROUGHT_BACK
from store.types import Instant
from tests.support.chasing import MONDAY, Chasing

ELSEWHERE = {
    "inbox_events.received_at": "one from the future makes the event due at once",
    "authorisations.previous_refresh_until": "an old token is tried for a little longer",
    "contacts.asked_for_doubt": "compared for equality alone",
    "communications.planned_for": "every contact is planned anew, which moves it",
    "communications.not_after": "every contact is planned anew, which moves it",
    "communications.checked_at": "a look from the future does not count as fresh",
    "organisations.synced_at": "one from the future holds all mail until the ledger was read again, which is due at once",
    "sync_positions.next_at": "due at once when touched_at lies in the future",
    "sync_positions.touched_at": "one from the future makes the reading due at once",
    "sync_positions.changed_since": "brought back to a day before",
    "leases.until": "one that would last for minutes more is dropped",
    "installation.ticked_at": "one from the future is what shows that the clock was set back",
    "installation.doubted_at": "compared for equality, and for its day: at worst more contacts are asked about",
    "brakes.released_at": "one from the future gives no quiet time",
    "foresights.as_of": "one from the future makes the foresight void",
    "foresights.until": "void with its as_of",
    "foreseen_mails.planned_for": "void with its foresight",
    "account_links.expires_at": "a link that was made while the clock was ahead works for longer by that much",
    "account_links.renewed_at": "one from the future lets nobody wait for a fresh link",
    "ledger_refusals.last_at": "one from the future is shown for longer by that much",
    "practice_members.digest_try_at": "one further ahead than the mail provider is ever left alone is not waited for",
    "invitations.expires_at": "one that was sent while the clock was ahead is good for longer by that much",
    "password_resets.expires_at": "a link that was made while the clock was ahead works for longer by that much",
    "used_challenges.expires_at": "kept for longer by that much",
    "people.last_seen_at": "one from the future is not written over until then is past; only told",
    "api_tokens.last_used_at": "one from the future is not written over until then is past; only told",
    "practice_run_clients.done_at": "from the future: what has left since cannot be told, so at worst an undo goes further back",
    "payers.checkout_since": "one from the future keeps its word for longer, and an open page is found again all the same",
    "organisations.kept_looked_at": "one from the future: what is old goes when that day is over, a little later than set",
    "people.signed_out_at": "by the machine's clock: who signed out signs in again until then is past",
}
"""Other stored moments that are compared with the present, and what becomes of them when the clock goes back."""
ONLY_TOLD = {
    "account_stops.created_at", "account_stops.lifted_at", "account_stops.stopped_at", "claim_letters.approved_at",
    "claim_letters.created_at", "claim_letters.posted_at", "late_fees.created_at", "late_fees.drafted_at",
    "late_payment_policies.choices_read_at", "late_payment_terms.changed_at",
    "connection_marks.at", "ledger_refusals.first_at", "trial_periods.started_at", "paid_for.since", "figure_targets.set_at",
    "payers.period_ends_at", "payers.end_wanted_at", "payers.ends_at", "payers.read_at",
    "api_answers.created_at", "api_tokens.created_at", "api_tokens.revoked_at", "authorisations.refreshed_at",
    "contacts.restricted_at", "contacts.legal_hold_at", "erasures.asked_at", "erasures.finished_at",
    "erased_addresses.noted_at",
    "audit_entries.at", "asked_changes.asked_at", "asked_changes.decided_at", "asked_changes.expires_at",
    "brakes.imposed_at", "forwards.created_at", "senders.checked_at", "senders.created_at",
    "sending_domains.checked_at", "communications.approved_at", "communications.created_at", "communications.sent_at",
    "contacts.updated_at", "credits.updated_at", "credit_alerts.raised_at", "credit_alerts.ended_at",
    "credit_limits.decided_at", "account_watches.created_at",
    "special_terms.entered_at", "special_terms.taken_back_at", "special_terms.over_told_at",
    "schedule_comparisons.begun_at", "schedule_comparisons.ended_at", "comparison_members.moved_at",
    "credit_companies.chosen_at", "credit_reports.ordered_at", "credit_reports.obtained_at",
    "credit_proposals.made_at", "credit_proposals.decided_at", "credit_proposals.written_at",
    "account_watches.started_at", "account_watches.ended_at", "disputes.opened_at", "disputes.settled_at",
    "holds.created_at", "holds.released_at", "inbox_events.handled_at",
    "message_words.created_at", "saved_views.created_at", "contact_tags.put_at",
    "bulk_runs.asked_at", "bulk_runs.finished_at",
    "installation.stopped_at", "invoice_pdfs.invoice_updated_at", "invoices.updated_at", "ledger_notes.created_at",
    "ledger_notes.first_tried_at", "ledger_notes.written_at", "mail_events.occurred_at", "mail_events.received_at",
    "organisations.imported_at", "payments.updated_at", "people.created_at", "schedule_versions.created_at",
    "sync_positions.completed_at", "sync_positions.cursor", "template_versions.created_at",
    "templates.removed_at", "contact_people.entered_at", "contact_people.removed_at",
    "channel_wishes.said_at", "channel_wishes.ended_at",
    "stopped_addresses.since", "stopped_addresses.lifted_at",
    "people_away.noticed_at", "people_away.settled_at", "people_away.ended_at",
    "changed_addresses.noticed_at", "changed_addresses.confirmed_at", "text_stops.since",
    "expected_dates.written_at", "promises.created_at", "payment_plans.created_at",
    "feed_events.at", "feed_events.created_at", "event_endpoints.created_at", "event_endpoints.taken_at",
    "edited_texts.written_at", "internal_notices.created_at", "internal_notices.sent_at",
    "replays.asked_at", "replays.done_at", "schedules.paused_at",
    "account_pages.checked_at", "account_links.created_at", "account_links.revoked_at", "page_answers.created_at",
    "replies.created_at", "replies.settled_at", "stray_mails.received_at", "stray_mails.settled_at",
    "paid_claims.created_at", "paid_claims.settled_at", "answers.created_at",
    "sent_marks.first_tried_at", "sent_marks.written_at", "quotes.updated_at", "quotes.pdf_of",
    "practices.created_at", "practice_members.joined_at", "practice_members.ended_at", "practice_clients.consent_at",
    "practice_clients.ended_at",
    "practice_sets.changed_at", "practice_runs.created_at",
    "team_tasks.asked_at", "team_tasks.finished_at",
    "deletions.due_at", "deletions.told_at", "deletions.begun_at",
    "data_exports.asked_at", "data_exports.ready_at", "data_exports.expires_at",
    "invitations.created_at", "invitations.mailed_at", "invitations.withdrawn_at", "invitations.accepted_at",
    "passkeys.created_at", "passkeys.last_used_at", "passwords.changed_at", "recovery_codes.used_at", "sign_ins.at",
}  # fmt: skip
"""They tell when something happened, and nothing waits for them."""


def tick(org: Chasing) -> None:
    with org.app.database.write_across() as session:
        lives_on = continuity.lives_on(session, clock.now())
    if not lives_on:
        continuity.look_closer(org.app)


def test_of_every_stored_moment_it_is_known_what_a_clock_that_goes_back_does_to_it() -> None:
    stored = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Instant)
    }
    brought_back = {str(column) for column in BROUGHT_BACK}
    assert stored == brought_back | ELSEWHERE.keys() | ONLY_TOLD
    assert not brought_back & (ELSEWHERE.keys() | ONLY_TOLD)


@pytest.mark.parametrize("away", [timedelta(hours=2), timedelta(days=1), timedelta(days=30)])
def test_after_a_time_ahead_everything_goes_on_at_once(org: Chasing, away: timedelta) -> None:
    """The clock is ahead while a chaser leaves, another fails and notes wait; then it is right again."""
    first = org.invoice(org.customer("First", "first@books.example"), "INV-1", 3)
    org.mirror()
    tick(org)
    org.move_to(_next_opening(clock.now() + away))
    tick(org)
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 1
    with org.app.database.write_across() as session:
        leases.take(session, f"mirror:{org.organisation_id}", "somebody", clock.now(), 60)
    org.change(retry_sending_at=clock.now() + timedelta(minutes=10), sending_problem="The provider was full.")

    org.move_to(MONDAY + timedelta(hours=1))
    tick(org)
    org.write_notes()
    assert {note.status for note in org.ledger_notes()} == {"written"}
    assert notes.due(org.app) == []
    with org.app.database.write_across() as session:
        schedule.begin_import(session, org.organisation_id, clock.now())
    assert schedule.due(org.app) == [org.organisation_id]
    org.invoice(org.customer("Second", "second@books.example"), "INV-2", 3)
    org.mirror()
    org.plan(everything=True)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert len(org.mailer.taken) == 2
    last = org.contact(org.ledger.invoice_book[first].contact_id).last_message_at
    assert last and last <= clock.now()
    assert set(org.mailer.times_taken.values()) == {1}


def _next_opening(moment: datetime) -> datetime:
    """Eleven o'clock of the next weekday."""
    day = moment.date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, time(11), tzinfo=UTC)


def test_a_sender_that_died_while_the_clock_was_ahead_is_found_within_minutes(org: Chasing) -> None:
    class Killed(BaseException):
        pass

    def die(_name: str) -> None:
        raise Killed

    org.one_overdue()
    tick(org)
    org.shift(days=1)
    tick(org)
    org.switch("live")
    org.ledger.before_call = die
    with pytest.raises(Killed):
        org.send()
    org.ledger.before_call = lambda _name: None
    org.shift(days=-1)
    tick(org)
    org.shift(minutes=2)
    assert abandoned.settle(org.app) == [org.organisation_id]
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


@pytest.mark.parametrize(
    ("zone", "opens", "closes"),
    [
        ("America/New_York", time(9, 30), time(16)),
        ("Pacific/Auckland", time(9, 30), time(16)),
        ("Asia/Kathmandu", time(14), time(15)),
        ("Europe/London", time(15), time(17)),
        ("Europe/London", time(8), time(10)),
    ],
)
def test_zone_and_hours_changed_while_chasers_wait(
    org: Chasing, zone: str, opens: time, closes: time
) -> None:
    """They move into the new hours, and a worker that has them in hand already does not send them outside."""
    for number in range(3):
        org.invoice(org.customer(f"Customer {number}", f"c{number}@books.example"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    assert len(org.chasers("planned")) == 3
    org.change(timezone=zone)
    preferences.change_window(org.app, org.organisation_id, days=[0, 1, 2, 3, 4], opens=opens, closes=closes)
    org.send()
    assert org.mailer.taken == [], "at eleven in London it is outside of these hours"
    org.plan()
    while not org.mailer.taken:
        planned = [row.planned_for for row in org.chasers("planned") if row.planned_for]
        org.move_to(max([clock.now() + timedelta(minutes=1), *planned]))
        org.mirror()
        org.plan(everything=True)
        org.send()
    assert set(org.mailer.times_taken.values()) == {1}
    for row in org.chasers("sent"):
        assert row.sent_at is not None
        local = row.sent_at.astimezone(ZoneInfo(zone))
        assert opens <= local.time() < closes and local.weekday() < 5
