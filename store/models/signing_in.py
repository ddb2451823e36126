"""How people come in: invitations, passkeys, passwords with one-time codes, and what happened at the door."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, Words


class Invitation(Base):
    """Somebody is asked for a yes, by a link. Only the digest of the link's secret is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_digest"),
        Index(None, "organisation_id", "created_at"),
        Index(None, "practice_id", "created_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    """member, practice_staff, practice_client (a practice asks a client), client_asks (a client asks a practice)"""
    organisation_id: Mapped[Id | None] = mapped_column(ForeignKey("organisations.id"))
    """Whose people invite; None: a practice's do."""
    practice_id: Mapped[Id | None]
    """The practice that invites; of ``client_asks`` the one that has said yes."""
    email: Mapped[Words]
    """In small letters."""
    role: Mapped[Code | None]
    """As what they are to join; None: the yes makes nobody a member of anything."""
    consent_words: Mapped[Words | None]
    """Of ``client_asks``: what the client says yes to by asking."""
    invited_by: Mapped[Words]
    invited_by_person: Mapped[Id | None]
    """Who that is: the invitation is worth nothing once they could not make it any more. None: made by a command."""
    by_practice_id: Mapped[Id | None]
    """The practice as whose staff they invited into an organisation."""
    token_digest: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    mail_problem: Mapped[Words | None]
    """Why the mail did not leave."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[Words | None]
    withdrawn_because: Mapped[Words | None]
    """Why, where nobody pressed a button for it."""
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[Id | None] = mapped_column(ForeignKey("people.id"))


class Passkey(Base):
    """A key that somebody's device or password manager holds. We know its public half."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("credential_id"), Index(None, "person_id"))

    id: Mapped[Id] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    credential_id: Mapped[Words]
    """base64url, as WebAuthn writes it."""
    public_key: Mapped[Words]
    """base64url of COSE."""
    sign_count: Mapped[int]
    """How often the key was used, as it says itself; many say 0 always."""
    name: Mapped[Words]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Password(Base):
    """Somebody's password and the secret of their one-time codes, which always go together."""

    __tablename__ = "passwords"
    __table_args__ = (UniqueConstraint("email"),)

    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    email: Mapped[Words]
    """By which they sign in; in small letters."""
    hash: Mapped[Words]
    """Argon2id"""
    codes_cipher: Mapped[Words]
    """The secret of the one-time codes, encrypted."""
    last_step: Mapped[int | None]
    """The half minute of the last code that was taken; that one and earlier ones are worth nothing."""
    changed_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of ten codes for the day on which the one-time codes are lost; each is good once."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A link by which a password can be set anew, once."""

    __tablename__ = "password_resets"
    __table_args__ = (Index(None, "person_id"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    used: Mapped[bool] = mapped_column(default=False, server_default=false())


class UsedChallenge(Base):
    """A challenge that was answered. A session in a cookie can be brought back, so it cannot tell by itself."""

    __tablename__ = "used_challenges"
    __table_args__ = (Index(None, "expires_at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SignIn(Base):
    """Somebody came in."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    way: Mapped[Code]
    """xero, passkey, password, recovery_code"""
    browser: Mapped[Words]
    """In words: Firefox on Windows."""
