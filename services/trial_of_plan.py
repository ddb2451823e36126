"""Sending oneself the first mail that would leave, exactly as its customer would get it."""

from __future__ import annotations

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import own_letter, trial_mail
from services.app import App
from services.books import desk_of
from services.one_mail import find
from services.outlook import outlook
from services.preview import Preview
from services.senders import senders_of
from store.models import Organisation
from store.queries import senders as queries

_NOTHING = N_("Nothing would leave in the next fourteen days, so there is nothing to try.")


def send_first(app: App, organisation: Organisation, address: str) -> str:
    """Send the first mail of the plan to this address alone, and say what happened. ``UserError`` when it did not leave."""
    mails = (mail for day in outlook(app, organisation.id).days for mail in day.leaving)
    first = next((mail for mail in mails if mail.channel == "email"), None)
    if first is None:
        raise UserError(_(_NOTHING))
    now = clock.now()
    with app.database.read(organisation.id) as session:
        desk = desk_of(session, organisation.id)
        draft = own_letter.draft(session, desk, find(session, desk, first.key, now), now)
        owner_id = queries.owner_of(session, organisation.id, first.contact_id)
        sender = senders_of(session, organisation).writer(session, first.sender, owner_id)
    if draft.mail is None:
        raise UserError(draft.problem or _(_NOTHING))
    if sender is None:
        raise UserError(_("Nobody is set as the sender of mails; name one in the first step."))
    said = trial_mail.send(app, organisation, Preview(sender, first.to, draft.mail, ()), address)
    return f"The mail to {first.contact_name}: {said}"
