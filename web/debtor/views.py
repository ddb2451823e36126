"""The account page: what is open, the documents, how to pay, what the customer can say, and whether it is genuine."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.email.mailer import File
from services import account as accounts
from services import fresh_links, page_answers
from services.account_words import words_in
from services.languages import day
from services.page_answers import What
from store.queries import account_pages
from web import errors, limits
from web.debtor import forms
from web.debtor.guard import ANSWERS, DOCUMENTS, FRESH, Opened, opened, sent_from_here
from web.debtor.hosts import own_name
from web.debtor.pages import render_page
from web.errors import LARGEST_FILE_MB, guessed_language
from web.security import dunnock

debtor = Blueprint("debtor", __name__)


@debtor.before_request
def small() -> None:
    """Forms with one document at most."""
    request.max_content_length = forms.LARGEST_FORM


@debtor.get("/a/<code>")
def account(code: str) -> ResponseReturnValue:
    """What is open, what is not set off yet, and what the customer told us."""
    return _page(opened(code), "account")


@debtor.get("/a/<code>/pay")
def pay(code: str) -> ResponseReturnValue:
    """How to pay: online where the ledger offers it, else by the details on the invoice."""
    return _page(opened(code), "pay")


@debtor.get("/a/<code>/genuine")
def genuine(code: str) -> ResponseReturnValue:
    """Who wrote, and how to be sure of it without believing this page."""
    return _page(opened(code), "genuine", host=urlsplit(request.host_url).netloc)


@debtor.get("/a/<code>/tell")
def choices(code: str) -> ResponseReturnValue:
    """What one can say: of invoices only where any is open."""
    page = opened(code)
    left_out = {What.PREFERENCES} if page.account.invoices else {What.PREFERENCES, *forms.OF_INVOICES}
    return _page(page, "choices", whats=[one for one in What if one not in left_out])


@debtor.get("/a/<code>/tell/<what>")
def tell(code: str, what: str) -> ResponseReturnValue:
    """One of the forms, to be filled in. Looking at it changes nothing."""
    page, chosen = opened(code), _what(what)
    with dunnock().database.read(page.link.organisation_id) as session:
        about = account_pages.invoices_about(session, page.link.organisation_id, page.message.id)
    return _form(page, forms.empty(chosen, page.account, about))


@debtor.post("/a/<code>/tell/<what>")
def told(code: str, what: str) -> ResponseReturnValue:
    """Take the answer, once; or show the form again with what is wrong."""
    page, chosen = opened(code), _what(what)
    if not sent_from_here():
        abort(_problem(403, "foreign"))
    limits.take(ANSWERS, page.link.communication_id)
    form, answer = forms.read(chosen, page.account, page.words, page.locale)
    once = page.once()
    if once is None:
        form.problems["form"] = page.words["errors"]["again"]
    if answer is None or once is None:
        return _form(page, form), 422
    page_answers.give(dunnock(), page.account, page.link, answer, once, page.now)
    return redirect(page.address("thanks", answer_id=once), 303)


@debtor.get("/a/<code>/thanks/<answer_id>")
def thanks(code: str, answer_id: str) -> ResponseReturnValue:
    """What becomes of the answer that was just given."""
    page = opened(code)
    given = next((one for one in page.account.told if one.id == answer_id), None)
    if given is None:
        return redirect(page.address("account"))
    on = date.fromisoformat(given.details["on"]) if given.details.get("on") else None
    key = given.what
    if key == What.WILL_PAY and on and on > page_answers.farthest(page.account, given.created_at):
        key = "will_pay_asked"
    said = page.words["thanks"][key].format(on=day(on, page.locale) if on else "")
    return _page(page, "thanks", said=said)


@debtor.get("/a/<code>/statement.pdf")
def statement(code: str) -> ResponseReturnValue:
    """The statement of account."""
    page = opened(code)
    limits.take(DOCUMENTS, page.link.communication_id)
    with dunnock().database.read(page.link.organisation_id) as session:
        file = accounts.statement(session, page.account, page.locale)
    return _download(file)


@debtor.get("/a/<code>/invoices/<invoice_id>.pdf")
def invoice(code: str, invoice_id: str) -> ResponseReturnValue:
    """The ledger's PDF of one of the open invoices."""
    page = opened(code)
    if page.account.invoice(invoice_id) is None:
        abort(_problem(404, "lost"))
    limits.take(DOCUMENTS, page.link.communication_id)
    file = accounts.invoice_pdf(dunnock(), page.account, invoice_id)
    if file is None:
        return _page(page, "account", problem=page.words["open"]["no_pdf"]), 503
    return _download(file)


@debtor.post("/a/<code>/fresh")
def fresh(code: str) -> ResponseReturnValue:
    """Send a fresh link to the address that we know; what is answered is the same for everybody."""
    limits.take(FRESH)
    if not sent_from_here():
        abort(_problem(403, "foreign"))
    fresh_links.send(dunnock(), code)
    language = guessed_language()
    return render_template("debtor/asked.html", t=words_in(language), language=language)


@debtor.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Nothing here is for search engines."""
    body = "User-agent: *\nDisallow: /\n" if own_name() else "User-agent: *\nDisallow: /a/\n"
    return Response(body, content_type="text/plain; charset=utf-8")


def _what(word: str) -> What:
    try:
        return What(word)
    except ValueError:
        abort(_problem(404, "lost"))


def _form(page: Opened, form: forms.Form) -> str:
    limit = page_answers.farthest(page.account, page.now)
    return _page(
        page,
        "tell",
        form=form,
        lede=page.words["form"][f"{form.what}_lede"].format(limit=day(limit, page.locale)),
        categories=forms.CATEGORIES,
        rhythms=forms.RHYTHMS,
        size=LARGEST_FILE_MB,
        token=page.form_token(),
        currencies=sorted({one.currency for one in page.account.invoices}),
    )


def _page(page: Opened, name: str, **values: object) -> str:
    return render_page(
        page.account,
        page.language,
        page.locale,
        name,
        page=page,
        message=page.message,
        now=page.now,
        **values,
    )


def _download(file: File) -> Response:
    return Response(
        file.content,
        content_type=file.content_type,
        headers={
            "Content-Disposition": f"inline; filename=document.pdf; filename*=UTF-8''{quote(file.name, safe='')}"
        },
    )


def _problem(status: int, key: str) -> Response:
    return make_response(errors.for_customers(status, key))
