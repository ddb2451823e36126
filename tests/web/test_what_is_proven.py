"""Whatever gives somebody access, or ends it, asks once more who one is. Every form of that kind is found, also new ones."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from services.app import App
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast, fill
from tests.support.visitor import Visitor
from tests.web.door_stage import AtTheDoor
from web.proving import RECENT

_OF_THE_KIND = re.compile(
    r"/(team|api-tokens|accountants|account|practices|invitations|connect|disconnect|your-data|"
    r"staff|clients|invite-client|asks|enable|shared-links|data)(/|$)"
)
_WITHOUT = {
    "account.rename": "a name opens nothing",
    "account.rename_passkey": "a name opens nothing",
    "account.sign_out_elsewhere": "ends sessions, and opens nothing",
    "accountants.withdraw": "a question that nobody has answered opens nothing yet",
    "connect.enable": "comes straight from the ledger's own page on which access is given",
    "customer_rights.export": "makes the file; to fetch it takes a proof",
    "person_rights.export": "makes the file; to fetch it takes a proof",
    "customer_rights.hold": "keeps what there is, and opens nothing",
    "account.language": "in which language one reads opens nothing",
    "customer_rights.restrict": "who is written to opens nothing",
    "data_rights.days": "when something is deleted after a disconnection; nothing is yet",
    "data_rights.export": "makes the file; to fetch it takes a proof",
    "invited.passkey": "makes the way in of a newcomer",
    "invited.passkey_options": "makes the way in of a newcomer",
    "invited.password": "makes the way in of a newcomer",
    "no_digest.end_clients": "ends a mail to oneself, by the link in it",
    "practice_clients.decline": "a no opens nothing",
    "practice_clients.level": "the practice's word for what it does opens nothing",
    "practice_sets.give_back": "schedules and texts open nothing",
    "practices.make": "a new practice has no clients",
    "practices.withdraw": "an invitation that nobody has taken opens nothing yet",
    "team.withdraw": "an invitation that nobody has taken opens nothing yet",
}
"""Forms of the kind that need no proof, each with why."""


def forms(web: Flask) -> list[Rule]:
    return [
        rule
        for rule in web.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and not rule.rule.startswith("/api/")
        and _OF_THE_KIND.search(rule.rule)
    ]


def test_every_form_that_gives_or_ends_access_asks_who_one_is(visitor: Visitor) -> None:
    without = {
        rule.endpoint
        for rule in forms(visitor.app)
        if not vars(visitor.app.view_functions[rule.endpoint]).get("proven")
    }
    assert without == set(_WITHOUT)


@pytest.fixture
def practice(dunnock: App, stage: Cast) -> PracticeCast:
    return fill(dunnock.database, stage)


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        ("owner", "/organisations/{client}/accountants", {"email": "adele@ledgerandco.example"}),
        ("owner", "/organisations/{client}/accountants/{practice}/end", {}),
        (
            "admin",
            "/practice/{practice}/staff",
            {"email": "new@ledgerandco.example", "role": "practice_admin"},
        ),
        ("admin", "/practice/{practice}/staff/{staff}", {"role": "practice_admin"}),
        ("admin", "/practice/{practice}/staff/{staff}/remove", {}),
        ("admin", "/practice/{practice}/invite-client", {"email": "new@client.example"}),
        ("admin", "/practice/{practice}/clients", {"client": "{client}"}),
        ("admin", "/practice/{practice}/clients/{client}/end", {}),
        ("admin", "/practice/{practice}/enable", {"client": "{client}", "to": "dry_run"}),
        ("owner", "/invitations/some-secret/accept", {"chosen": "{client}"}),
    ],
)
def test_each_of_these_waits_for_a_proof(
    visitor: Visitor, stage: Cast, practice: PracticeCast, who: str, path: str, fields: dict[str, str]
) -> None:
    names = {"client": practice.client_id, "practice": practice.practice_id, "staff": practice.staff_id}
    member = visitor.signed_in_as(practice.admin_id if who == "admin" else stage.owner_id)
    AtTheDoor(member.client).age(RECENT.total_seconds() + 1)
    answer = member.press(path.format(**names), **{key: word.format(**names) for key, word in fields.items()})
    assert (answer.status_code, answer.location) == (303, "/prove")
