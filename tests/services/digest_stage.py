"""What tests of the weekly digest share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from kit import clock
from kit.ids import new_id
from services import notices
from services.digest import sending, wishes
from store.models import (
    InternalNotice,
    Membership,
    Person,
    WeeklyDigest,
)
from tests.support.chasing import MONDAY, Chasing, chasing

SEVEN = MONDAY.replace(hour=7)
SUNDAY = SEVEN - timedelta(days=1)


@contextmanager
def on_sunday(database_url: str, folder: Path) -> Iterator[Chasing]:
    """On a Sunday, with two colleagues: Anna wants the digest, Ben does not."""
    with chasing(
        database_url, folder, now=SUNDAY, secret_key="a secret of this installation, long enough"
    ) as org:
        org.change(imported_at=clock.now(), synced_at=clock.now())
        wants(org, colleague(org, "Anna Hale"))
        colleague(org, "Ben Okafor")
        yield org


def colleague(org: Chasing, name: str, role: str = "owner", language: str | None = None) -> str:
    person_id, email = new_id(), f"{name.split(maxsplit=1)[0].lower()}@hedgerow.example"
    with org.app.database.write_across() as session:
        session.add(
            Person(
                id=person_id, subject=name, email=email, name=name, language=language, created_at=clock.now()
            )
        )
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id=person_id, role=role))
    return person_id


def wants(org: Chasing, person_id: str, *, wanted: bool = True) -> None:
    wishes.change(org.app, org.organisation_id, person_id, wanted=wanted)


def due(org: Chasing) -> bool:
    return sending.due(org.app) == [org.organisation_id]


def work(org: Chasing) -> None:
    """The morning's work, with the mail provider in memory."""
    sending.write(org.app, org.organisation_id, clock.now())
    notices.send_with(org.app, org.organisation_id, org.mailer)


def told(org: Chasing) -> list[InternalNotice]:
    return [one for one in org._all(InternalNotice) if one.kind == "weekly"]


def asked(org: Chasing) -> list[WeeklyDigest]:
    with org.app.database.read(org.organisation_id) as session:
        return list(session.query(WeeklyDigest))


def the_mail(org: Chasing) -> str:
    """Monday's mail to Anna, with plain spaces."""
    org.move_to(SEVEN)
    work(org)
    (mail,) = org.mailer.taken
    return mail.text.replace("\xa0", " ")


def section(text: str, title: str) -> list[str]:
    """The lines below a title."""
    found = [part for part in text.split("\n\n") if part.startswith(f"{title} (")]
    return found[0].splitlines()[1:] if found else []


def people(org: Chasing) -> list[Person]:
    with org.app.database.read_across() as session:
        return list(session.query(Person))
