"""The ways by which somebody comes in: the ledger, passkeys, a password with one-time codes. One of them always stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit import clock, wording
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import new_id, new_secret
from kit.wording import N_, _
from services import one_time_codes, passkeys, passwords
from services.app import App
from services.passkeys import Challenge
from store.models import Passkey, Password, PasswordReset, Person
from store.queries import connection
from store.queries import signing_in as queries

LONGEST_NAME: Final = 100
RESET_GOOD_FOR: Final = timedelta(hours=1)
_WRONG = N_(
    "E-mail address, password and code do not fit together. Check all three; a code is good once, for half a minute."
)
_WRONG_CODE = N_("That code is not right, or was used already. Type the one that the app shows now.")
_LAST = N_("This is your only way to sign in. Add another one first, then remove this.")
_GONE = N_("That is gone already; reload the page.")
_TAKEN = N_(
    "Somebody signs in with this e-mail address already. If that is you, sign in, and open this link again."
)
_XERO_TAKEN = N_("This Xero user has an account here already. Sign in with Xero to use it.")
_RESET_OVER = N_("This link was used, or is older than an hour. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person can come in."""

    xero: bool
    passkeys: Sequence[Passkey]
    password: Password | None
    codes_left: int

    @property
    def number(self) -> int:
        return self.xero + len(self.passkeys) + (self.password is not None)


def of(session: Session, person: Person) -> WaysIn:
    """How this person can come in."""
    return WaysIn(
        person.subject is not None,
        queries.passkeys(session, person.id),
        queries.password(session, person.id),
        queries.codes_left(session, person.id),
    )


# -- coming in ------------------------------------------------------------------------------------------


def by_password(app: App, email: str, password: str, code: str) -> tuple[str, str]:
    """Who this is, and by which way (password, recovery_code). ``UserError`` says the same whatever is wrong."""
    with app.database.read_across() as session:
        row = queries.password_by_email(session, tidy_email(email))
    if not passwords.fits(row.hash if row else None, password) or row is None:
        raise UserError(_(_WRONG))
    with app.database.write_across() as session:
        way = one_time_codes.take(app, session, row, code)
    if way is None:
        raise UserError(_(_WRONG))
    return row.person_id, way


def proves(app: App, person_id: str, password: str, code: str) -> None:
    """Whether whoever is signed in is still the same person. ``UserError`` when that is not shown."""
    with app.database.read_across() as session:
        row = queries.password(session, person_id)
    by_password(app, row.email if row else "", password, code)


# -- newcomers ------------------------------------------------------------------------------------------


