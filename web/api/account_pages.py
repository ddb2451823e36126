"""The pages on which customers see their accounts: how they are offered, and withdrawing the links of one."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from services import portal_hosts
from services.portal_hosts import Wanted
from store.models import AccountPages
from store.queries import account_pages as queries
from store.queries import customers
from web.api.asked_account_pages import OfferAccountPages
from web.api.caller import Caller
from web.api.shapes import account_pages as shapes


def show_account_pages(caller: Caller, session: Session) -> shapes.AccountPages:
    """Whether mails carry links to account pages, for how long these work, and under which name the pages are."""
    return _told(queries.pages_of(session, caller.organisation_id))


def offer_account_pages(caller: Caller, session: Session, body: OfferAccountPages) -> shapes.AccountPages:
    """Change that. A new name is used in mails only once its DNS was found right: 409 while it is not."""
    wanted = Wanted(body.offered, body.link_days, body.promise_days, body.host or "")
    row = portal_hosts.change(session, caller.app.settings, caller.organisation_id, wanted)
    if body.host_used != row.host_used:
        portal_hosts.use(session, caller.organisation_id, used=body.host_used)
    return _told(row)


def withdraw_account_links(caller: Caller, session: Session, id_: str) -> shapes.WithdrawnLinks:
    """End all links of a contact at once; mails that leave later carry new ones."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    ended = queries.revoke(session, caller.organisation_id, id_, caller.name, caller.now)
    return shapes.WithdrawnLinks(contact_id=id_, withdrawn=ended)


def _told(row: AccountPages) -> shapes.AccountPages:
    return shapes.AccountPages(
        offered=row.offered,
        link_days=row.link_days,
        promise_days=row.promise_days,
        host=row.host,
        host_state=row.host_state if row.host else None,
        host_used=row.host_used,
    )
