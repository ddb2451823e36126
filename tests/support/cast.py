"""A standing cast: a joinery with its customers, its owner and a colleague; and a stranger with a business of her own.

Every date is counted from ``now``, so that what is overdue stays overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id
from services import presets
from services.inbound_mail import InboundMail
from store.database import Database
from store.ids import document_id
from store.models import (
    Attachment,
    Authorisation,
    Base,
    BulkItem,
    BulkRun,
    Campaign,
    ChangedAddress,
    Communication,
    CommunicationInvoice,
    Contact,
    ContactPerson,
    Credit,
    Dispute,
    Hold,
    Invoice,
    LedgerNote,
    Membership,
    Organisation,
    PaidClaim,
    PaymentPlan,
    Person,
    PersonAway,
    PlacingRule,
    PlanInstalment,
    PlanInvoice,
    PromiseToPay,
    Reply,
    ScheduleVersion,
    StepTaken,
    StoppedAddress,
    StrayMail,
    TeamTask,
)
from store.queries import pages

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)> & Sons"
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
        attachment, hold = _correspondence(session, home, invoices[0], version, now)
        _credit(session, home, invoices[-1].contact_id, now)
        florist = next(one for one in invoices if one.amount_due == Decimal("8.50"))
        session.add(_dispute(home, florist, anna, now))
        session.add(_rule(home))
        session.add(_campaign(home, now))
        session.add(_promise(home, invoices[-1].contact_id, now))
        session.flush()
        _plans(session, home, next(one for one in invoices if one.amount_due == Decimal("655.20")), now)
        session.add_all(_people(home, invoices[0].contact_id, now))
        session.add(_task(home, invoices[0], anna, now))
        _bulk_run(session, home, invoices[0].contact_id, now)
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


def _campaign(home: Organisation, now: datetime) -> Campaign:
    """A campaign that was for nobody."""
    return Campaign(
        organisation_id=home.id,
        id=derived_id("campaign"),
        name="Museums",
        template_key="campaign",
        conditions=[],
        never_chased=False,
        status="running",
        started_at=now,
        started_by="Anna Hale",
    )


def _bulk_run(session: Session, home: Organisation, contact_id: str, now: datetime) -> None:
    """A tag that was put on one customer, and can be taken off again."""
    run = BulkRun(
        organisation_id=home.id,
        id=derived_id("bulk run"),
        page="customers",
        action="tag",
        wish={"tag": "old"},
        total=1,
        asked_by="Anna Hale",
        asked_at=now,
        finished_at=now,
    )
    session.add(run)
    session.flush()
    session.add(
        BulkItem(organisation_id=home.id, run_id=run.id, place=0, about=contact_id, state="done", before={})
    )


def _promise(home: Organisation, contact_id: str, now: datetime) -> PromiseToPay:
    """A promise that stands, about no invoice in particular."""
    on = now.date() + timedelta(days=5)
    return PromiseToPay(
        organisation_id=home.id,
        id=derived_id("promise"),
        contact_id=contact_id,
        currency="GBP",
        amount=Decimal("120.00"),
        whole=False,
        made_on=now.date(),
        promised_on=on,
        grace_until=on + timedelta(days=2),
        state="open",
        paid=Decimal(0),
        recorded_by="Anna Hale",
        created_at=now,
        next_look_at=now + timedelta(days=8),
    )


def _plans(session: Session, home: Organisation, invoice: Invoice, now: datetime) -> None:
    """A plan that stands no more but for a person's word, and one that a customer proposes."""
    for marks, state in ((("plan",), "broken"), (("plan", "proposed"), "proposed")):
        plan = PaymentPlan(
            organisation_id=home.id,
            id=derived_id(*marks),
            contact_id=invoice.contact_id,
            currency=invoice.currency,
            amount=invoice.amount_due,
            version=1,
            state=state,
            made_on=now.date(),
            recorded_by="Anna Hale",
            created_at=now,
        )
        session.add(plan)
        session.flush()
        session.add(
            PlanInvoice(
                organisation_id=home.id,
                plan_id=plan.id,
                invoice_id=invoice.id,
                due_then=invoice.amount_due,
                paid_then=Decimal(0),
            )
        )
        for number in (1, 2):
            on = now.date() + timedelta(weeks=number)
            session.add(
                PlanInstalment(
                    organisation_id=home.id,
                    plan_id=plan.id,
                    number=number,
                    on=on,
                    grace_until=on + timedelta(days=2),
                    amount=invoice.amount_due / 2,
                    paid=Decimal(0),
                    state="open",
                )
            )


