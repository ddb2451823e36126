"""Tables of the code whose words pages show by ``_(TABLE[key])``: all words in them are texts, so none is marked by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kit.settings import ROOT

TABLES: Final[dict[str, frozenset[str]]] = {
    "credit_control/contacting.py": frozenset({"NOUNS"}),
    "credit_control/no_mail.py": frozenset({"_BECAUSE"}),
    "credit_control/catch_up.py": frozenset({"PATTERNS"}),
    "services/audit_words.py": frozenset({"SUBJECTS", "ACTS", "COLUMNS", "VIA"}),
    "services/bulk.py": frozenset({"WORDS"}),
    "services/calls.py": frozenset({"OUTCOMES"}),
    "services/client_health.py": frozenset({"BRAKE_WORDS"}),
    "services/connection_story.py": frozenset({"_LANES"}),
    "services/data_rights/erasure.py": frozenset({"WHY"}),
    "services/data_rights/retention.py": frozenset({"PERIODS"}),
    "services/disputes.py": frozenset({"CATEGORIES", "OUTCOMES"}),
    "services/event_endpoints.py": frozenset({"GROUP_WORDS"}),
    "services/hold_titles.py": frozenset({"HELD_BECAUSE", "_TITLES"}),
    "services/interest.py": frozenset({"KIND_WORDS"}),
    "services/invitation_kinds.py": frozenset({"KINDS"}),
    "services/ledger_refusals.py": frozenset({"_TRIED", "_WHAT_TO_DO"}),
    "services/mail_facts.py": frozenset({"KINDS"}),
    "services/message_as_sent.py": frozenset({"REPORTED"}),
    "services/morning.py": frozenset({"_SEEMS"}),
    "services/note_rules.py": frozenset({"KINDS"}),
    "services/occasions/finding.py": frozenset({"NAMES"}),
    "services/occasions/switches.py": frozenset(
        {
            "SWITCHES",
            "_BROKEN_PROMISE",
            "_CONFIRMATION",
            "_DISPUTE_RESOLVED",
            "_INSTALMENT_DUE",
            "_INVOICE",
            "_PROMISE_DUE",
            "_STATEMENT",
            "_THANKS",
        }
    ),
    "services/plans_and_usage/usage.py": frozenset({"_CHANNELS"}),
    "services/practice_runs.py": frozenset({"TARGETS"}),
    "services/queue_actions.py": frozenset({"_TITLES"}),
    "services/roles.py": frozenset({"RIGHT_WORDS", "WORDS"}),
    "services/setting_up.py": frozenset({"TITLES"}),
    "services/setting_up_words.py": frozenset({"_CHOICES", "_DAYS"}),
    "services/timeline_events.py": frozenset({"RECORDS", "_PAID", "_CREDITS"}),
    "services/understanding/meanings.py": frozenset({"_WORDS"}),
    "web/errors.py": frozenset({"_PAGES"}),
    "web/forms.py": frozenset({"_WEEKDAYS"}),
    "web/limits.py": frozenset({"OF_PERSON", "NEW_PASSWORD", "RESET_MAIL", "INVITATIONS"}),
    "web/navigation.py": frozenset({"SECTIONS"}),
    "web/pages/calendar_forms.py": frozenset({"WEEKDAYS"}),
    "web/pages/calls.py": frozenset({"WHOSE"}),
    "web/pages/condition_rows.py": frozenset({"CHOICES"}),
    "web/pages/customer_list.py": frozenset({"COLUMNS"}),
    "web/pages/data_health.py": frozenset({"_TITLES"}),
    "web/pages/first_look.py": frozenset({"_WORDS"}),
    "web/pages/inbox.py": frozenset({"MEANINGS", "DRAFTS", "SETTLED", "_MATCHED", "_ALREADY"}),
    "web/pages/invoice_list.py": frozenset({"COLUMNS"}),
    "web/pages/late_payment_forms.py": frozenset({"ORGANISATIONS", "CUSTOMERS"}),
    "web/pages/list_asked.py": frozenset({"MARKS"}),
    "web/pages/outbox.py": frozenset({"_SHOWN"}),
    "web/pages/payment_plans.py": frozenset({"_BOUNDS"}),
    "web/pages/plan_form.py": frozenset({"RHYTHMS"}),
    "web/pages/practice_clients.py": frozenset({"_SHOWS"}),
    "web/pages/practice_work.py": frozenset({"_SHOWS"}),
    "web/pages/promises.py": frozenset({"_TABS"}),
    "web/pages/queue.py": frozenset({"_DONE"}),
    "web/pages/roles.py": frozenset({"ROLES"}),
    "web/pages/scopes.py": frozenset({"_ALL"}),
    "web/pages/tasks.py": frozenset({"_TITLES"}),
}
"""By the file, from the root of the repository."""
_ROLES: Final = frozenset({"owner", "manager", "chaser", "caller", "read-only"})
_NO_WORDS: Final = re.compile(r"^[a-z0-9_./:-]*$|^[A-Z_]+$|^[a-z_]+\.[a-z_. ]+$|^openid\b")


def words_in_tables(path: Path) -> Iterator[str]:
    """The words of the tables of a file, in their order; keys, and names of pages and settings, are none."""
    wanted = TABLES[str(path.relative_to(ROOT))]
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(statement, (ast.AnnAssign, ast.Assign)) or statement.value is None:
            continue
        named: list[ast.expr] = (
            [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
        )
        if any(isinstance(one, ast.Name) and one.id in wanted for one in named):
            yield from _words_of(statement.value)


def _words_of(table: ast.expr) -> Iterator[str]:
    keys = {id(key) for node in ast.walk(table) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(table):
        said = node.value if isinstance(node, ast.Constant) and id(node) not in keys else None
        if isinstance(said, str) and _is_words(said, table):
            yield said


def _is_words(text: str, table: ast.expr) -> bool:
    """One word in small letters is a word of a page only in a table of nothing but words."""
    if isinstance(table, ast.Dict) and all(isinstance(one, ast.Constant) for one in table.values):
        return bool(text)
    return _NO_WORDS.match(text) is None or text in _ROLES
