"""One weekly mail about all clients of a practice: when it leaves, to whom, what it says, and how it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from integration.email.mailer import Mail, MailPostponed, MailRefused, MailUnsure
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services.digest import practice_sending, practice_wishes, wishes
from store.models import Organisation, Person, Practice, PracticeClient, PracticeMember, PracticeMemberClient
from store.queries import digests
from tests.support.chasing import MONDAY, Chasing, chasing
from tests.support.mirrored import add_organisation
from tests.support.paid_book import add_contact, add_invoice

SEVEN = MONDAY.replace(hour=7)
"""By the clocks of London, in winter."""
SUNDAY = SEVEN - timedelta(days=1)


class Stage:
    """A practice with two clients, and Stan, who sees the first of them alone; on a Sunday."""

    def __init__(self, org: Chasing) -> None:
        self.org, self.app = org, org.app
        self.first, self.second = org.organisation_id, add_organisation(org.app, "second")
        self.practice_id, self.taken = new_id(), list[Mail]()
        now = clock.now()
        with self.app.database.write_across() as session:
            for key, name in ((self.first, "Hedgerow Joinery"), (self.second, "Second & Sons")):
                one = session.get_one(Organisation, key)
                one.name, one.imported_at, one.synced_at, one.connection = name, now, now, "connected"
            session.add(Practice(id=self.practice_id, name="Ledger & Co", created_by="Adele", created_at=now))
            session.flush()
            for key in (self.first, self.second):
                session.add(
                    PracticeClient(
                        organisation_id=key, id=new_id(), practice_id=self.practice_id, consent_by="Anna",
                        consent_at=now, consent_words="Yes.", consent_how="entered", linked_by="Adele",
                    )
                )  # fmt: skip
        self.adele = self.colleague("Adele Admin", "practice_admin")
        self.stan = self.colleague("Stan Staff", "practice_staff")
        with self.app.database.write_across() as session:
            session.add(
                PracticeMemberClient(
                    organisation_id=self.first, practice_id=self.practice_id, person_id=self.stan
                )
            )

    def colleague(self, name: str, role: str, language: str | None = None) -> str:
        person_id, now = new_id(), clock.now()
        with self.app.database.write_across() as session:
            session.add(
                Person(
                    id=person_id, subject=name, email=f"{name.split(maxsplit=1)[0].lower()}@ledger.example", name=name,
                    language=language, created_at=now,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                PracticeMember(
                    practice_id=self.practice_id, person_id=person_id, role=role,
                    all_clients=role == "practice_admin", joined_at=now,
                )
            )  # fmt: skip
        return person_id

    def wants(self, person_id: str, zone: str | None = "Europe/London", **more: bool) -> None:
        practice_wishes.change(self.app, self.practice_id, person_id, zone=zone, **more)

    def due(self) -> list[str]:
        return [one.partition("-")[2] for one in practice_sending.due(self.app)]

    def work(self, mailer: object = None) -> None:
        for person_id in (self.adele, self.stan):
            practice_sending.work(self.app, f"{self.practice_id}-{person_id}", mailer or self)  # type: ignore[arg-type]

    def send(self, mail: Mail) -> str:
        """As a mail provider."""
        self.taken.append(mail)
        return "taken"

    def owes(self, organisation_id: str, name: str, amount: str, days: int, currency: str = "GBP") -> None:
        contact = add_contact(self.app, organisation_id, name)
        add_invoice(
            self.app, organisation_id, contact, clock.now().date() - timedelta(days), None, amount, currency
        )

    def monday(self) -> Mail:
        self.org.move_to(SEVEN)
        with self.app.database.write_across() as session:
            for one in session.query(Organisation):
                one.synced_at = clock.now()
        self.work()
        (mail,) = self.taken
        return mail


class Fails:
    """A mail provider that answers with an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, _mail: Mail) -> str:
        raise self.error


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with _stage(database_url, tmp_path) as stage:
        yield stage


@contextmanager
def _stage(database_url: str, folder: Path, key: str = "key") -> Iterator[Stage]:
    secret = "a secret of this installation, long enough"
    with chasing(database_url, folder, now=SUNDAY, secret_key=secret, sendgrid_api_key=key) as org:
        yield Stage(org)


def test_without_a_way_out_of_its_own_no_mail_about_several_clients_leaves(
    database_url: str, tmp_path: Path
) -> None:
    with _stage(database_url, tmp_path, key="") as stage:
        with pytest.raises(UserError, match="no mail provider of its own"):
            stage.wants(stage.adele)
        stage.wants(stage.adele, None)


def test_on_monday_at_seven_whoever_wants_it_gets_it_once(stage: Stage) -> None:
    stage.wants(stage.adele)
    assert stage.due() == []
    stage.org.move_to(SEVEN - timedelta(minutes=1))
    assert stage.due() == []
    stage.org.move_to(SEVEN)
    assert stage.due() == [stage.adele]
    stage.work()
    stage.work()
    assert [one.to for one in stage.taken] == [("adele@ledger.example",)]
    stage.org.move_to(SEVEN + timedelta(days=6, hours=16))
    assert stage.due() == []
    stage.org.move_to(SEVEN + timedelta(days=7))
    stage.work()
    assert len(stage.taken) == 2 and stage.taken[0].id != stage.taken[1].id


def test_it_is_seven_by_the_clocks_that_the_person_has_chosen(stage: Stage) -> None:
    stage.wants(stage.adele, "America/New_York")
    stage.org.move_to(SEVEN + timedelta(hours=4, minutes=59))
    assert stage.due() == []
    stage.org.move_to(SEVEN + timedelta(hours=5))
    assert stage.due() == [stage.adele]


