"""A Dunnock and a sandbox ledger that meet over HTTP, with one clock that can be moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from kit import clock
from kit.ids import new_id
from kit.settings import load
from sandbox.config import SandboxConfig
from sandbox.ledger import DEFAULT_USER_ID
from services import connection
from services.app import App
from store.models import Authorisation, Membership, Organisation, Practice, PracticeMember
from store.queries import connection as queries
from tests.integration.xero.consent import allow, new_organisation
from tests.support import practice_cast
from tests.support.sandbox import RunningSandbox, running_sandbox

CLAIMS = {"sub": "s-1", "xero_userid": DEFAULT_USER_ID, "email": "robin@hedgerow.example", "name": "Robin"}


@dataclass
class Stage:
    box: RunningSandbox
    app: App
    environ: dict[str, str]
    """The settings of ``app``, for other processes."""
    tenants: list[str] = field(default_factory=list)
    others: list[App] = field(default_factory=list)
    """What was pointed elsewhere, closed with the stage."""

    def organisation(self, name: str = "Acme", **content: object) -> str:
        """A new organisation in the ledger; its tenant id."""
        self.tenants.append(new_organisation(self.box, name, **content)["tenant_id"])
        return self.tenants[-1]

    def sign_in(self, *tenant_ids: str, **claims: str) -> str:
        """Somebody allows these organisations and signs in; the person's id."""
        return connection.sign_in(self.app, allow(self.box, *tenant_ids), {**CLAIMS, **claims}).id

    def connected(self, name: str = "Acme", **content: object) -> str:
        """A connected organisation's id."""
        tenant_id = self.organisation(name, **content)
        return connection.enable(self.app, self.sign_in(tenant_id), [tenant_id])[0]

    def role_of(self, person_id: str, organisation_id: str) -> str | None:
        """What somebody is as a member; None: they are none."""
        with self.app.database.read(organisation_id) as session:
            found = session.get(Membership, (organisation_id, person_id))
        return found.role if found else None

    def join(self, person_id: str, organisation_id: str, role: str) -> None:
        """Somebody is a member."""
        with self.app.database.write(organisation_id) as session:
            session.add(Membership(organisation_id=organisation_id, person_id=person_id, role=role))

    def work_for(self, person_id: str, organisation_id: str, role: str) -> None:
        """Somebody works for the organisation by a practice that has its consent."""
        now = clock.now()
        with self.app.database.write_across() as session:
            firm = Practice(id=new_id(), name="Ledger & Co", created_by="Robin", created_at=now)
            session.add(firm)
            session.flush()
            session.add(practice_cast.consent(firm.id, organisation_id, "Robin", now))
            session.add(
                PracticeMember(
                    practice_id=firm.id, person_id=person_id, role=role, all_clients=True, joined_at=now
                )
            )

    def row(self, organisation_id: str) -> Organisation:
        with self.app.database.read(organisation_id) as session:
            found = queries.organisation(session, organisation_id)
        assert found is not None
        return found

    def authorisation(self, organisation_id: str) -> Authorisation:
        return self.authorisation_row(self.row(organisation_id).authorisation_id or "")

    def authorisation_row(self, authorisation_id: str) -> Authorisation:
        with self.app.database.read_across() as session:
            found = queries.authorisation(session, authorisation_id)
        assert found is not None
        return found

    def change(self, organisation_id: str, **fields: object) -> None:
        with self.app.database.write(organisation_id) as session:
            row = queries.organisation(session, organisation_id)
            for name, value in fields.items():
                setattr(row, name, value)

    def change_authorisation(self, authorisation_id: str, **fields: object) -> None:
        with self.app.database.write_across() as session:
            row = queries.authorisation(session, authorisation_id)
            for name, value in fields.items():
                setattr(row, name, value)

    def later(self, **step: float) -> None:
        """Time passes for both: advance_seconds or advance_days."""
        assert self.box.post("/sandbox/clock", **step).status_code == 200

    def fault(self, answer: str, path: str, times: int = 1, method: str = "") -> None:
        match = {"path_prefix": path, "method": method}
        assert self.box.post("/sandbox/faults", match=match, answer=answer, times=times).status_code == 201

    def mend(self) -> None:
        """Faults are over."""
        requests.delete(f"{self.box.url}/sandbox/faults", timeout=10)

    def requests(self, path: str, method: str = "") -> list[dict[str, Any]]:
        """What the ledger was asked at addresses that begin so."""
        found: list[dict[str, Any]] = self.box.get("/sandbox/requests").json()
        return [one for one in found if one["path"].startswith(path) and method in one["method"]]

    def renewals(self) -> int:
        """How often a token set was renewed, the first exchange after each consent not counted."""
        return len(self.requests("/connect/token")) - len(
            self.requests("/identity/connect/authorize", "POST")
        )

    def connections(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.box.get("/sandbox/connections").json()
        return found

    def pointed_at(self, **changes: Any) -> App:
        """The same Dunnock with some settings changed."""
        self.others.append(App(replace(self.app.settings, **changes)))
        return self.others[-1]


@contextmanager
def stage(folder: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    clock_file = folder / "clock"
    with running_sandbox(SandboxConfig(clock_file=clock_file)) as box:
        environ = {
            "APP_ENV": "demo",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DEMO_CLOCK_FILE": str(clock_file),
            "SECRET_KEY": "s" * 40,
            "TOKEN_KEYS": "k" * 40,
            "XERO_CLIENT_ID": box.config.client_id,
            "XERO_CLIENT_SECRET": box.config.client_secret,
            "XERO_LOGIN_URL": box.url,
            "XERO_IDENTITY_URL": box.url,
            "XERO_API_URL": box.url,
        }
        app = App(load(environ))
        play = Stage(box, app, environ)
        yield play
        for one in (app, *play.others):
            one.database.close()
        app.redis.close()
