"""A standing cast: a joinery with its customers, its owner and a colleague; and a stranger with a business of her own.

Every date is counted from ``now``, so that what is overdue stays overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id
from services import presets
from store.database import Database
from store.ids import document_id
from store.models import (
    Authorisation,
    Contact,
    Credit,
    Invoice,
    Membership,
    Organisation,
    Person,
    ScheduleVersion,
)
from store.queries import figures_kept, pages
from tests.support import kept as stages
from tests.support.cast_agreements import (
    bulk_run,
    campaign,
    comparison,
    dispute,
    old_terms,
    people,
    plans,
    promise,
    rule,
    task,
)
from tests.support.cast_correspondence import HOSTILE, correspondence

_LONG = (
    "The Worshipful Society of Cabinet Makers, Wheelwrights and Allied Trades of Upper and Lower Slaughter"
)

_CUSTOMERS: tuple[tuple[str, str | None, tuple[tuple[int, str, str], ...]], ...] = (
    # name, e-mail, (days since due, currency, amount due)
    ("Bellwether Books", "accounts@bellwether.example", ((45, "GBP", "1842.00"), (12, "GBP", "310.50"))),
    ("Corvid & Crane Architects", "ledger@corvidcrane.example", ((8, "GBP", "12480.00"),)),
    ("Møller Sejl ApS", "faktura@mollersejl.example", ((3, "EUR", "2950.00"), (-10, "EUR", "740.00"))),
    (
        "Nightingale Care Homes",
        "payables@nightingale.example",
        ((95, "GBP", "4200.00"), (65, "GBP", "4200.00")),
    ),
    ("Orchard Row Primary School", "office@orchardrow.example", ((-3, "GBP", "655.20"),)),
    ("Pike Street Coffee", "sam@pikestreet.example", ((16, "GBP", "188.40"),)),
    ("Quill Stationers", None, ((21, "GBP", "92.15"), (5, "GBP", "140.00"))),
    ("Rook Lane Dental", "practice@rooklane.example", ((2, "GBP", "1075.00"),)),
    ("Saltmarsh Brewing", "hello@saltmarsh.example", ((31, "GBP", "5610.75"), (30, "USD", "800.00"))),
    ("Thistle & Thorn Florists", "thistle@thorn.example", ((1, "GBP", "8.50"),)),
    (
        _LONG,
        "a.very.long.mailbox.name.for.accounts.payable@cabinetmakers.example",
        ((7, "GBP", "1234567.89"),),
    ),
    ("Umber Yard Studios", "studio@umberyard.example", ()),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids of everybody, to sign in as and to ask for."""

    organisation_id: str
    owner_id: str
    colleague_id: str
    """read_only in the organisation"""
    stranger_id: str
    other_organisation_id: str
    """the stranger's own"""
    contact_id: str
    """has open invoices, messages in both directions, notes, a file and a hold"""
    invoice_id: str
    attachment_id: str
    hold_id: str
    dispute_id: str
    """about a small invoice of another customer"""

    @property
    def home(self) -> str:
        """Where the organisation's pages are."""
        return f"/organisations/{self.organisation_id}"

    def organisation(self, database: Database) -> Organisation:
        """The organisation as it stands now."""
        with database.read(self.organisation_id) as session:
            return session.get_one(Organisation, self.organisation_id)


def fill(database: Database, *, imported: bool = True, hostile: bool = False) -> Cast:
    """Put the cast on the stage; ``hostile`` adds a customer whose name tries to break pages."""
    now = clock.now().replace(microsecond=0)
    with database.write_across() as session:
        anna, ben, sybil = (
            _person(session, name, now) for name in ("Anna Hale", "Ben Okafor", "Sybil Strange")
        )
        home = _organisation(session, "Hedgerow Joinery", anna, now, imported)
        other = _organisation(session, "Strange Imports", sybil, now, imported)
        session.add(Membership(organisation_id=home.id, person_id=ben.id, role="read_only"))
        invoices = _customers(session, home, now, hostile)
        presets.install(session, home.id, now)
        presets.install(session, other.id, now)
        version = _standard(session, home)
        attachment, hold = correspondence(session, home, invoices[0], version, now)
        _credit(session, home, invoices[-1].contact_id, now)
        florist = next(one for one in invoices if one.amount_due == Decimal("8.50"))
        session.add(dispute(home, florist, anna, now))
        session.add(rule(home))
        session.add(campaign(home, now))
        for row in comparison(home, invoices[0].contact_id, now):
            session.add(row)
            session.flush()
        session.add(old_terms(home, invoices[0].contact_id, now))
        session.add(promise(home, invoices[-1].contact_id, now))
        session.flush()
        plans(session, home, next(one for one in invoices if one.amount_due == Decimal("655.20")), now)
        session.add_all(people(home, invoices[0].contact_id, now))
        session.add(task(home, invoices[0], anna, now))
        bulk_run(session, home, invoices[0].contact_id, now)
        figures_kept.mark_stale(session, home.id, {one.contact_id for one in invoices})  # as the mirror does
        return Cast(
            organisation_id=home.id,
            owner_id=anna.id,
            colleague_id=ben.id,
            stranger_id=sybil.id,
            other_organisation_id=other.id,
            contact_id=invoices[0].contact_id,
            invoice_id=invoices[0].id,
            attachment_id=attachment.id,
            hold_id=hold.id,
            dispute_id=derived_id("dispute"),
        )


