"""Who uses Dunnock, for which organisations, with which authorisation at the ledger."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words


class Person(Base):
    """Somebody who signs in: with the ledger, with a passkey, or with a password and one-time codes."""

    __tablename__ = "people"

    id: Mapped[Id] = mapped_column(primary_key=True)
    subject: Mapped[LedgerId | None] = mapped_column(unique=True)
    """The ledger's id of that person; None: they do not sign in with it."""
    email: Mapped[Words]
    name: Mapped[Words]
    own_email: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They came by an invitation to this address, or sign in with it: what the ledger says of them leaves it alone."""
    own_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They said themselves what they are called, so the ledger does not."""
    created_at: Mapped[datetime]
    signed_out_at: Mapped[datetime | None]
    """By the machine's clock; sessions that were begun before are over, but for one that says it stays."""
    last_seen_at: Mapped[datetime | None]
    """When a page was asked for last, to within minutes."""
    language: Mapped[Code | None]
    """In which they read the pages (ISO 639); None: as their browser asks."""


class Authorisation(Base):
    """One person's token set at the ledger. It may cover several organisations, and is kept once."""

    __tablename__ = "authorisations"

    id: Mapped[Id] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), unique=True)
    state: Mapped[Code]
    """connected, needs_reconnect"""
    note: Mapped[Words | None]
    tokens_cipher: Mapped[Words]
    """JSON of access_token, refresh_token and scope, encrypted."""
    previous_refresh_cipher: Mapped[Words | None]
    previous_refresh_until: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    """Counts token sets, so that a slow refresher cannot overwrite a newer set."""
    lease_holder: Mapped[Id | None]
    lease_until: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    """When to ask the ledger again which organisations this still covers; None: not asked yet."""


