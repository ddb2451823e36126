"""The API of one process, with the standing cast behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kit import clock, settings
from kit.ids import derived_id
from services import api_tokens, replays
from services.app import App
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from store.models import (
    ApiToken,
    Brake,
    ClaimLetter,
    Communication,
    Contact,
    CreditProposal,
    DataExport,
    EventEndpoint,
    Hold,
    Invitation,
    PaymentPlan,
    Template,
    TemplateVersion,
)
from tests.support import cast, kept
from tests.support.mirrored import default_sender
from web import assemble
from web.api import api as blueprint


@dataclass(frozen=True)
class Api:
    """The API as the holder of one token sees it."""

    app: App
    cast: cast.Cast
    client: FlaskClient
    token: str

    def as_(self, role: str, organisation_id: str | None = None) -> Api:
        """The same with a token of another role, or of another organisation."""
        token = api_tokens.create(self.app, organisation_id or self.cast.organisation_id, role)
        return replace(self, token=token)

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **query: Any) -> Any:
        """The body of an answer that must be 200."""
        answer = self.call("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any, key: str | None = None) -> TestResponse:
        return self.call("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def walk(self, path: str, limit: int, **query: Any) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        page = self.get(path, limit=limit, **query)
        while True:
            assert len(page["items"]) <= limit
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            page = self.get(path, limit=limit, cursor=page["next_cursor"], **query)


@pytest.fixture
def start(database_url: str) -> Iterator[Callable[..., App]]:
    """Starts the parts of a process on the test's database, with Redis at an address, and these settings beside."""
    started: list[App] = []

    def begin(redis_url: str, **more: str) -> App:
        app = App(
            settings.load(
                {
                    "DATABASE_URL": database_url,
                    "REDIS_URL": redis_url,
                    "SECRET_KEY": "s" * 40,
                    "TOKEN_KEYS": "k" * 40,
                    **more,
                }
            )
        )
        started.append(app)
        return app

    yield begin
    for app in started:
        app.database.close()


def _brake(app: App, organisation_id: str) -> None:
    """A brake of long ago that still waits for a person."""
    with app.database.write(organisation_id) as session:
        session.add(
            Brake(
                organisation_id=organisation_id,
                id=derived_id("brake"),
                kind="surge",
                reason="Today’s run would come to 61 chasers.",
                imposed_at=clock.now() - timedelta(days=2),
                imposed_by="Dunnock",
            )
        )


def leave_one_out(api: Api) -> None:
    """A chaser that somebody has left out, so that it can be left out again."""
    app, filled = api.app, api.cast
    with app.database.write(filled.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=filled.organisation_id, id=derived_id("left out"), direction="out",
                channel="email", kind="chaser", status="cancelled", reason="Left out by Anna Hale: they have rung",
                contact_id=filled.contact_id, created_at=clock.now(),
            )
        )  # fmt: skip


def one_not_known(api: Api) -> None:
    """A mail whose provider did not say whether it took it."""
    app, filled = api.app, api.cast
    with app.database.write(filled.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=filled.organisation_id, id=derived_id("not known"), direction="out",
                channel="email", kind="chaser", status="unknown", reason="The mail provider gave no answer.",
                contact_id=filled.contact_id, handed_over_at=clock.now(), created_at=clock.now(),
            )
        )  # fmt: skip


def for_every_route(api: Api) -> None:
    """What every route needs once, so that it can do what it is for."""
    leave_one_out(api)
    one_not_known(api)
    with api.app.database.write(api.cast.organisation_id) as session:
        set_terms(
            session, api.cast.organisation_id, api.cast.contact_id, Agreed(None), kind=Kind.COMPANY,
            longer_term_fair=False, by="Anna Hale", now=clock.now(),
        )  # fmt: skip
        session.add_all(claim_letter(api.cast, status) for status in ("made", "approved"))
        session.add(handed_over(api.cast))
        session.add(owes_nothing(api.cast))
        session.add_all(credit_proposal(api.cast, kind) for kind in ("schedule", "limit"))
        plan = session.get_one(PaymentPlan, (api.cast.organisation_id, derived_id("plan")))
        columns = {one.name: getattr(plan, one.name) for one in PaymentPlan.__table__.columns}
        session.add(PaymentPlan(**columns | {"id": derived_id("plan", "running"), "state": "running"}))


def claim_letter(filled: cast.Cast, status: str) -> ClaimLetter:
    """A letter before action of today, about the one invoice."""
    today = clock.now().date()
    return ClaimLetter(
        organisation_id=filled.organisation_id, id=derived_id("letter", status), contact_id=filled.contact_id,
        status=status, dated=today, deadline=today + timedelta(days=14), created_by="Anna Hale",
        created_at=clock.now(), approved_by="Anna Hale" if status == "approved" else None,
        approved_at=clock.now() if status == "approved" else None,
        content={
            "name": "Bellwether Books", "individual": False, "address": ["1 High Street"], "own_address": ["2 Mill Lane"],
            "agreement": "Your order of 1 March.", "how_to_pay": "To 11-22-33.",
            "invoices": [{"id": filled.invoice_id, "row": ["INV-1", "", "", "", "", ""]}], "lines": [],
            "owed": ["GBP 1,240.00"], "together": ["GBP 1,240.00"], "law": "", "enclosures": [], "source": "a rule",
            "doubt": "", "doubts": [], "days": 14,
        },
    )  # fmt: skip