def kept(database: Database, *, hostile: bool = False) -> Cast:
    """The same, put back as it was where a test of the same minute has filled it (see ``tests.support.kept``)."""
    return stages.stage(database, f"cast {hostile}", lambda: fill(database, hostile=hostile))


def _person(session: Session, name: str, now: datetime) -> Person:
    first = name.split(maxsplit=1)[0].lower()
    person = Person(
        id=derived_id("person", name),
        subject=first,
        email=f"{first}@hedgerow.example",
        name=name,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def _organisation(session: Session, name: str, owner: Person, now: datetime, imported: bool) -> Organisation:
    authorisation = Authorisation(
        id=derived_id("authorisation", owner.id),
        person_id=owner.id,
        state="connected",
        tokens_cipher="-",
        expires_at=now + timedelta(minutes=30),
        refreshed_at=now,
    )
    organisation = Organisation(
        id=derived_id("organisation", name),
        ledger="xero",
        ledger_tenant_id=derived_id("tenant", name),
        name=name,
        timezone="Europe/London",
        base_currency="GBP",
        country="GB",
        short_code="!aB3dE",
        own_reminders=True,
        authorisation_id=authorisation.id,
        connection="connected",
        chasing="off",
        created_at=now - timedelta(days=3),
        imported_at=now - timedelta(days=3) if imported else None,
        synced_at=now - timedelta(minutes=4) if imported else None,
    )
    session.add(authorisation)
    session.flush()
    session.add(organisation)
    session.flush()
    session.add(Membership(organisation_id=organisation.id, person_id=owner.id, role="owner"))
    return organisation


def _customers(session: Session, home: Organisation, now: datetime, hostile: bool) -> list[Invoice]:
    customers = _CUSTOMERS + (((HOSTILE, "hostile@example.org", ((9, "GBP", "66.60"),)),) if hostile else ())
    invoices: list[Invoice] = []
    for name, email, open_items in customers:
        contact = _contact(home, name, email, now)
        session.add(contact)
        for late, currency, amount in open_items:
            number = f"INV-{1001 + len(invoices)}"
            invoices.append(_invoice(home, contact, number, late, currency, Decimal(amount), now))
    session.flush()
    session.add_all(invoices)
    session.flush()
    return invoices


def _contact(home: Organisation, name: str, email: str | None, now: datetime) -> Contact:
    ledger_id = derived_id("contact", name)
    persons = [
        {"first_name": "Robin", "last_name": "Marsh", "email": "robin@example.org", "include_in_emails": True}
    ]
    return Contact(
        organisation_id=home.id,
        id=document_id(home.id, ledger_id),
        ledger_id=ledger_id,
        name=name,
        email=email,
        persons=persons if name.startswith("B") else [],
        status="ACTIVE",
        updated_at=now,
        fingerprint="-",
    )


def _invoice(
    home: Organisation,
    contact: Contact,
    number: str,
    late: int,
    currency: str,
    amount: Decimal,
    now: datetime,
) -> Invoice:
    due_on = now.date() - timedelta(days=late)
    ledger_id = derived_id("invoice", number)
    return Invoice(
        organisation_id=home.id,
        id=document_id(home.id, ledger_id),
        ledger_id=ledger_id,
        contact_id=contact.id,
        number=number,
        reference="PO 7731",
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        currency=currency,
        total=amount + Decimal("50.00"),
        amount_due=amount,
        amount_paid=Decimal("50.00"),
        amount_credited=Decimal(0),
        status="AUTHORISED",
        updated_at=now,
        fingerprint="-",
    )


def _standard(session: Session, home: Organisation) -> ScheduleVersion:
    found = pages.default_schedule(session, home.id)
    assert found is not None
    return found[1]


def _credit(session: Session, home: Organisation, contact_id: str, now: datetime) -> None:
    session.add(
        Credit(
            organisation_id=home.id,
            id=derived_id("credit"),
            ledger_id=derived_id("credit"),
            kind="overpayment",
            contact_id=contact_id,
            issued_on=now.date(),
            currency="GBP",
            total=Decimal("120.00"),
            remaining=Decimal("120.00"),
            status="AUTHORISED",
            updated_at=now,
            fingerprint="-",
            mirrored_at=now,
        )
    )
