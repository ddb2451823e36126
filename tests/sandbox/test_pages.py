"""The pages of the pretend ledger and mailbox, as a person clicks through them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from sandbox.ledger import add_contact, add_invoice, add_note, add_organisation
from sandbox.records import Contact, Invoice
from sandbox.world import Organisation, World
from tests.sandbox.mail_receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def app(tmp_path: Path, receiver: Receiver) -> Iterator[Flask]:
    app = create_sandbox(
        SandboxConfig(
            clock_file=tmp_path / "clock",
            inbound_url=f"{receiver.url}/inbound",
            inbound_domain="reply.example",
        )
    )
    yield app
    app.extensions["sandbox_webhooks"].stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(app: Flask) -> World:
    made: World = app.extensions["sandbox_world"]
    return made


@pytest.fixture
def org(world: World) -> Organisation:
    return add_organisation(world, name="Our <Joinery>")


@pytest.fixture
def contact(world: World, org: Organisation) -> Contact:
    return add_contact(world, org, name="Alder & Co", email="pay@alder.example")


@pytest.fixture
def invoice(world: World, org: Organisation, contact: Contact) -> Invoice:
    today = world.now().date()
    return add_invoice(
        world,
        org,
        contact,
        number="INV-7",
        date=today - timedelta(days=40),
        due_date=today - timedelta(days=10),
        total=Decimal("1234.50"),
    )


@pytest.fixture
def address(org: Organisation, invoice: Invoice) -> str:
    return f"/ledger/{org.tenant_id}/invoices/{invoice.id}"


def send_mail(client: FlaskClient, reply_to: str = "r-1@reply.example") -> str:
    client.post(
        "/v3/mail/send",
        headers={"Authorization": "Bearer SG.sandbox"},
        json={
            "personalizations": [{"to": [{"email": "pay@alder.example", "name": "Martha"}]}],
            "from": {"email": "us@joinery.example"},
            "reply_to": {"email": reply_to},
            "subject": "About <INV-7>",
            "content": [
                {"type": "text/plain", "value": "Please see http://localhost:8000/pay/1 <b>"},
                {"type": "text/html", "value": "<p>Please</p><script>alert(1)</script>"},
            ],
            "attachments": [
                {"content": base64.b64encode(b"<b>").decode(), "filename": "a.html", "type": "text/html"}
            ],
        },
    )
    return str(client.get("/sandbox/mail").get_json()[-1]["id"])


def test_a_fresh_sandbox_offers_to_make_up_companies(client: FlaskClient) -> None:
    assert "Make up two companies" in client.get("/").text
    made = client.post("/company")
    assert made.status_code == 303
    page = client.get(made.location).text
    assert "Hedgerow Joinery" in page
    assert "Alderwick Homes" in page


def test_the_companies_can_be_asked_for_without_a_page_and_only_once(client: FlaskClient) -> None:
    assert client.post("/sandbox/company").status_code == 201
    again = client.post("/sandbox/company")
    assert again.status_code == 409
    assert "already" in again.get_json()["error"]


def test_the_ledger_lists_contacts_with_what_they_owe(
    client: FlaskClient, org: Organisation, invoice: Invoice
) -> None:
    page = client.get(f"/ledger/{org.tenant_id}").text
    assert "Our &lt;Joinery&gt;" in page
    assert "Alder &amp; Co" in page
    assert "1,234.50 GBP" in page


def test_a_note_written_through_the_ledger_stands_in_the_contacts_history(
    client: FlaskClient, world: World, org: Organisation, contact: Contact
) -> None:
    add_note(world, org, contact.id, "Chased by e-mail <today>")
    page = client.get(f"/ledger/{org.tenant_id}/contacts/{contact.id}").text
    assert "History &amp; notes" in page
    assert "Chased by e-mail &lt;today&gt;" in page
    assert "System Generated" in page


@pytest.mark.parametrize("kind", ["contacts", "invoices"])
def test_a_person_writes_a_note_into_the_history(
    client: FlaskClient, org: Organisation, contact: Contact, invoice: Invoice, kind: str
) -> None:
    path = f"/ledger/{org.tenant_id}/{kind}/{contact.id if kind == 'contacts' else invoice.id}"
    assert f'action="{path}/notes"' in client.get(path).text
    answer = client.post(f"{path}/notes", data={"details": "Rang <Ann>, pays Friday", "user": "Jo Ledger"})
    assert answer.status_code == 303
    page = client.get(path).text
    assert "Rang &lt;Ann&gt;, pays Friday" in page and "Jo Ledger" in page
    client.post(f"{path}/notes", data={"details": "  "})
    assert client.get(path).text.count("Robin Bookkeeper") == 1, "nothing is written without words"
    assert client.post(f"{path}x/notes", data={"details": "x"}).status_code == 404


def test_an_overdue_invoice_says_so(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert "10 days overdue" in page
    assert "Mark as paid" in page


def test_marking_an_invoice_paid_settles_it(client: FlaskClient, address: str, invoice: Invoice) -> None:
    answer = client.post(f"{address}/pay")
    assert (answer.status_code, answer.location) == (303, address)
    assert (invoice.status, invoice.amount_due) == ("PAID", Decimal(0))
    assert "Mark as paid" not in client.get(address).text


def test_part_of_an_invoice_can_be_paid(client: FlaskClient, address: str, invoice: Invoice) -> None:
    client.post(f"{address}/pay", data={"amount": "1,000.00"})
    assert invoice.amount_due == Decimal("234.50")
    assert ">Void<" not in client.get(address).text


@pytest.mark.parametrize("amount", ["", "ten", "5000", "-1", "1.005", "NaN", "Infinity"])
def test_an_amount_that_cannot_be_paid_is_explained(
    client: FlaskClient, address: str, invoice: Invoice, amount: str
) -> None:
    answer = client.post(f"{address}/pay", data={"amount": amount})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert invoice.amount_paid == 0


def test_an_invoice_can_be_voided(client: FlaskClient, address: str, invoice: Invoice) -> None:
    assert client.post(f"{address}/void").status_code == 303
    assert invoice.status == "VOIDED"


def test_an_invoice_can_be_opened_as_pdf(client: FlaskClient, address: str) -> None:
    answer = client.get(f"{address}/pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("days", [1, 7])
def test_the_clock_moves_forward_and_shows_the_new_date(client: FlaskClient, world: World, days: int) -> None:
    before = world.now().date()
    moved = client.post("/clock", data={"days": str(days)})
    after = world.now().date()
    assert after - before == timedelta(days=days)
    assert f"It is now {after.day} {after:%b %Y}" in client.get(moved.location).text


@pytest.mark.parametrize("days", ["", "-1", "0", "9999", "x"])
def test_the_clock_does_not_move_by_nonsense(client: FlaskClient, days: str) -> None:
    assert client.post("/clock", data={"days": days}).status_code == 400


def test_without_a_clock_file_the_page_says_that_time_cannot_be_moved() -> None:
    app = create_sandbox(SandboxConfig())
    try:
        assert "start the sandbox with a clock file" in app.test_client().get("/").text
        assert app.test_client().post("/clock", data={"days": "1"}).status_code == 409
    finally:
        app.extensions["sandbox_webhooks"].stop()


def test_an_empty_mailbox_says_so(client: FlaskClient) -> None:
    assert "No mail has arrived yet" in client.get("/mail").text


def test_a_mail_is_listed_and_can_be_read_as_text_with_its_links(client: FlaskClient) -> None:
    mail_id = send_mail(client)
    assert "About &lt;INV-7&gt;" in client.get("/mail").text
    page = client.get(f"/mail/{mail_id}").text
    assert '<a href="http://localhost:8000/pay/1"' in page
    assert "&lt;b&gt;" in page
    assert "alert(1)" not in page


def test_a_mails_html_is_shown_where_its_scripts_cannot_run(client: FlaskClient) -> None:
    answer = client.get(f"/mail/{send_mail(client)}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_an_attachment_is_downloaded_and_never_opened_in_place(client: FlaskClient) -> None:
    mail_id = send_mail(client)
    answer = client.get(f"/mail/{mail_id}/attachments/0")
    assert answer.data == b"<b>"
    assert answer.headers["Content-Disposition"] == "attachment; filename=a.html"
    assert client.get(f"/mail/{mail_id}/attachments/1").status_code == 404


def test_an_answer_typed_on_the_page_reaches_the_application(client: FlaskClient, receiver: Receiver) -> None:
    mail_id = send_mail(client)
    sent = client.post(f"/mail/{mail_id}/reply", data={"text": "We pay on Friday."})
    assert sent.status_code == 303
    assert "has the answer" in client.get(sent.location).text
    assert receiver.posts[0].form["text"].startswith("We pay on Friday.")
    assert "We pay on Friday." in client.get(f"/mail/{mail_id}").text


@pytest.mark.parametrize(("status", "said"), [(401, "refused the answer"), (503, "tried again")])
def test_an_answer_the_application_does_not_take_is_not_called_delivered(
    client: FlaskClient, receiver: Receiver, status: int, said: str
) -> None:
    receiver.answers += [status]
    sent = client.post(f"/mail/{send_mail(client)}/reply", data={"text": "Hello"}, follow_redirects=True)
    assert said in sent.text


def test_an_answer_that_cannot_be_delivered_is_explained_and_not_lost(client: FlaskClient) -> None:
    mail_id = send_mail(client, reply_to="robin@joinery.example")
    answer = client.post(f"/mail/{mail_id}/reply", data={"text": "We pay on Friday."})
    assert answer.status_code == 409
    assert "robin@joinery.example" in answer.text
    assert "We pay on Friday.</textarea>" in answer.text


def test_what_does_not_exist_is_not_found(client: FlaskClient, org: Organisation) -> None:
    for path in (
        "/ledger/x",
        f"/ledger/{org.tenant_id}/contacts/x",
        f"/ledger/{org.tenant_id}/invoices/x",
        "/mail/x",
    ):
        assert client.get(path).status_code == 404


def test_every_page_is_one_document_without_scripts_or_anything_from_elsewhere(
    client: FlaskClient, org: Organisation, contact: Contact, address: str
) -> None:
    mail_id = send_mail(client)
    for path in (
        "/",
        f"/ledger/{org.tenant_id}",
        f"/ledger/{org.tenant_id}/contacts/{contact.id}",
        address,
        "/mail",
        f"/mail/{mail_id}",
    ):
        answer = client.get(path)
        assert answer.text.count("<h1") == 1
        assert "<script" not in answer.text
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert re.findall(r'(?:src|<link[^>]*href)="(?!/static/|/mail/|data:)', answer.text) == []


def test_the_style_sheet_is_served(client: FlaskClient) -> None:
    with client.get("/static/sandbox.css") as answer:
        assert answer.mimetype == "text/css"
