"""What a page says once an invitation was made, or sent again."""

from __future__ import annotations

from flask import flash

from kit.wording import _
from services import door_mail
from services.invitations import Invited
from web.security import dunnock


def is_told(made: Invited) -> bool:
    """Say what became of its mail. False where no mails leave: then the page that follows shows the link, this once.

    It is shown nowhere else, because it is for the eyes of the invited person.
    """
    if made.mailed:
        flash(
            _(
                "The invitation is on its way to %(email)s. It is good for a week.",
                email=made.invitation.email,
            ),
            "done",
        )
        return True
    if door_mail.leaves(dunnock()):
        flash(
            _("The invitation is made, but its mail did not leave. The reason stands beside it."), "problem"
        )
        return True
    return False
