"""The ways in which the product is broken on purpose, and the tests that have to notice.

A wall that stands behind another is not here: a hand-over that forgets the claim is still stopped by the steps taken,
and the count of steps by the decision. Nobody could notice one of them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Breakage:
    """One line of the product made wrong. ``promise`` is its number in docs/guarantees.md."""

    name: str
    promise: int
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


class Stale(Exception):
    """The line that is to be broken is not there, or there more than once."""


def broken(one: Breakage, whole: str) -> str:
    """The text of the file with the breakage in it."""
    if whole.count(one.right) != 1:
        raise Stale(f"{one.name}: its line stands {whole.count(one.right)} times in {one.file}")
    return whole.replace(one.right, one.wrong)


BREAKAGES = (
    Breakage(
        "what is unknown is sent again",
        3,
        "services/delivery.py",
        '"unknown", reason, now)',
        '"planned", reason, now)',
        ("tests/services/test_send_provider.py",),
    ),
    Breakage(
        "an abandoned hand-over is sent again",
        1,
        "services/abandoned.py",
        "if row.handed_over_at is None:\n",
        "if row:\n",
        ("tests/services/test_send_crashes.py",),
    ),
    Breakage(
        "a claim that does not look whether somebody else has it",
        1,
        "store/queries/sending.py",
        """_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")""",
        """_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status IN ('planned', 'sending')")""",
        ("tests/services/test_send_crashes.py", "tests/services/test_chasing_properties.py"),
    ),
    Breakage(
        "a last look of any age will do",
        2,
        "services/last_look.py",
        "timedelta() <= now - checked_at <= FRESH",
        "timedelta() <= now - checked_at",
        (
            "tests/services/test_send_pauses.py",
            "tests/services/test_send_crashes.py",
            "tests/services/test_send.py",
        ),
    ),
    Breakage(
        "what has left by another database is sent again",
        17,
        "services/continuity.py",
        "if reached > counted or _is_quiet",
        "if _is_quiet",
        ("tests/services/test_continuity.py",),
    ),
    Breakage(
        "nobody asks the ledger's notes after a restore",
        17,
        "services/lost_mail.py",
        "        if doubted_at is None:\n",
        "        if doubted_at:\n",
        ("tests/services/test_continuity.py",),
    ),
    Breakage(
        "after the clock was set back nothing is brought back with it",
        5,
        "store/queries/set_back.py",
        "    for column in (*_NOT_YET, *_SINCE):",
        "    for column in ():",
        ("tests/services/test_set_back.py",),
    ),
    Breakage(
        "mails leave at night",
        5,
        "credit_control/decide.py",
        "not_before=leaves",
        "not_before=timing.now",
        ("tests/credit_control",),
    ),
    Breakage(
        "the machine's time zone instead of the organisation's",
        5,
        "store/facts.py",
        "zone=organisation.timezone",
        'zone="UTC"',
        (
            "tests/services/test_plan.py",
            "tests/services/test_set_back.py",
            "tests/services/test_send_pauses.py",
        ),
    ),
    Breakage(
        "two mails to one contact within days",
        6,
        "credit_control/facts.py",
        "minimum_gap_days: int = 4",
        "minimum_gap_days: int = 0",
        ("tests/credit_control",),
    ),
    Breakage(
        "a new organisation is live at once",
        7,
        "services/connection.py",
        '"chasing": "off",',
        '"chasing": "live",',
        ("tests/services/test_connection.py",),
    ),
    Breakage(
        "a note whose answer was lost is written again unasked",
        8,
        "services/note_desk.py",
        "        if first.first_tried_at is None:\n            return taken\n",
        "        if first:\n            return taken\n",
        ("tests/services/test_notes.py",),
    ),
    Breakage(
        "an answer does not stop chasing",
        9,
        "services/replies.py",
        "    if holds:\n        reply_work.begin",
        "    if not holds:\n        reply_work.begin",
        ("tests/services/test_replies.py",),
    ),
    Breakage(
        "a webhook is acknowledged although it could not be stored",
        10,
        "webhooks/xero.py",
        "    except Unavailable:\n        return _answer(503)",
        "    except Unavailable:\n        return _answer(200)",
        ("tests/webhooks/test_xero.py",),
    ),
    Breakage(
        "a webhook with any signature is taken",
        10,
        "webhooks/xero.py",
        "        right |= hmac.compare_digest(made, given)",
        "        right |= bool(made)",
        ("tests/webhooks/test_xero.py",),
    ),
    Breakage(
        "what changes while the ledger is read is missed",
        11,
        "services/mirror/slices.py",
        "_OVERLAP = timedelta(minutes=5)",
        "_OVERLAP = timedelta(minutes=-30)",
        (
            "tests/services/test_mirror_sweep.py",
            "tests/services/test_mirror_walk.py",
            "tests/services/test_mirror_import.py",
        ),
    ),
    Breakage(
        "the database's owner is not held by row security",
        13,
        "store/row_security.py",
        '        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n',
        "",
        ("tests/store/test_row_security.py",),
    ),
    Breakage(
        "tokens are renewed without the lease",
        14,
        "services/tokens.py",
        "        if not queries.take_lease(session, row.id, row.version, holder, clock.now(), _LEASE_SECONDS):\n"
        "            return False\n",
        "        queries.take_lease(session, row.id, row.version, holder, clock.now(), _LEASE_SECONDS)\n",
        ("tests/services/test_tokens.py",),
    ),
    Breakage(
        "sweeps use up what checks before sending need",
        15,
        "integration/xero/governor.py",
        "day_share_spared=0.4)",
        "day_share_spared=0.0)",
        ("tests/integration/xero/test_governor.py",),
    ),
    Breakage(
        "a kill switch that is not looked at before the hand-over",
        18,
        "services/brakes.py",
        '    if organisation.chasing != "live":\n        return None\n    stopping =',
        "    if organisation.chasing:\n        return None\n    stopping =",
        ("tests/services/test_kill_switches.py",),
    ),
    Breakage(
        "no daily cap",
        19,
        "services/brakes.py",
        "    if last is None or last <= sending.day_before(now):",
        "    if last is None or last:",
        ("tests/services/test_brakes.py",),
    ),
    Breakage(
        "a run of any size",
        20,
        "credit_control/brakes.py",
        "    if total <= limit:",
        "    if total >= 0:",
        ("tests/credit_control/test_brakes.py", "tests/services/test_brakes.py"),
    ),
    Breakage(
        "a mirror of any age",
        21,
        "credit_control/brakes.py",
        "    if now - synced_at <= OLDEST_MIRROR:",
        "    if synced_at:",
        ("tests/credit_control/test_brakes.py", "tests/services/test_brakes_books.py"),
    ),
    Breakage(
        "books that nobody keeps up",
        21,
        "credit_control/brakes.py",
        "    if last_sign and (today - last_sign).days <= limit:",
        "    if limit:",
        ("tests/credit_control/test_brakes.py",),
    ),
    Breakage(
        "a text written for one mail leaves whatever it is about now",
        34,
        "services/own_text.py",
        "    if text.set_aside or not _same(text.about, now := about(book, message)):",
        "    if text.set_aside and not _same(text.about, now := about(book, message)):",
        ("tests/services/test_own_text.py",),
    ),
    Breakage(
        "forms without a token are taken",
        23,
        "web/__init__.py",
        "csrf = CSRFProtect(app)",
        "csrf = CSRFProtect()",
        ("tests/hostile/test_every_answer.py", "tests/web/test_security.py"),
    ),
    Breakage(
        "an exception's own words are logged",
        25,
        "kit/log.py",
        'words.append(f"{type(found).__module__}.{type(found).__qualname__} ({_places(found)})")',
        'words.append(f"{type(found).__module__}.{type(found).__qualname__} {found} ({_places(found)})")',
        ("tests/hostile/test_logs.py",),
    ),
    Breakage(
        "an organisation filter is missing in a query",
        13,
        "store/queries/api.py",
        "    statement = select(Contact).where(Contact.organisation_id == organisation_id)",
        "    statement = select(Contact)",
        ("tests/hostile/test_tenants.py",),
    ),
    Breakage(
        "a text leaves in the customer's night",
        35,
        "credit_control/decide.py",
        "timing = replace(timing, slot=allowed)",
        "allowed = timing.slot",
        ("tests/credit_control/test_text_hours.py",),
    ),
    Breakage(
        "whoever says STOP gets the next text",
        35,
        "services/text_news.py",
        'if fields.get("OptOutType") == "STOP" or "".join(words) in _STOP:',
        'if fields.get("OptOutType") == "STOP":',
        ("tests/services/test_texts.py",),
    ),
    Breakage(
        "mails of a failing sender leave",
        32,
        "services/senders.py",
        "    if row.state == FAILING:",
        "    if row.state == PROVIDER:",
        ("tests/services/test_senders.py", "tests/services/test_sending_domains.py"),
    ),
    Breakage(
        "an answer is passed on by a sender that died, and by another",
        33,
        "services/forwards.py",
        "        row.handed_over_at = now",
        "        row.handed_over_at = None",
        ("tests/services/test_forwards.py",),
    ),
    Breakage(
        "an answer of a robot is passed on to the sender",
        33,
        "services/replies.py",
        "    if letter.automatic:",
        "    if letter.automatic is None:",
        ("tests/services/test_forwards.py",),
    ),
    Breakage(
        "a colleague's answer is not marked before it is handed over",
        44,
        "services/answers_out.py",
        "        row.handed_over_at = now",
        "        row.handed_over_at = None",
        ("tests/services/test_answers.py",),
    ),
    Breakage(
        "nobody is reminded of a reply that waits",
        45,
        "services/reply_reminders.py",
        "        if due_on < today and",
        "        if due_on > today and",
        ("tests/services/test_reply_reminders.py",),
    ),
    Breakage(
        "customers are written to more often than their country allows",
        46,
        "credit_control/contacting.py",
        "if len(days) >= rule.most else date.min",
        "if len(days) > rule.most + 99 else date.min",
        ("tests/credit_control/test_contacting.py",),
    ),
)
