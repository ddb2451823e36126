"""The senders of an organisation: added, changed, made the default, removed.

All of it happens within the caller's change. What is wrong is said in a ``UserError``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Never

from sqlalchemy.orm import Session

from kit import clock
from kit.crypto import SecretBox
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _, grouped
from services import mailbox_switch
from services.senders import MAILBOX, PROVIDER, UNCHECKED, USUAL_DAILY_LIMIT
from services.sending_domains import state_for
from store.models import Sender
from store.queries import senders as queries
from store.queries.switches import organisation_to_change

MOST_SENDERS = 100
LONGEST_NAME, LONGEST_EMAIL, LONGEST_SIGNATURE = 100, 254, 1000
LARGEST_DAILY_LIMIT = 10_000
STARTTLS, TLS = "starttls", "tls"
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_ASK_FOR_IT = N_("Give the app password of the mailbox; it is kept encrypted and never shown.")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that mails leave from. ``password`` None: the one that is kept already."""

    host: str
    port: int = 587
    security: str = STARTTLS
    user: str = ""
    password: str | None = None
    daily_limit: int = USUAL_DAILY_LIMIT


@dataclass(frozen=True, slots=True)
class SenderWanted:
    """A sender as a person wants it. ``mailbox`` None: its mails leave by the mail provider."""

    name: str
    email: str
    signature: str = ""
    person_id: str | None = None
    """Whose sender it is; None: of the colleague with this address, if there is one."""
    mailbox: Mailbox | None = None


def add(
    session: Session,
    organisation_id: str,
    wanted: SenderWanted,
    secrets: SecretBox | None,
    *,
    may_be_default: bool = True,
) -> Sender:
    """A new sender; the first one is the default, if it may be. ``secrets`` is needed to keep a password."""
    organisation_to_change(session, organisation_id)
    there = queries.senders(session, organisation_id)
    if len(there) >= MOST_SENDERS:
        raise UserError(
            _(
                "There are %(most_senders)s senders already; change one of them instead.",
                most_senders=MOST_SENDERS,
            )
        )
    row = Sender(
        organisation_id=organisation_id,
        id=new_id(),
        is_default=may_be_default and not any(one.is_default for one in there),
        state=UNCHECKED,
        created_at=clock.now(),
    )
    _write(session, row, wanted, secrets)
    session.add(row)
    session.flush()
    return row


def change(
    session: Session, organisation_id: str, sender_id: str, wanted: SenderWanted, secrets: SecretBox | None
) -> Sender:
    """Change a sender. With another address or mailbox it has to be checked again."""
    organisation_to_change(session, organisation_id)
    row = queries.sender(session, organisation_id, sender_id) or _gone()
    _write(session, row, wanted, secrets)
    session.flush()
    return row


def make_default(session: Session, organisation_id: str, sender_id: str) -> None:
    """From now on it writes wherever neither the step nor the customer has a sender."""
    organisation_to_change(session, organisation_id)
    wanted = queries.sender(session, organisation_id, sender_id) or _gone()
    for row in queries.senders(session, organisation_id):
        row.is_default = row is wanted
    session.flush()


def remove(session: Session, organisation_id: str, sender_id: str) -> None:
    """Remove a sender; the default writes in its place. The default itself goes last."""
    organisation_to_change(session, organisation_id)
    row = queries.sender(session, organisation_id, sender_id) or _gone()
    if row.is_default and len(queries.senders(session, organisation_id)) > 1:
        raise UserError(
            _("%(row_name)s is the default sender; make another the default first.", row_name=row.name)
        )
    session.delete(row)
    session.flush()


def _write(session: Session, row: Sender, wanted: SenderWanted, secrets: SecretBox | None) -> None:
    name, email = _name(wanted.name), _email(wanted.email)
    organisation_id = row.organisation_id
    others = [one for one in queries.senders(session, organisation_id) if one.id != row.id]
    if any(one.email.casefold() == email.casefold() for one in others):
        raise UserError(
            _("There is a sender with the address %(email)s already; change that one.", email=email)
        )
    mailbox, cipher = _mailbox(row, wanted.mailbox, secrets)
    whose = (row.email, row.person_id, _place(row.mailbox))
    moved = (row.email, row.mailbox, row.secret_cipher) != (email, mailbox, cipher)
    row.name, row.email, row.signature = name, email, _signature(wanted.signature)
    row.person_id = _person(session, organisation_id, wanted, email)
    row.way = MAILBOX if mailbox else PROVIDER
    row.mailbox, row.secret_cipher = mailbox, cipher
    if moved or whose[1] != row.person_id:
        is_another = whose != (email, row.person_id, _place(mailbox))
        mailbox_switch.mailbox_changed(session, row, is_another=is_another)
    if moved:
        row.problem = row.checked_at = row.retry_at = None
        row.state = UNCHECKED if mailbox else state_for(session, organisation_id, email)


