"""Changes of templates by several at once, and what becomes of a text that is no longer chosen."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kit import clock
from kit.errors import UserError
from kit.ids import derived_id
from services import templates
from services.mail_facts import TemplateText
from services.templates import Draft
from store.models import Template, TemplateVersion
from store.queries import templates as queries
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def draft(name: str = "First reminder", subject: str = "Mine", based_on: int | None = None) -> Draft:
    return Draft(name, "en", TemplateText(subject, "Hello,\n\n{{ invoice_table }}"), based_on=based_on)


def change(org: Chasing, one: Draft) -> None:
    with org.app.database.write(org.organisation_id) as session:
        key = derived_id("template", org.organisation_id, "first_reminder")
        template = session.get_one(Template, (org.organisation_id, key))
        templates.change(session, org.organisation_id, template, one, clock.now())


def subjects(org: Chasing) -> dict[int, str]:
    with org.app.database.read(org.organisation_id) as session:
        key = derived_id("template", org.organisation_id, "first_reminder")
        rows = session.query(TemplateVersion).filter_by(template_id=key, language="en")
        return {row.number: row.subject for row in rows}


def test_two_changes_at_once_become_two_versions(org: Chasing) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: change(org, draft(subject=f"Number {number}")), range(4)))
    found = subjects(org)
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert {found[number] for number in (2, 3, 4, 5)} == {f"Number {number}" for number in range(4)}


def test_of_two_that_began_from_the_same_version_the_second_is_told(org: Chasing) -> None:
    change(org, draft(subject="From Anna", based_on=1))
    with pytest.raises(UserError, match="it is version 2 now"):
        change(org, draft(subject="From Ben", based_on=1))
    assert subjects(org)[2] == "From Anna" and 3 not in subjects(org)


def test_a_mail_that_has_not_left_is_written_with_the_newest_text(org: Chasing) -> None:
    org.one_due()
    change(org, draft(subject="As Anna wants it"))
    org.send()
    (mail,) = org.mailer.taken
    assert mail.subject == "As Anna wants it"


def test_what_is_under_way_with_a_removed_text_still_gets_it(org: Chasing) -> None:
    """As an invoice does that keeps an older version of a schedule, in which the text still stood."""
    org.one_due()
    with org.app.database.write(org.organisation_id) as session:
        key = derived_id("template", org.organisation_id, "first_reminder")
        session.get_one(Template, (org.organisation_id, key)).removed_at = clock.now()
        session.flush()
        assert queries.template(session, org.organisation_id, key) is None
    org.send()
    (mail,) = org.mailer.taken
    assert "our books still show £100.00 open on it" in mail.text


def test_a_text_message_that_nobody_could_be_sent_is_not_kept(org: Chasing) -> None:
    def keep(body: str, most_segments: int) -> None:
        wanted = Draft("Long", "en", TemplateText("", body, "sms"), most_segments=most_segments)
        with org.app.database.write(org.organisation_id) as session:
            templates.create(session, org.organisation_id, wanted, clock.now())

    with pytest.raises(UserError, match="would travel in 5 segments, and at most 3 are allowed"):
        keep("word " * 150, 3)
    keep("word " * 150, 5)