class Organisation(Base):
    """One ledger tenant; owns everything below it."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("ledger", "ledger_tenant_id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger: Mapped[Code]
    ledger_tenant_id: Mapped[LedgerId]
    name: Mapped[Words]
    timezone: Mapped[Words]
    """An IANA name."""
    base_currency: Mapped[Code]
    country: Mapped[Code]
    language: Mapped[Code | None]
    """In which it writes, as a person set it (ISO 639); None: that of its country."""
    short_code: Mapped[Words | None]
    """The ledger's code of the organisation in links to its pages."""
    own_reminders: Mapped[bool | None]
    """Whether the ledger itself already sends reminders; None until asked."""
    reminders_asked_on: Mapped[date | None]
    """The organisation's day on which the ledger was last asked that."""
    authorisation_id: Mapped[Id | None] = mapped_column(ForeignKey("authorisations.id"))
    connection_id: Mapped[LedgerId | None]
    """The ledger's id of the connection, for deleting it."""
    connection: Mapped[Code]
    """connected, needs_reconnect, disconnected"""
    connection_note: Mapped[Words | None]
    chasing: Mapped[Code]
    """off, dry_run, live"""
    chasing_since: Mapped[datetime | None]
    chasing_changed_by: Mapped[Words | None]
    daily_cap: Mapped[int | None]
    """Most chasers in 24 hours, as a person set it; None: the learned cap holds."""
    books_limit_days: Mapped[int | None]
    """Days without a payment after which the books count as unreconciled, as a person set it; None: the learned limit."""
    when_books_lag: Mapped[Code] = mapped_column(default="ask", server_default="ask")
    """ask, hold, soften"""
    minimum_balances: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """By currency, as text: below so much due a contact is not chased. For others the product's own minimum holds."""
    minimum_gap_days: Mapped[int] = mapped_column(default=4, server_default="4")
    """Calendar days from one message to a contact to the next."""
    promise_grace_days: Mapped[int] = mapped_column(default=2, server_default="2")
    """Working days after a promised or expected payment before chasing goes on."""
    when_plan_missed: Mapped[Code] = mapped_column(default="ask", server_default="ask")
    """What follows when an instalment of a payment plan does not come: ask, resume."""
    plan_bounds: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What customers may propose: most_instalments, longest_days, least_percent; what is missing is the product's own."""
    dispute_days: Mapped[int] = mapped_column(default=30, server_default="30")
    """Calendar days within which a dispute is to be answered."""
    binding_reports: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Countries (ISO 3166) whose limits on contacting customers keep messages back though they were only read in reports."""
    delete_after_days: Mapped[int] = mapped_column(default=90, server_default="90")
    """Days after a disconnection before everything is deleted."""
    kept_days: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """By kind of data: for how many days it is kept; what is missing is the product's own."""
    kept_looked_at: Mapped[datetime | None]
    """When what is older was last removed."""
    approval: Mapped[Code] = mapped_column(default="off", server_default="off")
    """Which chasers wait for a person's yes beside those of steps that say so: off, formal_steps, every_message."""
    signature: Mapped[Words | None]
    """Under the mails of senders that have none of their own."""
    notes_without_text: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Of these kinds of records only the fact is written to the ledger (``services.note_rules``)."""
    sending_days: Mapped[list[int]] = mapped_column(default=lambda: [0, 1, 2, 3, 4])
    """Monday is 0."""
    opens: Mapped[time] = mapped_column(default=time(9, 30))
    closes: Mapped[time] = mapped_column(default=time(16, 0))
    holidays_of: Mapped[Code | None]
    """The country or region (GB-SCT) whose public holidays are kept; ``none``: nobody's; None: those of ``country``."""
    closed_periods: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """Each with first, last (ISO dates, both included), name, yearly."""
    sending_problem: Mapped[Words | None]
    """Why nothing can be handed to the mail provider just now."""
    retry_sending_at: Mapped[datetime | None]
    mailings: Mapped[int] = mapped_column(default=0, server_default="0")
    """Batches of chasers taken in hand so far; Redis keeps the same count, so that it shows when this one went back."""
    audit_kept_days: Mapped[int] = mapped_column(default=730, server_default="730")
    """Days for which the audit log is kept; never less than 365."""
    second_eyes: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What takes effect by a second person's yes only: templates, bulk."""
    practice_agrees: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Two people of a practice may agree with each other, though there are members of its own who could."""
    risk_categories: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """The categories of risk, the best first: key, name, at_least (points), watch, schedule_id;
    empty: those everybody begins with."""
    risk_moves_schedules: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whoever comes to a category with a schedule is moved to it by itself; else a person says yes or no."""
    credit_bands: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """The bands of credit scores, the best first: name, at_least; empty: those everybody begins with."""
    credit_report_cost: Mapped[Decimal | None]
    """What a credit report costs by the contract with the bureau; None: nobody has said, so none can be ordered."""
    credit_report_currency: Mapped[Code | None]
    credit_score_months: Mapped[int] = mapped_column(default=12, server_default="12")
    """For how many months after its day the score of a report counts in the risk."""
    minutes_saved: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """By kind of work: the minutes that each is assumed to save; what is missing is the product's own assumption."""
    imported_at: Mapped[datetime | None]
    """When the first import was complete."""
    synced_at: Mapped[datetime | None]
    """The moment for which the mirror is known to be right."""
    created_at: Mapped[datetime]


class Membership(Base):
    """What a person may do in an organisation."""

    __tablename__ = "memberships"

    organisation_id: Mapped[OrganisationId]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[Code]
    """owner, manager, chaser, caller, read_only, practice_admin, practice_staff"""
    signature: Mapped[Words | None]
    """Under mails that leave from this person's own address; None: the organisation's."""
    evening_notice: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Told in the evening what leaves on the next day."""


class ApiToken(Base):
    """A key to the API, for one organisation and role; only its digest is kept."""

    __tablename__ = "api_tokens"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Code]
    name: Mapped[Words] = mapped_column(default="", server_default="")
    """What it is for."""
    created_by: Mapped[Words | None]
    created_by_person: Mapped[Id | None]
    """Who that is: the token is worth nothing once they could not make it any more. None: made by a command."""
    practice_id: Mapped[Id | None]
    """The practice as whose staff they made it."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To within minutes."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[Words | None]
    revoked_because: Mapped[Words | None]
    """Why, where nobody pressed a button for it."""


class ApiAnswer(Base):
    """What a request with an ``Idempotency-Key`` was answered, so that a repeat changes nothing."""

    __tablename__ = "api_answers"
    __table_args__ = (Index(None, "created_at"),)

    organisation_id: Mapped[OrganisationId]
    key: Mapped[Words] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    status: Mapped[int]
    body: Mapped[Words]
    created_at: Mapped[datetime]
