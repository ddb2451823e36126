"""Passkeys, passwords, recovery codes, and what happened at the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Delete, Update, delete, or_, select, update
from sqlalchemy.orm import Session

from store.models import (
    Passkey,
    Password,
    PasswordReset,
    Person,
    RecoveryCode,
    SignIn,
    UsedChallenge,
)
from store.queries.upsert import insert_new


def locked_person(session: Session, person_id: str) -> Person | None:
    """The person, so that of two changes to their ways in one comes after the other."""
    return session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one_or_none()


def seen(session: Session, person_id: str, now: datetime, before: datetime) -> None:
    """Write down that a page was asked for, unless that was done since ``before``."""
    stale = or_(Person.last_seen_at.is_(None), Person.last_seen_at < before)
    session.execute(update(Person).where(Person.id == person_id, stale).values(last_seen_at=now))


def passkeys(session: Session, person_id: str) -> Sequence[Passkey]:
    mine = select(Passkey).where(Passkey.person_id == person_id)
    return session.scalars(mine.order_by(Passkey.created_at, Passkey.id)).all()


def passkey(session: Session, person_id: str, passkey_id: str) -> Passkey | None:
    mine = select(Passkey).where(Passkey.person_id == person_id, Passkey.id == passkey_id)
    return session.scalars(mine).one_or_none()


def passkey_by_credential(session: Session, credential_id: str) -> Passkey | None:
    """The passkey, locked, so that its count of uses only rises."""
    this = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    return session.scalars(this).one_or_none()


def password(session: Session, person_id: str) -> Password | None:
    return session.get(Password, person_id)


def password_by_email(session: Session, email: str) -> Password | None:
    return session.scalars(select(Password).where(Password.email == email)).one_or_none()


def take_step(session: Session, person_id: str, step: int) -> bool:
    """Use up the one-time code of this half minute. False when it, or a later one, was used already."""
    unused = or_(Password.last_step.is_(None), Password.last_step < step)
    mine = update(Password).where(Password.person_id == person_id, unused)
    return _touched(session, mine.values(last_step=step)) == 1


def take_recovery_code(session: Session, person_id: str, digest: str, now: datetime) -> bool:
    """Use up a recovery code. False when there is none such, or it was used already."""
    mine = update(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
    )
    return _touched(session, mine.values(used_at=now)) == 1


def replace_recovery_codes(session: Session, person_id: str, digests: Iterable[str]) -> None:
    """These and no others; none: the person has none any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.add_all(RecoveryCode(person_id=person_id, digest=one) for one in digests)
    session.flush()


def codes_left(session: Session, person_id: str) -> int:
    unused = select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(unused).all())


def reset(session: Session, digest: str, now: datetime) -> PasswordReset | None:
    """The reset with this digest, while it is good."""
    good = (PasswordReset.digest == digest, PasswordReset.used.is_(False), PasswordReset.expires_at > now)
    return session.scalars(select(PasswordReset).where(*good)).one_or_none()


def take_reset(session: Session, digest: str, now: datetime) -> bool:
    """Use it up. False when somebody was faster, or it is not good any more."""
    good = (PasswordReset.digest == digest, PasswordReset.used.is_(False), PasswordReset.expires_at > now)
    return _touched(session, update(PasswordReset).where(*good).values(used=True)) == 1


def drop_resets(session: Session, person_id: str) -> None:
    """Links that were sent before are worth nothing."""
    session.execute(delete(PasswordReset).where(PasswordReset.person_id == person_id))


def use_challenge(session: Session, digest: str, expires_at: datetime) -> bool:
    """Mark a challenge as answered. False when it was answered before, also a moment ago by another process."""
    fresh = insert_new(session, UsedChallenge).values(digest=digest, expires_at=expires_at)
    counted = fresh.execution_options(preserve_rowcount=True)  # else PostgreSQL's driver does not say
    return session.connection().execute(counted).rowcount == 1


def sign_ins(session: Session, person_id: str, most: int) -> Sequence[SignIn]:
    """The last ones, newest first."""
    mine = select(SignIn).where(SignIn.person_id == person_id)
    return session.scalars(mine.order_by(SignIn.at.desc(), SignIn.id).limit(most)).all()


def forget(session: Session, now: datetime, sign_ins_before: datetime) -> None:
    """What is over: challenges, links for new passwords, old sign-ins."""
    session.execute(delete(UsedChallenge).where(UsedChallenge.expires_at < now))
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at < now))
    session.execute(delete(SignIn).where(SignIn.at < sign_ins_before))


def with_secrets(session: Session) -> Sequence[Password]:
    return session.scalars(select(Password).order_by(Password.person_id)).all()


def _touched(session: Session, statement: Update | Delete) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
