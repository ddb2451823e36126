"""What the client does when the ledger, or something that answers for it, misbehaves."""

from __future__ import annotations

import copy
import socket
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from integration.ledger import (
    AnswerLost,
    Disconnected,
    Lane,
    LedgerError,
    MissingScope,
    NeedsReconnect,
    NoteTarget,
    NotFound,
    RateLimited,
    Refused,
    Unreachable,
    Unreadable,
)
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor, Remaining
from tests.integration.xero.conftest import GivenTokens
from tests.integration.xero.hostile import HostileServer, Script, answer, hang, hang_up, hostile_server

TENANT = "0d5a3c5e-0000-4000-8000-000000000001"
SECRET = "canary-token-7f3a"
INVOICE: dict[str, Any] = {
    "Type": "ACCREC",
    "InvoiceID": "11111111-0000-4000-8000-000000000001",
    "InvoiceNumber": "INV-1",
    "Reference": "PO",
    "Contact": {"ContactID": "22222222-0000-4000-8000-000000000001", "Name": "Anna"},
    "DateString": "2026-10-01T00:00:00",
    "Date": "/Date(1790812800000+0000)/",
    "DueDateString": "2026-10-31T00:00:00",
    "DueDate": "/Date(1793404800000+0000)/",
    "Total": 120.5,
    "AmountDue": 120.5,
    "AmountPaid": 0.0,
    "AmountCredited": 0.0,
    "CurrencyCode": "GBP",
    "Status": "AUTHORISED",
    "UpdatedDateUTC": "/Date(1790812800123+0000)/",
}


def page(*invoices: object) -> bytes:
    return answer(
        200, {"pagination": {"pageCount": 1, "itemCount": len(invoices)}, "Invoices": list(invoices)}
    )


def invoice(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(INVOICE), **changes}


def ledger_at(server: HostileServer, governor: Governor, tokens: GivenTokens | None = None) -> XeroLedger:
    return XeroLedger(
        api_url=server.url,
        tenant_id=TENANT,
        tokens=tokens or GivenTokens(SECRET),
        governor=governor,
        lane=Lane.CHECK,
        timeouts=(1, 1),
    )


def read_error(governor: Governor, *script: Script) -> LedgerError:
    with hostile_server(*script) as server, pytest.raises(LedgerError) as caught:
        ledger_at(server, governor).invoices_page(1)
    return caught.value


def write_error(governor: Governor, *script: Script) -> tuple[LedgerError, int]:
    """What writing a note raises, and how many requests it took."""
    with hostile_server(*script) as server, pytest.raises(LedgerError) as caught:
        ledger_at(server, governor).write_notes(NoteTarget.CONTACT, "c", ["text"], idempotency_key="k")
    return caught.value, len(server.requests)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(503), Unreachable),
        (answer(500, b"<html>"), Unreachable),
        (answer(302, Location="http://localhost:1/elsewhere"), Unreadable),
        (answer(200, b"<!doctype html><title>Just a moment</title>"), Unreadable),
        (answer(200, b'{"Invoices": [{"InvoiceID": "1'), Unreadable),
        (answer(200, b"[]"), Unreadable),
        (answer(200, {"Status": "OK"}), Unreadable),
        (answer(200, b""), Unreadable),
        (answer(200, b"\xff\xfe\x00"), Unreadable),
        (answer(200, b'{"Invoices":' + b"[" * 100_000), Unreadable),
        (answer(404, b"The resource you're looking for cannot be found"), NotFound),
        (answer(403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}), Disconnected),
        (answer(403, b"<html>blocked</html>"), Unreachable),
        (answer(401, {"Detail": "TokenExpired: token expired at 1"}), NeedsReconnect),
        (answer(401, {"Detail": "AuthorizationUnsuccessful"}), MissingScope),
        (answer(400, b"this is no JSON"), Unreadable),
        (answer(418), Unreadable),
        (hang, Unreachable),
        (hang_up, Unreachable),
    ],
)
def test_every_odd_answer_to_a_read_has_its_own_meaning(
    governor: Governor, given: Script, kind: type[LedgerError]
) -> None:
    assert type(read_error(governor, given)) is kind