def test_whoever_switches_it_on_after_that_moment_gets_the_next_one(stage: Stage) -> None:
    stage.org.move_to(SEVEN + timedelta(hours=1))
    stage.wants(stage.adele)
    assert stage.due() == []
    stage.org.move_to(SEVEN + timedelta(days=7))
    assert stage.due() == [stage.adele]


def test_two_schedulers_at_the_same_time_send_one(stage: Stage) -> None:
    stage.wants(stage.adele)
    stage.org.move_to(SEVEN)
    both = [Thread(target=stage.work) for _one in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(stage.taken) == 1


def test_a_provider_that_surely_took_nothing_is_asked_again_after_a_while(stage: Stage) -> None:
    stage.wants(stage.adele)
    stage.org.move_to(SEVEN)
    stage.work(Fails(MailPostponed("Too many at once.", 60.0)))
    assert stage.due() == []
    stage.org.shift(minutes=11)
    assert stage.due() == [stage.adele]
    stage.work()
    stage.work()
    assert len(stage.taken) == 1


@pytest.mark.parametrize("error", [MailUnsure("no answer"), MailRefused("no such mailbox")])
def test_what_may_have_left_or_is_refused_is_not_sent_again(stage: Stage, error: Exception) -> None:
    stage.wants(stage.adele)
    stage.org.move_to(SEVEN)
    stage.work(Fails(error))
    stage.org.shift(hours=1)
    assert stage.due() == []


def test_a_line_for_each_client_who_needs_somebody_first_with_its_change_and_link(stage: Stage) -> None:
    stage.owes(stage.second, "Heron Glass", "700.00", 3)
    stage.owes(stage.second, "Heron Glass Two", "100.00", 40)
    stage.owes(stage.second, "Heron Oslo", "50.00", 40, "NOK")
    with stage.app.database.write_across() as session:
        session.get_one(Organisation, stage.first).chasing = "live"
    stage.wants(stage.adele)
    text = stage.monday().text.replace("\xa0", " ")
    waits, rest = text.index("Who needs somebody"), text.index("Nothing waits for anybody")
    assert (
        waits
        < text.index("- Second & Sons: £800.00")
        < rest
        < text.index("- Hedgerow Joinery: nothing overdue")
    )
    assert "£700.00 more than a week ago" in text and "also NOK 50.00 overdue, as much as a week ago" in text
    assert "Overdue, not chased" in text
    assert f"/organisations/{stage.second}/today" in text and f"/organisations/{stage.first}/today" in text
    assert stage.taken[0].subject == "Ledger & Co: somebody is needed at 1 of 2 clients"
    assert "Second &amp; Sons" in stage.taken[0].html


def test_nobody_reads_of_a_client_that_they_do_not_see(stage: Stage) -> None:
    stage.wants(stage.stan)
    text = stage.monday().text
    assert "Hedgerow Joinery" in text and "Second & Sons" not in text and stage.second not in text


def test_a_client_whose_consent_has_ended_is_left_out_and_without_clients_nothing_leaves(
    stage: Stage,
) -> None:
    stage.wants(stage.stan)
    with stage.app.database.write_across() as session:
        for row in session.query(PracticeClient).filter_by(organisation_id=stage.first):
            row.ended_at = clock.now()
    stage.org.move_to(SEVEN)
    stage.work()
    assert stage.taken == [] and stage.due() == []


def test_whoever_has_left_the_practice_gets_none(stage: Stage) -> None:
    stage.wants(stage.adele)
    with stage.app.database.write_across() as session:
        session.get_one(PracticeMember, (stage.practice_id, stage.adele)).ended_at = clock.now()
    stage.org.move_to(SEVEN)
    assert stage.due() == []
    with pytest.raises(UserError, match="do not work for this practice"):
        stage.wants(stage.adele)


def test_it_is_in_the_language_of_the_person(stage: Stage) -> None:
    with stage.app.database.write_across() as session:
        session.get_one(Person, stage.adele).language = "de"
    stage.owes(stage.first, "Heron Glass", "1200.00", 3)
    stage.wants(stage.adele)
    text = stage.monday().text.replace("\xa0", " ")
    assert "Hallo Adele," in text and "1.200,00 £" in text


def test_it_leaves_by_no_clients_sender_and_says_how_it_ends(stage: Stage) -> None:
    stage.wants(stage.adele)
    mail = stage.monday()
    assert mail.organisation_id == "" and mail.mailbox is None and mail.from_email.startswith("dunnock@")
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert link in mail.text
    token = link.rsplit("/", 1)[1]
    assert practice_wishes.end(stage.app, token) == "Ledger & Co"
    stage.org.move_to(SEVEN + timedelta(days=7))
    assert stage.due() == []
    with pytest.raises(UserError, match="not a whole one"):
        practice_wishes.end(stage.app, token[:-2])


def test_it_takes_the_place_of_the_digests_of_single_clients_where_that_is_wanted(stage: Stage) -> None:
    wishes.change(stage.app, stage.first, stage.adele, wanted=True)
    wishes.change(stage.app, stage.first, stage.stan, wanted=True)
    stage.wants(stage.adele)
    assert singles(stage) == {stage.adele, stage.stan}
    stage.wants(stage.adele, end_singles=True)
    assert singles(stage) == {stage.stan}


def singles(stage: Stage) -> set[str]:
    with stage.app.database.read(stage.first) as session:
        return {one.person_id for one in digests.readers(session, stage.first)}


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc"])
def test_a_time_zone_that_there_is_none_of_is_refused(stage: Stage, zone: str) -> None:
    with pytest.raises(UserError, match="Choose the time zone"):
        stage.wants(stage.adele, zone)
