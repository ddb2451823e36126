"""Links to account pages in the wrong hands: nothing but the very link that was sent opens anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from kit.crypto import digest
from kit.ids import new_id
from services import account_links
from services.app import App
from store.models import AccountLink, AccountPages, Contact, Organisation
from store.queries import account_pages
from tests.support.chasing import chasing
from tests.support.debtor import FROM_HERE, SECRET, Debtor, debtor, link_in, said, set_anew
from web import create_app


@pytest.fixture
def ann(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[Debtor]:
    with debtor(database_url, tmp_path, redis_url) as found:
        yield found


def change(ann: Debtor, model: type, **values: object) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        session.execute(update(model).values(**values))


CODE = "A" * 22
WRONG: dict[str, Callable[[str], str]] = {
    "cut short": lambda code: code[:-1],
    "made longer": lambda code: code + "A",
    "another sign": lambda code: code[:5] + ("x" if code[5] != "x" else "y") + code[6:],
    "another case": str.swapcase,
    "made up": lambda _: CODE,
    "a path": lambda code: f"../a/{code}x",
    "percent": lambda code: f"{code}%00",
    "its digest": digest,
}


@pytest.mark.parametrize("how", WRONG)
def test_a_code_that_is_not_the_very_one_opens_nothing(ann: Debtor, how: str) -> None:
    code = ann.path.removeprefix("/a/")
    answer = ann.web.test_client().get(f"/a/{WRONG[how](code)}")
    assert answer.status_code == 404, how
    for secret in ("INV-1", "Bellwether", "Fake Ltd", "anna@fake.example", ann.org.organisation_id):
        assert secret not in answer.text


@given(st.text(max_size=40))
def test_no_code_is_found_by_what_it_looks_like(made_up: str) -> None:
    assert made_up == CODE or not account_links._CODE.fullmatch(made_up) or len(made_up) == 22


def test_a_withdrawn_link_shows_nothing_and_sends_no_fresh_one(ann: Debtor) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        account_pages.revoke(
            session, ann.org.organisation_id, ann.link().contact_id, "Anna Hale", ann.link().created_at
        )
    for page in ("", "/pay", "/genuine", "/tell/paid", "/statement.pdf"):
        answer = ann.get(page)
        assert (
            answer.status_code == 410 and "INV-1" not in answer.text and "It was withdrawn." in said(answer)
        )
    assert "Send a fresh link" not in ann.get().text


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Contact, {"merged_into": "somebody else"}),
        (Contact, {"status": "GDPRREQUEST"}),
        (Contact, {"status": "ARCHIVED"}),
        (Organisation, {"connection": "disconnected"}),
    ],
)
def test_of_whom_nothing_may_be_shown_any_more_nothing_is_shown(
    ann: Debtor, model: type, values: dict[str, object]
) -> None:
    token = ann.token("/tell/message")
    change(ann, model, **values)
    answer = ann.get()
    assert answer.status_code == 410 and "write to anna@fake.example" in said(answer)
    assert "INV-1" not in answer.text and "Bellwether" not in answer.text
    assert ann.tell("message", token=token, text="Hello").status_code == 410


def test_switched_off_the_links_show_nothing(ann: Debtor) -> None:
    with ann.org.app.database.write(ann.org.organisation_id) as session:
        session.add(AccountPages(organisation_id=ann.org.organisation_id, offered=False))
    assert ann.get().status_code == 410


def test_nothing_is_kept_learnt_or_framed_and_no_cookie_is_set(ann: Debtor) -> None:
    for page in (
        "",
        "/pay",
        "/genuine",
        "/tell",
        "/tell/paid",
        "/statement.pdf",
        "/nothing",
        "/tell/nothing",
    ):
        answer = ann.get(page)
        headers = answer.headers
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store", page
        assert "noindex" in headers["X-Robots-Tag"] and headers["X-Frame-Options"] == "DENY"
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in headers
        if answer.content_type == "application/pdf":
            continue
        assert "<script" not in answer.text and "style=" not in answer.text
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text), page


def test_a_form_of_one_link_is_worth_nothing_by_another(
    ann: Debtor, database_url: str, tmp_path: Path
) -> None:
    """Two mails, two links; what one page has shown cannot be sent by the other."""
    other = ann.org.customer("Other Ltd", "other@elsewhere.example")
    ann.org.invoice(other, "INV-9", 3)
    ann.org.mirror()
    ann.org.plan()
    ann.org.send()
    (mail,) = [one for one in ann.org.mailer.taken if one.to == ("other@elsewhere.example",)]
    theirs = replace(ann, path=link_in(mail.text))
    assert "INV-9" in theirs.words() and "INV-1 " not in theirs.words() and "INV-9" not in ann.words()
    answer = theirs.tell("message", token=ann.token("/tell/message"), text="Hello")
    assert answer.status_code == 422
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    assert theirs.get(f"/invoices/{invoice}.pdf").status_code == 404
    assert theirs.tell("paid", which=invoice, paid_on="2026-11-13").status_code == 422
    assert theirs.tell("wrong", which_one=invoice, reason="x").status_code == 422


def test_two_organisations_that_look_alike_keep_apart(ann: Debtor, database_url: str, tmp_path: Path) -> None:
    with chasing(database_url, tmp_path, tenant_id="twin") as twin:
        set_anew(twin, secret_key=SECRET)
        twin.one_due()
        twin.send()
        (mail,) = twin.mailer.taken
        assert link_in(mail.text) != ann.path
        theirs = Debtor(twin, ann.web, link_in(mail.text))
        invoice = twin.id_of(next(iter(twin.ledger.invoice_book)))
        assert theirs.get(f"/invoices/{invoice}.pdf").status_code == 200
        assert ann.get(f"/invoices/{invoice}.pdf").status_code == 404
        assert twin.organisation_id != ann.org.organisation_id


def test_links_go_on_working_when_the_secret_changes_and_forms_do_not(ann: Debtor) -> None:
    token = ann.token("/tell/message")
    changed = App(replace(ann.org.app.settings, secret_key="another secret that is long enough"))
    later = replace(ann, web=create_app(changed))
    assert "INV-1" in later.words()
    assert later.tell("message", token=token, text="Hello").status_code == 422
    changed.database.close()


def test_the_code_itself_is_stored_nowhere_but_in_the_mail(ann: Debtor) -> None:
    code = ann.path.removeprefix("/a/")
    with ann.org.app.database.read(ann.org.organisation_id) as session:
        row = session.get_one(AccountLink, (ann.org.organisation_id, ann.org.only_chaser().id))
        assert code not in (row.digest, row.communication_id) and row.digest == digest(code)


def test_a_code_follows_from_the_secret_and_from_all_that_it_names(ann: Debtor) -> None:
    settings = ann.org.app.settings
    named = [new_id() for _ in range(3)]
    codes = {account_links._code(settings, *named)}
    codes |= {account_links._code(settings, *named[:i], new_id(), *named[i + 1 :]) for i in range(3)}
    codes.add(account_links._code(replace(settings, secret_key="another"), *named))
    assert len(codes) == 5 and all(len(code) == 22 for code in codes)


def test_whoever_asks_for_a_fresh_link_learns_nothing(ann: Debtor) -> None:
    ann.org.shift(days=100)
    answers = [
        ann.web.test_client().post(f"{path}/fresh", headers=FROM_HERE)
        for path in (ann.path, f"/a/{CODE}", "/a/x")
    ]
    assert len({said(answer) for answer in answers}) == 1 and {one.status_code for one in answers} == {200}


def test_guessing_is_slowed_down(ann: Debtor) -> None:
    codes = {ann.web.test_client().get(f"/a/{number:022}").status_code for number in range(250)}
    assert codes == {404, 429}


@pytest.mark.parametrize("field", ["text", "name"])
def test_whatever_is_typed_stays_words(ann: Debtor, field: str) -> None:
    evil = "<script>alert(1)</script>{{ 7*7 }}\x00\u202e\"'><img src=x onerror=alert(1)>"
    answer = ann.tell("message", **{"text": "Hello", field: evil, "form": "x"}, token="x")  # none at all
    assert answer.status_code == 422
    assert "<script>" not in answer.text and "<img" not in answer.text and "49" not in said(answer)