def test_the_ledgers_own_explanation_is_shown(governor: Governor) -> None:
    elements = [
        {"ValidationErrors": [{"Message": "Too long."}, {"Message": "Locked."}, {"Message": "Locked."}]}
    ]
    error = read_error(
        governor, answer(400, {"Message": "A validation exception occurred", "Elements": elements})
    )

    assert (type(error), str(error)) == (Refused, "Too long. Locked.")


@pytest.mark.parametrize(
    ("problem", "kind", "header", "seconds"),
    [
        ("minute", "minute", {"Retry_After": "30"}, 30),
        ("day", "day", {"Retry_After": "7200"}, 7200),
        ("appminute", "app", {"Retry_After": "12"}, 12),
        ("app-minute", "app", {"Retry_After": "12"}, 12),
        ("minute", "minute", {}, 60),
        ("something new", "minute", {"Retry_After": "soon"}, 60),
        ("day", "day", {"Retry_After": "999999999"}, 86_400),
    ],
)
def test_a_limit_is_told_at_once_and_never_slept_through(
    governor: Governor, problem: str, kind: str, header: dict[str, str], seconds: float
) -> None:
    limit = answer(429, X_Rate_Limit_Problem=problem, **header)
    with hostile_server(limit) as server, pytest.raises(RateLimited) as caught:
        ledger_at(server, governor).invoices_page(1)
    assert (caught.value.kind, caught.value.retry_after) == (kind, seconds)
    assert len(server.requests) == 1


def test_a_limit_that_was_told_keeps_the_next_calls_back(governor: Governor) -> None:
    with hostile_server(answer(429, X_Rate_Limit_Problem="day", Retry_After="7200")) as server:
        ledger = ledger_at(server, governor)
        for _ in range(3):
            with pytest.raises(RateLimited, match="day"):
                ledger.invoices_page(1)
    assert len(server.requests) == 1


def test_too_many_calls_at_once_are_tried_again_shortly(governor: Governor) -> None:
    with hostile_server(answer(429, X_Rate_Limit_Problem="concurrent"), page(INVOICE)) as server:
        assert len(ledger_at(server, governor).invoices_page(1).items) == 1
    assert len(server.requests) == 2


def test_what_is_left_of_the_limits_is_remembered(governor: Governor) -> None:
    headers = {"X_MinLimit_Remaining": "41", "X_DayLimit_Remaining": "777", "X_AppMinLimit_Remaining": "9000"}
    with hostile_server(answer(200, {"Invoices": []}, **headers)) as server:
        ledger_at(server, governor).invoices_page(1)
    assert governor.remaining(TENANT) == Remaining(minute=41, day=777)


def test_a_read_whose_connection_broke_is_repeated_once(governor: Governor) -> None:
    with hostile_server(hang_up, page(INVOICE)) as server:
        assert len(ledger_at(server, governor).invoices_page(1).items) == 1
    assert len(server.requests) == 2


def test_an_answer_that_is_cut_off_is_never_half_used(governor: Governor) -> None:
    whole = page(INVOICE)
    assert type(read_error(governor, whole[:-40])) is Unreachable


def test_a_chunked_answer_is_read_whole(governor: Governor) -> None:
    body = page(INVOICE).partition(b"\r\n\r\n")[2]
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with hostile_server(head + chunks) as server:
        assert len(ledger_at(server, governor).invoices_page(1).items) == 1