def newcomer(session: Session, person_id: str, email: str, name: str, now: datetime) -> Person:
    """Somebody who has come by an invitation to this address."""
    person = Person(
        id=person_id,
        subject=None,
        email=email,
        name=tidy_person(name),
        own_email=True,
        own_name=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def tidy_person(name: str) -> str:
    """A person's name. ``UserError`` where there is none."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise UserError(
            _("Give your name, with at most %(longest_name)s characters.", longest_name=LONGEST_NAME)
        )
    return tidy


def tidy_email(email: str) -> str:
    return email.strip().lower()


# -- changing them --------------------------------------------------------------------------------------


def rename(app: App, person_id: str, name: str) -> None:
    """Call oneself something else. From then on the ledger does not say what one is called."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        person.name, person.own_name = tidy_person(name), True


def read_in(app: App, person_id: str, language: str | None) -> None:
    """Read the pages in this language from now on; None: in the one that the browser asks for. ``UserError`` for one we lack."""
    if language is not None and language not in wording.LANGUAGES:
        raise UserError(_("Dunnock has no pages in that language. Choose one from the list."))
    with app.database.write_across() as session:
        _locked(session, person_id).language = language


def add_password(
    app: App, session: Session, person: Person, password: str, secret: str, code: str
) -> list[str]:
    """A password with one-time codes of this secret, of which a code is shown; the recovery codes."""
    kept = passwords.hashed(password, person.email, person.name)
    step = one_time_codes.step_of(secret, code)
    if step is None:
        raise UserError(_(_WRONG_CODE))
    email = tidy_email(person.email)
    other = queries.password_by_email(session, email)
    if other is not None and other.person_id != person.id:
        raise UserError(_(_TAKEN))
    row = queries.password(session, person.id) or Password(person_id=person.id, email=email)
    row.hash, row.codes_cipher, row.last_step = kept, app.secrets.encrypt(secret), step
    row.changed_at = clock.now()
    person.own_email = True
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise UserError(_(_TAKEN)) from None
    queries.drop_resets(session, person.id)
    return one_time_codes.new_recovery_codes(session, person.id)


def set_password(app: App, person_id: str, password: str, secret: str, code: str) -> list[str]:
    """The same for somebody who is signed in. In place of another password it ends their sessions."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        if queries.password(session, person_id) is not None:
            _end_sessions(session, person_id)
        return add_password(app, session, person, password, secret, code)


def change_password(app: App, person_id: str, password: str) -> None:
    """Another password; the one-time codes stay as they are. Their sessions end."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        row = queries.password(session, person_id)
        if row is None:
            raise UserError(_(_GONE))
        row.hash = passwords.hashed(password, person.email, person.name)
        row.changed_at = clock.now()
        queries.drop_resets(session, person_id)
        _end_sessions(session, person_id)


def remove_password(app: App, person_id: str) -> None:
    """No password any more. Their sessions end. ``UserError`` when it is the only way in."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        row = queries.password(session, person_id)
        if row is None:
            raise UserError(_(_GONE))
        _keep_one(session, person)
        queries.replace_recovery_codes(session, person_id, [])
        queries.drop_resets(session, person_id)
        session.delete(row)
        _end_sessions(session, person_id)


def new_recovery_codes(app: App, person_id: str) -> list[str]:
    """Ten new ones in place of those that there were."""
    with app.database.write_across() as session:
        _locked(session, person_id)
        if queries.password(session, person_id) is None:
            raise UserError(_(_GONE))
        return one_time_codes.new_recovery_codes(session, person_id)


def add_passkey(app: App, person_id: str, challenge: Challenge, answer: str, name: str) -> None:
    """One more passkey for somebody who is signed in."""
    with app.database.write_across() as session:
        _locked(session, person_id)
        if challenge.person_id != person_id:
            raise UserError(_(_GONE))
        passkeys.keep(app, session, challenge, answer, name, clock.now())


def rename_passkey(app: App, person_id: str, passkey_id: str, name: str) -> None:
    with app.database.write_across() as session:
        row = queries.passkey(session, person_id, passkey_id)
        if row is None:
            raise UserError(_(_GONE))
        row.name = passkeys.tidy_name(name)


def remove_passkey(app: App, person_id: str, passkey_id: str) -> None:
    """It opens nothing any more. Their sessions end. ``UserError`` when it is the only way in."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        row = queries.passkey(session, person_id, passkey_id)
        if row is None:
            raise UserError(_(_GONE))
        _keep_one(session, person)
        session.delete(row)
        _end_sessions(session, person_id)


def link_xero(app: App, person_id: str, subject: str) -> None:
    """Let them sign in with this user of the ledger too. ``UserError`` when that is somebody else here."""
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        other = connection.person_by_subject(session, subject)
        if other is not None and other.id != person_id:
            raise UserError(_(_XERO_TAKEN))
        if person.subject not in (None, subject):
            raise UserError(_("Another Xero user is linked to your account. Unlink that one first."))
        if person.subject is None:
            person.own_email = person.own_name = True
        person.subject = subject


def unlink_xero(app: App, person_id: str) -> None:
    """No signing in with the ledger any more. Their sessions end.

    ``UserError`` when it is the only way in, or the ledger is read by what this person allowed.
    """
    with app.database.write_across() as session:
        person = _locked(session, person_id)
        if person.subject is None:
            raise UserError(_(_GONE))
        _keep_one(session, person)
        row = connection.authorisation_of(session, person_id)
        if row is not None and connection.organisations_of(session, row.id):
            raise UserError(
                _(
                    "You connected an organisation to Xero, which is read in your name. Have a colleague connect it first."
                )
            )
        person.subject = None
        _end_sessions(session, person_id)


def sign_out_everywhere(app: App, person_id: str) -> None:
    """End all their sessions, in whatever browser; a page can say that its own goes on (``web.door.stay_in``)."""
    with app.database.write_across() as session:
        _end_sessions(session, person_id)


def _end_sessions(session: Session, person_id: str) -> None:
    session.flush()
    connection.sign_out(session, person_id, clock.machine_now())


def _locked(session: Session, person_id: str) -> Person:
    person = queries.locked_person(session, person_id)
    if person is None:
        raise UserError(_(_GONE))
    return person


def _keep_one(session: Session, person: Person) -> None:
    if of(session, person).number < 2:
        raise UserError(_(_LAST))


# -- a new password by mail -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A link for a new password, and to whom it goes."""

    person_id: str
    email: str
    link: str


def begin_reset(app: App, email: str) -> ResetLink | None:
    """A link for a new password; None where nobody signs in with this address. An earlier one is worth nothing."""
    secret = new_secret()
    with app.database.write_across() as session:
        row = queries.password_by_email(session, tidy_email(email))
        if row is None:
            return None
        queries.drop_resets(session, row.person_id)
        until = clock.now() + RESET_GOOD_FOR
        session.add(PasswordReset(digest=digest(secret), person_id=row.person_id, expires_at=until))
        return ResetLink(row.person_id, row.email, f"{app.settings.public_url}/new-password/{secret}")


def check_reset(app: App, secret: str) -> None:
    """``UserError`` for a link that is not good any more."""
    with app.database.read_across() as session:
        if queries.reset(session, digest(secret), clock.now()) is None:
            raise UserError(_(_RESET_OVER))


def reset_password(app: App, secret: str, password: str, code: str) -> tuple[str, str]:
    """Set it anew by the link and a one-time code; who that is, and by which way. All their sessions end.

    A wrong code leaves the link as it is, so that nobody has to ask for another mail because of a slip.
    """
    with app.database.write_across() as session:
        found = queries.reset(session, digest(secret), clock.now())
        row = queries.password(session, found.person_id) if found else None
        if found is None or row is None:
            raise UserError(_(_RESET_OVER))
        person = _locked(session, row.person_id)
        kept = passwords.hashed(password, person.email, person.name)
        way = one_time_codes.take(app, session, row, code)
        if way is None:
            raise UserError(_(_WRONG_CODE))
        if not queries.take_reset(session, digest(secret), clock.now()):
            raise UserError(_(_RESET_OVER))
        session.refresh(row)
        row.hash, row.changed_at = kept, clock.now()
        _end_sessions(session, row.person_id)
        return row.person_id, way


def fresh_id() -> str:
    """The id of somebody who is about to join; their passkey names it before they are here."""
    return new_id()
