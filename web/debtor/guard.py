"""Who opens an account page: the link in the address is the key, and everything else is refused alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, NoReturn
from urllib.parse import urlsplit

from flask import abort, make_response, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kit import clock
from kit.ids import derived_id, new_id
from services import account_links
from services.account import Account, account_of, locale_for
from services.account_words import Words, codes, words_in
from services.languages import day, locale_of
from store.models import AccountLink, Communication
from store.queries import account_pages
from web import limits
from web.errors import guessed_language
from web.limits import Limit
from web.security import dunnock

LOOKS: Final = Limit("account-page", 240, 60)
"""Pages opened from one network: a customer's office never notices this, guessing codes does."""
ANSWERS: Final = Limit("account-answer", 20, 600)
"""Answers by one link."""
DOCUMENTS: Final = Limit("account-document", 60, 600)
"""Documents by one link: each may cost a call to the ledger."""
FRESH: Final = Limit("account-fresh", 10, 600)
"""Fresh links asked for from one network."""
_FORM_SECONDS = 3 * 24 * 3600


@dataclass(frozen=True)
class Opened:
    """An account page that somebody has opened by a link."""

    code: str
    link: AccountLink
    message: Communication
    account: Account
    now: datetime

    @cached_property
    def language(self) -> str:
        """The language of the page: as asked for in the address, else the customer's."""
        return asked_language() or self.account.language

    @property
    def words(self) -> Words:
        return words_in(self.language)

    @cached_property
    def locale(self) -> str:
        """How amounts and days are written on the page."""
        return locale_for(self.account, self.language)

    def address(self, endpoint: str, **values: str) -> str:
        """The address of another page of it, in the same language."""
        found: str = url_for(f"debtor.{endpoint}", **{"code": self.code, "lang": asked_language(), **values})  # type: ignore[arg-type]
        return found

    def form_token(self) -> str:
        """Stands in each form: it was shown by this page, and counts once."""
        return _sealed().dumps([self.link.communication_id, new_id()])

    def once(self) -> str | None:
        """What names this very answer, however often it is sent; None: the form is none of ours, or too old."""
        try:
            whose, nonce = _sealed().loads(request.form.get("form", ""), max_age=_FORM_SECONDS)
        except (BadSignature, ValueError, TypeError):
            return None
        return (
            derived_id("page answer", self.link.organisation_id, nonce)
            if whose == self.link.communication_id
            else None
        )


def opened(code: str) -> Opened:
    """The page that this link opens. Everything else ends here, with a page that says what to do."""
    limits.take(LOOKS)
    now = clock.now()
    with dunnock().database.read_across() as session:
        link = account_links.find(session, code)
    if link is None:
        ended(code, "unknown", None)
    with dunnock().database.read(link.organisation_id) as session:
        account = account_of(session, link.organisation_id, link.contact_id, now)
        message = account_pages.message_of(session, link)
        offered = account_pages.pages_of(session, link.organisation_id).offered
    if link.revoked_at:
        ended(code, "revoked", message)
    if now >= link.expires_at:
        ended(code, "expired", message, link)
    if account is None or not offered:
        ended(code, "no_account", message)
    return Opened(code, link, message, account, now)


def ended(code: str, why: str, message: Communication | None, link: AccountLink | None = None) -> NoReturn:
    """Nothing is shown by this link; how to reach a person is, and how to get a fresh one where that may help."""
    language = guessed_language()
    page = render_template(
        "debtor/ended.html",
        t=words_in(language),
        language=language,
        code=code,
        why=why,
        message=message,
        on=day(link.expires_at.date(), locale_of(language)) if link else None,
        fresh=why in ("unknown", "expired"),
    )
    abort(make_response(page, 404 if why == "unknown" else 410))


def sent_from_here() -> bool:
    """Whether a form was sent from a page of ours. The pages send no referrer, for which browsers say “null” as origin."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


def asked_language() -> str | None:
    """The language in the address, if the page can be read in it."""
    asked = request.args.get("lang")
    return asked if asked in codes() else None


def _sealed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(dunnock().settings.secret_key, salt="forms of account pages")