def test_a_refused_token_is_renewed_once_and_the_call_repeated(governor: Governor) -> None:
    tokens = GivenTokens("old", after_renewal="new")
    with hostile_server(answer(401, {"Detail": "TokenExpired"}), page(INVOICE)) as server:
        assert len(ledger_at(server, governor, tokens).invoices_page(1).items) == 1
    assert tokens.renewals == 1
    assert ["Bearer old" in server.requests[0], "Bearer new" in server.requests[1]] == [True, True]


def test_a_token_that_stays_refused_is_renewed_once_only(governor: Governor) -> None:
    tokens = GivenTokens("old", after_renewal="new")
    with hostile_server(answer(401, {"Detail": "TokenExpired"})) as server, pytest.raises(NeedsReconnect):
        ledger_at(server, governor, tokens).invoices_page(1)
    assert (tokens.renewals, len(server.requests)) == (1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": "NEWSTATUS"},
        {"CurrencyCode": "ZZZ"},
        {"LineAmountTypes": "SOMETHING"},
        {"Reference": None},
        {"InvoiceNumber": None},
        {"DueDate": None, "DueDateString": None},
        {"LineItems": None},
        {"Contact": {"ContactID": "c", "Name": None}},
        {"HasAttachments": "false"},
        {"SomethingNew": {"deep": [1, 2]}},
        {"AmountPaid": None},
        {"ExpectedPaymentDate": None},
    ],
    ids=str,
)
def test_what_is_new_or_missing_in_one_invoice_does_not_lose_the_page(
    governor: Governor, changes: dict[str, Any]
) -> None:
    with hostile_server(page(invoice(**changes), INVOICE)) as server:
        read = ledger_at(server, governor).invoices_page(1).items
    assert len(read) == 2
    assert "None" not in (read[0].reference, read[0].number, read[0].contact_name)


@pytest.mark.parametrize(
    "changes",
    [
        {"InvoiceID": None},
        {"Contact": None},
        {"CurrencyCode": None},
        {"Total": None},
        {"AmountDue": None},
        {"AmountDue": "much"},
        {"Date": None, "DateString": None},
        {"Date": "yesterday", "DateString": None},
        {"UpdatedDateUTC": None},
        {"UpdatedDateUTC": "/Date(99999999999999999999)/"},
    ],
    ids=str,
)
def test_an_invoice_without_what_matters_makes_the_page_unreadable_and_says_so(
    governor: Governor, changes: dict[str, Any]
) -> None:
    assert type(read_error(governor, page(INVOICE, invoice(**changes)))) is Unreadable


def test_another_organisations_answer_is_refused(governor: Governor) -> None:
    other = {"Organisations": [{"OrganisationID": "other", "Name": "B", "BaseCurrency": "GBP"}]}
    with (
        hostile_server(answer(200, other)) as server,
        pytest.raises(Unreadable, match="another organisation"),
    ):
        ledger_at(server, governor).organisation()


def test_invoices_that_were_not_asked_for_are_not_taken(governor: Governor) -> None:
    with hostile_server(page(INVOICE, invoice(InvoiceID="other"))) as server:
        read = ledger_at(server, governor).invoices([str(INVOICE["InvoiceID"]).upper()])
    assert [one.id for one in read] == [INVOICE["InvoiceID"]]


def test_something_else_than_a_pdf_is_not_taken_for_one(governor: Governor) -> None:
    with hostile_server(answer(200, b"<html>")) as server, pytest.raises(Unreadable):
        ledger_at(server, governor).invoice_pdf("i")