def _dispute(home: Organisation, invoice: Invoice, owner: Person, now: datetime) -> Dispute:
    """All of an invoice is in dispute since yesterday."""
    return Dispute(
        organisation_id=home.id,
        id=derived_id("dispute"),
        contact_id=invoice.contact_id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        category="goods",
        reason="The vase came broken.",
        owner_id=owner.id,
        answer_by=now.date() + timedelta(days=29),
        credited_before=Decimal(0),
        opened_by="Anna Hale",
        opened_at=now - timedelta(days=1),
        rests=True,
    )


def _rule(home: Organisation) -> PlacingRule:
    """A rule that is about none of the customers."""
    return PlacingRule(
        organisation_id=home.id,
        id=derived_id("rule"),
        position=1,
        name="Museums",
        conditions=[{"field": "group", "is": "Museums"}],
        schedule_id=derived_id("schedule", home.id, "Gentle"),
        reason="",
    )


def _task(home: Organisation, invoice: Invoice, owner: Person, now: datetime) -> TeamTask:
    """Something that was to be done yesterday."""
    return TeamTask(
        organisation_id=home.id, id=derived_id("team task of the cast"), kind="own",
        what="Ask Robin Marsh for the order number", due_on=now.date() - timedelta(days=1), owner_id=owner.id,
        contact_id=invoice.contact_id, invoice_id=invoice.id, asked_by="Ben Okafor", asked_at=now,
    )  # fmt: skip


def _people(
    home: Organisation, contact_id: str, now: datetime
) -> tuple[ContactPerson, ChangedAddress, PersonAway, StoppedAddress]:
    """Somebody who approves, an address that the ledger had for a while, somebody who was away, and a dead address."""
    person = ContactPerson(
        organisation_id=home.id, id=derived_id("person"), contact_id=contact_id, name="Abe Approves",
        email="abe@bellwether.example", roles=["approver"], entered_by="Anna Hale", entered_at=now,
    )  # fmt: skip
    change = ChangedAddress(
        organisation_id=home.id, contact_id=contact_id, address="changed@elsewhere.example",
        instead_of="accounts@bellwether.example", noticed_at=now,
    )  # fmt: skip
    away = PersonAway(
        organisation_id=home.id, contact_id=contact_id, address="away@elsewhere.example",
        until=now.date() - timedelta(days=9), sentence="I am out of the office.", communication_id=derived_id("away"),
        noticed_at=now,
    )  # fmt: skip
    stopped = StoppedAddress(
        organisation_id=home.id, id=derived_id("stopped"), contact_id=contact_id, address="gone@elsewhere.example",
        why="bounce", words="The address gone@elsewhere.example does not exist: unknown user", since=now,
    )  # fmt: skip
    return person, change, away, stopped


def _standard(session: Session, home: Organisation) -> ScheduleVersion:
    found = pages.default_schedule(session, home.id)
    assert found is not None
    return found[1]


def _correspondence(
    session: Session, home: Organisation, invoice: Invoice, version: ScheduleVersion, now: datetime
) -> tuple[Attachment, Hold]:
    """A reminder that left, what came back, and the hold that follows from it."""
    reminder = _reminder(home, invoice, version, now - timedelta(days=9))
    reply = _reply(home, reminder, now - timedelta(days=1))
    session.add_all([reminder, reply])
    session.flush()
    attachment = Attachment(
        organisation_id=home.id,
        id=derived_id("file"),
        communication_id=reply.id,
        name="remittance “advice”.html",
        content_type="text/html",
        size=27,
        content=b"<script>alert(1)</script>",
        danger="It is a web page, which can do things when it is opened.",
    )
    hold = Hold(
        organisation_id=home.id,
        id=derived_id("hold"),
        contact_id=invoice.contact_id,
        kind="reply",
        reason="Robin Marsh answered: “We pay on Friday, sorry for the delay.”",
        communication_id=reply.id,
        created_by="Dunnock",
        created_at=now - timedelta(days=1),
        owner_id=derived_id("person", "Anna Hale"),
        look_on=(now + timedelta(days=2)).date(),
    )
    about = CommunicationInvoice(
        organisation_id=home.id,
        communication_id=reminder.id,
        invoice_id=invoice.id,
        position=4,
        currency=invoice.currency,
        amount_due=invoice.amount_due,
    )
    taken = StepTaken(
        organisation_id=home.id,
        invoice_id=invoice.id,
        schedule_version_id=version.id,
        position=4,
        state="taken",
        communication_id=reminder.id,
        on=(now - timedelta(days=9)).date(),
    )
    session.add_all([attachment, hold, about, taken, _note(home, invoice, reminder, now)])
    session.add_all(_work(home, reply, now))
    return attachment, hold


