"""What a person typed about a reply: days, amounts, and what it is about."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict

from kit.errors import UserError
from kit.wording import N_, _
from services.reply_acts import Terms
from web.pages.amounts import one_amount

_NO_AMOUNT = N_("This is no amount; write it such as 1234.50.")


def terms_typed(form: MultiDict[str, str]) -> Terms:
    """What was typed. ``UserError`` for what is no day or no amount."""
    amount, currency = form.get("amount", "").strip(), form.get("currency", "").strip().upper()
    return Terms(
        invoice_ids=tuple(form.getlist("invoice")),
        on=_day(form.get("on", "")),
        amount=one_amount(amount, currency, _(_NO_AMOUNT)) if amount else None,
        currency=currency or None if amount else None,
        reference=form.get("reference", "").strip() or None,
        reason=form.get("reason", "").strip(),
        category=form.get("category", "other"),
        person=form.get("person", "").strip(),
        address=form.get("address", "").strip(),
    )


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word.strip()) if word.strip() else None
    except ValueError:
        raise UserError(_("This is no day; write it as year, month and day, such as 2026-11-24.")) from None