def test_two_invoices_of_the_same_file_name_stay_apart(governor: Governor) -> None:
    name = {"Content_Disposition": 'attachment; filename="../INV-0001.pdf"'}
    with hostile_server(answer(200, b"%PDF-a", **name), answer(200, b"%PDF-b", **name)) as server:
        ledger = ledger_at(server, governor)
        assert (ledger.invoice_pdf("a"), ledger.invoice_pdf("b")) == (b"%PDF-a", b"%PDF-b")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (hang_up, AnswerLost),
        (hang, AnswerLost),
        (answer(500), AnswerLost),
        (answer(502), AnswerLost),
        (answer(503), AnswerLost),
        (answer(302, Location="/elsewhere"), AnswerLost),
        (answer(200, b"<html>"), AnswerLost),
        (answer(200, b'{"HistoryRecords": [{"Deta'), AnswerLost),
        (answer(200, {"HistoryRecords": []})[:-5], AnswerLost),
        (answer(400, {"Message": "no"}), Refused),
        (answer(400, b"<html>"), Unreachable),
        (answer(404, b"text"), NotFound),
        (answer(429, X_Rate_Limit_Problem="minute", Retry_After="30"), RateLimited),
        (answer(403, {"Detail": "AuthenticationUnsuccessful"}), Disconnected),
    ],
)
def test_a_note_is_put_once_and_a_lost_answer_is_told_apart(
    governor: Governor, given: Script, kind: type[LedgerError]
) -> None:
    error, requests = write_error(governor, given)
    assert (type(error), requests) == (kind, 1)


def test_a_note_that_could_not_even_be_sent_surely_did_not_happen(governor: Governor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://localhost:{closed.getsockname()[1]}"
    ledger = XeroLedger(
        api_url=url, tenant_id=TENANT, tokens=GivenTokens(SECRET), governor=governor, lane=Lane.NEWS
    )
    with pytest.raises(Unreachable):
        ledger.write_notes(NoteTarget.INVOICE, "i", ["text"], idempotency_key="k")


def test_requests_carry_what_xero_asks_for(governor: Governor) -> None:
    written = answer(200, {"HistoryRecords": [{"Details": "text"}]})
    with hostile_server(written) as server:
        ledger_at(server, governor).write_notes(NoteTarget.INVOICE, "i", ["text"], idempotency_key="note-1")
    (sent,) = server.requests
    assert sent.startswith("PUT /api.xro/2.0/Invoices/i/History ")
    for line in (f"xero-tenant-id: {TENANT}", "Accept: application/json", "Idempotency-Key: note-1"):
        assert line.lower() in sent.lower()
    assert sent.endswith('{"HistoryRecords": [{"Details": "text"}]}')


def test_parallel_clients_never_use_each_others_token(governor: Governor) -> None:
    """The SDK's own token is shared by the whole process; ours must not be."""
    with hostile_server(answer(200, {"InvoiceReminders": []})) as server:
        clients = [
            XeroLedger(
                api_url=server.url,
                tenant_id=f"tenant-{number}",
                tokens=GivenTokens(f"token-of-tenant-{number}"),
                governor=governor,
                lane=Lane.CHECK,
            )
            for number in range(8)
        ]
        threads = [threading.Thread(target=_call_often, args=(client, 12)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.requests) == 96
    for sent in server.requests:
        tenant = sent.split("xero-tenant-id: ")[1].split("\r\n")[0]
        assert f"Bearer token-of-{tenant}\r\n" in sent


def _call_often(ledger: XeroLedger, times: int) -> None:
    for _ in range(times):
        ledger.own_reminders()


@pytest.mark.parametrize(
    "given",
    [
        hang_up,
        hang,
        answer(401, {"Detail": f"bad {SECRET}"}),
        answer(500, SECRET.encode()),
        answer(200, SECRET.encode()),
        answer(302, Location=f"http://x/{SECRET}"),
        answer(403, {"Detail": "AuthenticationUnsuccessful"}),
    ],
)
@pytest.mark.parametrize("call", [read_error, lambda *given: write_error(*given)[0]], ids=["read", "write"])
def test_no_error_carries_the_token_or_what_the_ledger_sent(
    governor: Governor, call: Callable[..., LedgerError], given: Script
) -> None:
    error = call(governor, given)
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
    assert SECRET not in shown.replace(f'SECRET = "{SECRET}"', "")
    assert error.__context__ is None
    assert error.__cause__ is None