def _place(mailbox: dict[str, Any] | None) -> tuple[str, str] | None:
    """Which mailbox it is, whatever its password."""
    return (mailbox["host"], mailbox["user"]) if mailbox else None


def _name(typed: str) -> str:
    name = typed.strip()
    if not name or not name.isprintable():
        raise UserError(_("Give the sender’s name on a single line, such as Anna Hale."))
    if len(name) > LONGEST_NAME:
        raise UserError(
            _(
                "The sender’s name is too long; use at most %(longest_name)s characters.",
                longest_name=LONGEST_NAME,
            )
        )
    return name


def _email(typed: str) -> str:
    email = typed.strip()
    if not (_ADDRESS.fullmatch(email) and email.isprintable() and len(email) <= LONGEST_EMAIL):
        raise UserError(
            _("“%(email)s” is not an e-mail address; it should look like accounts@example.com.", email=email)
        )
    return email


def _signature(typed: str) -> str | None:
    signature = typed.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(signature) > LONGEST_SIGNATURE:
        raise UserError(
            _(
                "The signature is too long; use at most %(longest_signature)s characters.",
                longest_signature=LONGEST_SIGNATURE,
            )
        )
    return signature or None


def _person(session: Session, organisation_id: str, wanted: SenderWanted, email: str) -> str | None:
    people = queries.colleagues(session, organisation_id)
    if wanted.person_id is None:
        return next((one.id for one in people if one.email.casefold() == email.casefold()), None)
    if all(one.id != wanted.person_id for one in people):
        raise UserError(_("This person is not a member of this organisation; choose one who is."))
    return wanted.person_id


def _mailbox(
    row: Sender, wanted: Mailbox | None, secrets: SecretBox | None
) -> tuple[dict[str, Any] | None, str | None]:
    """The mailbox as it is kept, and its password, encrypted.

    A password that is kept goes to no other server than the one for which it was given.
    """
    if wanted is None:
        return None, None
    host, user = wanted.host.strip().lower(), wanted.user.strip()
    if not _HOST.fullmatch(host) or ".." in host:
        raise UserError(
            _("“%(host)s” is not the name of a mail server; it should look like smtp.example.com.", host=host)
        )
    if not 0 < wanted.port < 65536:
        raise UserError(
            _("The port is a number from 1 to 65535; most servers take 587 with STARTTLS, 465 with TLS.")
        )
    if wanted.security not in (STARTTLS, TLS):
        raise UserError(
            _("The connection is either starttls or tls; a mailbox without encryption cannot be used.")
        )
    if not user or not user.isprintable():
        raise UserError(_("Give the user name of the mailbox; it is often the address itself."))
    if not 0 < wanted.daily_limit <= LARGEST_DAILY_LIMIT:
        raise UserError(
            _(
                "The daily limit of a mailbox is a number from 1 to %(largest_daily_limit)s.",
                largest_daily_limit=grouped(LARGEST_DAILY_LIMIT),
            )
        )
    kept = {"host": host, "port": wanted.port, "security": wanted.security, "user": user}
    if wanted.password:
        if secrets is None:
            raise UserError(_("TOKEN_KEYS must be set for this; see the README."))
        cipher = secrets.encrypt(wanted.password)
    elif row.secret_cipher and {key: (row.mailbox or {}).get(key) for key in kept} == kept:
        cipher = row.secret_cipher
    else:
        raise UserError(_(_ASK_FOR_IT))
    stays = cipher == row.secret_cipher and "maker" in (row.mailbox or {})
    there = row.mailbox or {}
    maker: dict[str, Any] = {name: there[name] for name in ("maker", "reads") if stays and name in there}
    return {**kept, "daily_limit": wanted.daily_limit, **maker}, cipher


def _gone() -> Never:
    raise UserError(_("There is no such sender in this organisation; it may have been removed."))