def credit_proposal(filled: cast.Cast, kind: str) -> CreditProposal:
    """Another schedule, or a lower limit than a thousand pounds, that waits for a yes or no."""
    of_limit = kind == "limit"
    return CreditProposal(
        organisation_id=filled.organisation_id, id=derived_id("credit proposal", kind), contact_id=filled.contact_id,
        kind=kind, currency="GBP" if of_limit else "", amount=Decimal(500) if of_limit else None,
        before=Decimal(1000) if of_limit else None, why="High from 31.2 points", made_at=clock.now(), state="waits",
        schedule_id=None if of_limit else derived_id("schedule", filled.organisation_id, "Firm"),
    )  # fmt: skip


def owes_nothing(filled: cast.Cast) -> Contact:
    """A customer without an invoice, whom nothing keeps from being erased."""
    return Contact(
        organisation_id=filled.organisation_id, id=derived_id("owes nothing"), ledger_id="owes-nothing", name="Foxglove Fabrics",
        persons=[], status="ACTIVE", updated_at=clock.now(), fingerprint="",
    )  # fmt: skip


def handed_over(filled: cast.Cast) -> Hold:
    """The customer is with an agency already."""
    return Hold(
        organisation_id=filled.organisation_id, id=derived_id("handed over"), contact_id=filled.contact_id,
        kind="person", reason="Handed over to Firm & Fair", created_by="Anna Hale", created_at=clock.now(),
    )  # fmt: skip


def _sender(app: App, organisation_id: str) -> None:
    """A sender with a mailbox whose password nobody can read any more, so that nothing is asked of it."""
    mailbox = {"host": "smtp.hedgerow.example", "port": 587, "security": "starttls", "user": "anna"}
    with app.database.write(organisation_id) as session:
        session.add(
            default_sender(
                organisation_id,
                "Anna Hale",
                "anna@hedgerow.example",
                id=derived_id("sender", organisation_id),
                way="mailbox",
                mailbox={**mailbox, "daily_limit": 400},
                secret_cipher="-",
            )
        )


def _invited(app: App, organisation_id: str) -> None:
    """Somebody who has not said yes yet, and a program with a key."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        session.add(
            Invitation(
                id=derived_id("invitation", organisation_id), kind="member", organisation_id=organisation_id,
                email="bea@hedgerow.example", role="chaser", invited_by="Anna Hale", token_digest="-", created_at=now,
                expires_at=now + timedelta(days=7),
            )
        )  # fmt: skip
        session.add(
            ApiToken(
                organisation_id=organisation_id, id=derived_id("api token", organisation_id), digest="-",
                role="read_only", name="CRM", created_by="Anna Hale", created_at=now,
            )
        )  # fmt: skip


def _endpoint(app: App, organisation_id: str) -> None:
    """An address to which events could be sent, and are not."""
    with app.database.write(organisation_id) as session:
        session.add(
            EventEndpoint(
                organisation_id=organisation_id, id=derived_id("endpoint"), url="https://crm.example.com/dunnock",
                groups=[], secret_cipher=app.secrets.encrypt("secret"), state="off", position=0, attempts=0,
                next_try_at=clock.now(), created_by="Anna Hale", created_at=clock.now(),
            )
        )  # fmt: skip


def _export(app: App, organisation_id: str) -> None:
    """An export that is ready, and of nothing."""
    with app.database.write(organisation_id) as session:
        session.add(
            DataExport(
                organisation_id=organisation_id, id=derived_id("export"), state="ready", asked_by="Anna Hale",
                asked_at=clock.now(), ready_at=clock.now(), expires_at=clock.now() + timedelta(days=7),
            )
        )  # fmt: skip


def _unused_template(app: App, organisation_id: str) -> None:
    """A text that no schedule sends."""
    key = {"organisation_id": organisation_id}
    with app.database.write(organisation_id) as session:
        template = Template(**key, id=derived_id("unused", organisation_id), key="unused", name="Unused")
        session.add(template)
        session.flush()
        version = TemplateVersion(
            **key, id=derived_id("unused version"), template_id=template.id, language="en", number=1,
            subject="Hello", body="Hello", created_at=clock.now(),
        )  # fmt: skip
        session.add(version)


@pytest.fixture
def api(start: Callable[..., App], redis_url: str) -> Api:
    """The API for an owner of the joinery, whose ledger is imported and whose chasing is off."""
    return furnished(start(redis_url))


def furnished(app: App) -> Api:
    """The same on an empty database, with something behind every address."""
    filled = kept.stage(app.database, "api", lambda: _fill(app))
    replays.ask(
        app, filled.organisation_id, derived_id("schedule", filled.organisation_id, "Standard"), "Anna"
    )
    client = assemble(app, blueprint).test_client()
    return Api(app, filled, client, api_tokens.create(app, filled.organisation_id, "owner"))


def _fill(app: App) -> cast.Cast:
    filled = cast.fill(app.database)
    for furnish in (_brake, _unused_template, _endpoint, _export, _invited, _sender):
        furnish(app, filled.organisation_id)
    return filled


def jobs(redis_url: str) -> set[str]:
    """The jobs that were rung for."""
    connection = redis.Redis.from_url(redis_url, decode_responses=True)
    rung = {str(key).split(":")[1] for key in connection.scan_iter("bell:*")}
    connection.close()
    return rung
