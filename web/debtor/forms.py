"""The forms of the account page: what they ask, and reading what was typed. Nothing typed is lost by a slip.

They have no session behind them, so they are not those of the other pages; what is wrong is said in the customer's
language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from credit_control.payment_plans import Rhythm
from credit_control.words import decimals
from services import attached
from services.account import Account
from services.account_words import Words, codes
from services.inbound_mail import InboundFile
from services.languages import amount
from services.merge_fields import plain
from services.page_answers import Answer, What
from services.payment_plans import bounds_of
from store.models import Invoice
from web.errors import LARGEST_FILE_MB

LARGEST_FORM: Final = (LARGEST_FILE_MB + 1) * 1024 * 1024
RHYTHMS: Final = tuple(one.value for one in Rhythm)
CATEGORIES: Final = ("price", "goods", "delivery", "duplicate", "not_ours", "paperwork", "other")
FIELDS: Final[Mapping[What, tuple[str, ...]]] = {
    What.PAID: ("which", "paid_on", "amount", "reference", "note", "file", "name"),
    What.WILL_PAY: ("which", "on", "amount", "note", "name"),
    What.PLAN: ("which", "instalments", "first_on", "every", "note", "name"),
    What.WRONG: ("which_one", "category", "amount", "reason", "file", "name"),
    What.NOT_ME: ("person", "address", "note", "name"),
    What.COPY: ("which", "order_number", "note", "name"),
    What.MESSAGE: ("text", "file", "name"),
    What.PREFERENCES: ("language", "pays_on", "contact", "name"),
}
OF_INVOICES: Final = frozenset({What.WILL_PAY, What.PLAN, What.WRONG})
"""What cannot be said where nothing is open."""
_LONGEST: Final = {"note": 2_000, "reason": 1_000, "text": 4_000}
_LONGEST_LINE = 200
_A_YEAR = timedelta(days=366)
_IN_ADVANCE = timedelta(days=92)
_CURRENCY = re.compile(r"[A-Z]{3}|[£$€¥₣₤₹₽]")
_KINDS = frozenset(
    {
        "pdf",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "heic",
        "tif",
        "tiff",
        "bmp",
        "txt",
        "csv",
        "text or unknown",
    }
)


@dataclass(slots=True)
class Form:
    """What was typed, and what is wrong with it, by field."""

    what: What
    values: MultiDict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """What it asks, in order."""
        return FIELDS[self.what]


class _Slip(Exception):
    """Something typed that cannot be meant; a key of the words, with what is filled in."""

    def __init__(self, key: str, **filled: object) -> None:
        super().__init__(key)
        self.key, self.filled = key, filled


def empty(what: What, account: Account, about: frozenset[str]) -> Form:
    """A form to begin with, on the invoices that the message was about."""
    chosen = [one.id for one in account.invoices if one.id in about] or [one.id for one in account.invoices]
    return Form(what, MultiDict([("which", one) for one in chosen] + [("language", account.language)]))


def read(what: What, account: Account, words: Words, locale: str) -> tuple[Form, Answer | None]:
    """The form as it was sent, and the answer in it if nothing is wrong."""
    form = Form(what, request.form.copy())
    reader = _Reader(form, account, words, locale)
    return form, reader.answer()


class _Reader:
    """Reads one form field by field and collects what is wrong."""

    def __init__(self, form: Form, account: Account, words: Words, locale: str) -> None:
        self.form, self.account, self.words, self.locale = form, account, words, locale

    def answer(self) -> Answer | None:
        """The answer, or None with the problems in the form."""
        what, fields = self.form.what, self.form.fields
        invoices: list[Invoice] = self._try("which", self._which, []) if "which" in fields else []
        if "which_one" in fields:
            invoices = self._try("which_one", self._which_one, [])
        on = self._try("on", self._on, None) if "on" in fields else None
        if what is What.PLAN:
            on = self._try("first_on", lambda: self._on("first_on"), None)
        if "paid_on" in fields:
            on = self._try("paid_on", lambda: self._paid_on(invoices), None)
        sum_, currency = (
            self._try("amount", lambda: self._amount(invoices), (None, None))
            if "amount" in fields
            else (None, None)
        )
        lines = {name: self._try(name, self._line(name), "") for name in fields if name in _LINES}
        text = next((self._try(name, self._text(name), "") for name in fields if name in _LONGEST), "")
        files = self._try("file", self._file, []) if "file" in fields else []
        category = self._value("category") if "category" in fields else ""
        language = self._value("language") if "language" in fields else ""
        answer = Answer(
            what,
            invoices,
            on,
            sum_,
            currency,
            category=category if category in CATEGORIES else "other" if "category" in fields else "",
            language=language if language in codes() and language != self.account.language else "",
            instalments=self._try("instalments", self._instalments, 0) if what is What.PLAN else 0,
            every=self._every() if what is What.PLAN else "",
            text=text,
            files=files,
            **lines,
        )
        self._missing(answer)
        return None if self.form.problems else answer

    def _try(self, name: str, read: Callable[[], Any], without: Any) -> Any:
        try:
            return read()
        except _Slip as slip:
            self.form.problems[name] = self.words["errors"][slip.key].format(**slip.filled)
            return without

    def _missing(self, answer: Answer) -> None:
        """What a form cannot do without."""
        needed = {
            What.WRONG: ("reason", answer.text, "reason"),
            What.NOT_ME: ("person", answer.person, "person"),
            What.COPY: ("note", answer.text or answer.order_number, "empty"),
            What.MESSAGE: ("text", answer.text, "text"),
            What.PREFERENCES: ("contact", answer.language or answer.pays_on or answer.contact, "empty"),
        }.get(answer.what)
        if needed and not needed[1] and needed[0] not in self.form.problems:
            self.form.problems[needed[0]] = self.words["errors"][needed[2]]

    def _value(self, name: str) -> str:
        return plain(self.form.values.get(name, "").replace("\x00", "")).strip()

    def _which(self) -> list[Invoice]:
        found = [one for one in map(self.account.invoice, self.form.values.getlist("which")) if one]
        if not found and (self.account.invoices or self.form.what in OF_INVOICES):
            raise _Slip("which")
        if self.form.what is What.PLAN and len({one.currency for one in found}) > 1:
            raise _Slip("one_currency")
        return list(dict.fromkeys(found))

    def _which_one(self) -> list[Invoice]:
        found = self.account.invoice(self.form.values.get("which_one", ""))
        if found is None:
            raise _Slip("which_one")
        return [found]

    def _day(self, name: str) -> date:
        try:
            return date.fromisoformat(self._value(name))
        except ValueError:
            raise _Slip("date") from None

    def _on(self, name: str = "on") -> date:
        on = self._day(name)
        if on < self.account.today:
            raise _Slip("date_past")
        if on - self.account.today > _A_YEAR:
            raise _Slip("date_far")
        return on

    def _paid_on(self, invoices: list[Invoice]) -> date:
        """Some pay in advance, but not by years: that is a slip."""
        on = self._day("paid_on")
        if on > self.account.today:
            raise _Slip("date_future")
        if on < min((one.issued_on for one in invoices), default=self.account.today) - _IN_ADVANCE:
            raise _Slip("date_before")
        return on

    def _amount(self, invoices: list[Invoice]) -> tuple[Decimal | None, str | None]:
        """Nothing typed means all of it."""
        typed = self._value("amount")
        if not typed:
            return None, None
        currencies = {one.currency for one in invoices} or {one.currency for one in self.account.invoices}
        chosen = self._value("currency")
        currency = (
            chosen if chosen in currencies else next(iter(currencies)) if len(currencies) == 1 else None
        )
        if currency is None:
            raise _Slip("currency")
        found = _number(typed, self.locale)
        if found is None or found <= 0 or round(found, decimals(currency)) != found or found > 10**11:
            raise _Slip("amount", example=amount(Decimal("1234.50"), currency, self.locale))
        if self.form.what is What.WRONG and invoices and found > invoices[0].amount_due:
            raise _Slip("amount_large", open=amount(invoices[0].amount_due, currency, self.locale))
        if self.form.what is What.WILL_PAY:
            asked = self.account.asked_for([one for one in invoices if one.currency == currency])
            if found > asked:
                raise _Slip("amount_asked", open=amount(asked, currency, self.locale))
        return found, currency

    def _instalments(self) -> int:
        typed, most = self._value("instalments"), bounds_of(self.account.organisation).most_instalments
        if not (typed.isascii() and typed.isdigit() and len(typed) < 4 and 2 <= int(typed) <= most):
            raise _Slip("instalments", most=most)
        return int(typed)

    def _every(self) -> str:
        chosen = self._value("every")
        return chosen if chosen in RHYTHMS else Rhythm.MONTHLY.value

    def _line(self, name: str) -> Callable[[], str]:
        def read() -> str:
            found = " ".join(self._value(name).split())
            if len(found) > _LONGEST_LINE:
                raise _Slip("long", most=_LONGEST_LINE)
            return found

        return read

    def _text(self, name: str) -> Callable[[], str]:
        def read() -> str:
            found = self._value(name)
            if len(found) > _LONGEST[name]:
                raise _Slip("long", most=_LONGEST[name])
            return found

        return read

    def _file(self) -> list[InboundFile]:
        found: FileStorage | None = request.files.get("file")
        if found is None or not found.filename:
            return []
        with found.stream as stream:
            content = stream.read(LARGEST_FILE_MB * 1024 * 1024 + 1)
        errors = self.words["errors"]
        if len(content) > LARGEST_FILE_MB * 1024 * 1024:
            raise _Slip("file", reason=errors["file_large"].format(size=LARGEST_FILE_MB))
        name, kind = attached.file_name(found.filename), attached.file_type(found.mimetype or "")
        looked = attached.look(name, kind, content)
        if looked.danger or looked.found not in _KINDS:
            raise _Slip("file", reason=errors["file_kind"])
        return [InboundFile(name, kind, content)]


_LINES = frozenset({"reference", "person", "address", "order_number", "pays_on", "contact", "name"})


def _number(typed: str, locale: str) -> Decimal | None:
    """``1,234.50`` as people of the locale write it, or as everybody understands it; None: it is no number."""
    digits = _CURRENCY.sub("", typed).strip()
    digits = digits.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    if not re.fullmatch(r"[0-9.,' ]{1,30}", digits) or not any(sign.isdigit() for sign in digits):
        return None
    if re.fullmatch(r"\d+[.,]\d{1,2}", digits):
        return Decimal(digits.replace(",", "."))
    try:
        return parse_decimal(digits, locale=locale, strict=True)
    except NumberFormatError:
        return None