def _reminder(
    home: Organisation, invoice: Invoice, version: ScheduleVersion, left: datetime
) -> Communication:
    return Communication(
        organisation_id=home.id,
        id=derived_id("reminder"),
        direction="out",
        channel="email",
        kind="chaser",
        status="delivered",
        contact_id=invoice.contact_id,
        schedule_version_id=version.id,
        step_position=4,
        step_name="Third reminder",
        reasons=[{"rule": "schedule", "outcome": "allows", "text": "The third reminder is due."}],
        to=["accounts@bellwether.example"],
        subject=f"Invoice {invoice.number} from Hedgerow Joinery",
        body_text="Hello,\n\nInvoice INV-1001 over £1,842.00 is still open. When may we expect it?\n\nAnna Hale",
        planned_for=left,
        checked_at=left,
        handed_over_at=left,
        sent_at=left,
        created_at=left - timedelta(hours=2),
    )


def _reply(home: Organisation, reminder: Communication, came: datetime) -> Communication:
    return Communication(
        organisation_id=home.id,
        id=derived_id("reply"),
        direction="in",
        channel="email",
        kind="reply",
        status="received",
        contact_id=reminder.contact_id,
        from_name="Robin Marsh",
        from_email="robin@example.org",
        subject=f"Re: {reminder.subject}",
        body_text="Hello Anna,\n\nWe pay on Friday, sorry for the delay.\n\n<script>alert(1)</script>\nRobin",
        in_reply_to=reminder.id,
        sent_at=came,
        created_at=came,
    )


def _work(home: Organisation, reply: Communication, now: datetime) -> list[Base]:
    """The reply as work, a mail that nobody could place, and a payment that is said to have been made."""
    work = Reply(
        organisation_id=home.id, communication_id=reply.id, contact_id=reply.contact_id, matched_by="sender",
        proven=False, meaning="will_pay", sentence="We pay on Friday, sorry for the delay.", rule="a day to come",
        details={"on": (now + timedelta(days=3)).date().isoformat()}, due_on=(now + timedelta(days=2)).date(),
        state="waiting", created_at=reply.created_at,
    )  # fmt: skip
    stray = StrayMail(
        organisation_id=home.id, id=derived_id("stray"), key="stray", from_name=HOSTILE, from_email="a@b.example",
        subject=f"Question {HOSTILE}", body_text=HOSTILE, proven=False, state="waiting", received_at=now,
        payload=msgspec.msgpack.encode(InboundMail({"text": b"Which order was this?"}, [])),
        suggestions=[{"contact_id": reply.contact_id, "name": HOSTILE, "why": "The mail names an invoice."}],
    )  # fmt: skip
    claim = PaidClaim(
        organisation_id=home.id, id=derived_id("claim"), contact_id=reply.contact_id, reference=HOSTILE,
        state="missing", rest_until=(now - timedelta(days=1)).date(), created_by="Anna Hale",
        created_at=now - timedelta(days=8),
    )  # fmt: skip
    return [work, stray, claim, _seen(home, work, now)]


def _seen(home: Organisation, work: Reply, now: datetime) -> Reply:
    """The same of an earlier message, which somebody has dealt with."""
    return Reply(
        organisation_id=home.id, communication_id=derived_id("reminder"), contact_id=work.contact_id,
        matched_by="thread", meaning="other", sentence="", rule="", details={}, due_on=work.due_on, state="settled",
        settled_as="seen", settled_by="Anna Hale", settled_at=now, created_at=now - timedelta(days=20),
    )  # fmt: skip


def _note(home: Organisation, invoice: Invoice, reminder: Communication, now: datetime) -> LedgerNote:
    return LedgerNote(
        organisation_id=home.id,
        id=derived_id("note"),
        target="invoice",
        ledger_id=invoice.ledger_id,
        text="Dunnock: e-mail “Third reminder” [dk-00000000]",
        marker="dk-00000000",
        status="written",
        communication_id=reminder.id,
        next_try_at=now,
        written_at=now,
        created_at=now,
    )


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
