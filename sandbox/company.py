"""Two companies of our own making, for the demo and for people who want to look around.

Hedgerow Joinery has about sixty customers in several countries and a year of sales in three currencies, with
the corners a credit controller meets: part payments, credit notes, money left unallocated, a balance of
pennies, a customer without e-mail, an archived one, a draft, a voided invoice and a supplier's bills. Tern
Lane Bakery is small and is there to be chosen or not. Both belong to the sandbox's default user.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

from sandbox.book_loader import settle_what_is_due, slug
from sandbox.company_people import (
    BAKERY_CUSTOMERS,
    BAKERY_WORK,
    JOINERY_CUSTOMERS,
    JOINERY_WORK,
    Customer,
)
from sandbox.company_sales import DAYS_BEHIND, Sale, sales_of
from sandbox.ledger import (
    add_contact,
    add_credit_note,
    add_invoice,
    add_note,
    add_organisation,
    add_overpayment,
    add_prepayment,
    add_quote,
    allocate,
    archive_contact,
    change_quote,
    pay_invoice,
    void_invoice,
)
from sandbox.records import Address, Contact, ContactPerson, Credit, Invoice, Line, Phone, Quote, Terms
from sandbox.timeline import Action, Timeline, moment
from sandbox.world import Organisation, World

JOINERY_ID = "4c1f7a52-9b0e-4d36-8a57-1e0d6f3b2c90"
BAKERY_ID = "b8d2e6c4-37af-4f19-9c05-62a1d04e7f38"
_SEED = 20_260
_TERMS = "Half on order, the rest within 14 days of fitting.\nTimber is oak or ash from managed woods."


def _offered(description: str, each: str, quantity: int, tax: str = "0.00") -> Line:
    return Line(
        description,
        Decimal(each),
        Decimal(quantity),
        Decimal(tax),
        tax_type="OUTPUT2" if Decimal(tax) else "NONE",
    )


_STAIRCASE = (
    _offered("Oak staircase, made and fitted", "3850.00", 1, "770.00"),
    _offered("Survey and drawings", "240.00", 1, "48.00"),
)
_SHELVES = (
    _offered("Potting benches in larch", "185.00", 6, "222.00"),
    _offered("Shelving for the shop", "96.50", 8, "154.40"),
)
_FRAMES = (_offered("Sash window frames, glazed", "640.00", 3), _offered("Carriage to Germany", "280.00", 1))


def make_company(world: World, now: datetime) -> str:
    """Add both companies as they stand at `now` (aware) and give the joinery's tenant id.

    What customers do after `now` waits on the world's agenda. Raises `ValueError` when they exist already.
    """
    if JOINERY_ID in world.organisations:
        raise ValueError("The made-up companies are in this sandbox already.")
    now = now.astimezone(UTC)
    with world.lock:
        joinery = add_organisation(
            world, name="Hedgerow Joinery Ltd", legal_name="Hedgerow Joinery Limited", tenant_id=JOINERY_ID
        )
        _Books(joinery, "INV-", 1101).trade(world, now, JOINERY_CUSTOMERS, JOINERY_WORK, corners=True)
        bakery = add_organisation(world, name="Tern Lane Bakery", tenant_id=BAKERY_ID)
        _Books(bakery, "TLB", 201).trade(world, now, BAKERY_CUSTOMERS, BAKERY_WORK, corners=False)
    return joinery.tenant_id


class _Books:
    """One company's year, written onto a timeline and played into its ledger."""

    def __init__(self, org: Organisation, prefix: str, first_number: int) -> None:
        self._org = org
        self._prefix = prefix
        self._first_number = first_number
        self._timeline = Timeline()
        self._contacts: dict[str, Contact] = {}
        self._invoices: dict[str, Invoice] = {}
        self._credits: dict[str, Credit] = {}
        self._quotes: dict[str, Quote] = {}

    def trade(
        self,
        world: World,
        now: datetime,
        customers: tuple[Customer, ...],
        work: tuple[str, ...],
        *,
        corners: bool,
    ) -> None:
        today = now.date()
        opening = today - timedelta(days=DAYS_BEHIND + 5)
        for customer in customers:
            self._timeline.add(moment(opening), partial(self._add_customer, customer))
        for number, sale in enumerate(sales_of(customers, work, today, _SEED), start=self._first_number):
            self._lay_out(sale, f"{self._prefix}{number}")
        if corners:
            for when, action in self._corners(today):
                self._timeline.add(when, action)
        self._timeline.play(world, until=now, seed="company")

    def _add_customer(self, customer: Customer, world: World) -> None:
        domain = f"{slug(customer.name)}.example"
        first, _, last = customer.person.partition(" ")
        self._contacts[customer.name] = add_contact(
            world,
            self._org,
            name=customer.name,
            email=f"accounts@{domain}" if customer.has_email else "",
            first_name=first,
            last_name=last,
            account_number=f"C{len(self._contacts) + 1:03d}",
            default_currency=customer.currency,
            persons=[_colleague(name, domain) for name in customer.colleagues],
            addresses=[Address(line1="", country=customer.country)],
            phones=_phones(customer, len(self._contacts)),
            terms=Terms(customer.terms),
        )

    def _lay_out(self, sale: Sale, number: str) -> None:
        add = self._timeline.add
        add(moment(sale.day, 9, 10), partial(self._raise, sale, number))
        if sale.credited:
            on, amount = sale.credited
            add(moment(on, 11), partial(self._credit, sale.customer.name, number, on, amount))
        if sale.quarrel:
            add(moment(sale.quarrel[0], 14, 20), partial(self._note, number, sale.quarrel[1]))
        if sale.first_part:
            on, amount = sale.first_part
            add(moment(on, 9, 40), partial(self._receive, number, on, amount))
        if sale.settled_on:
            add(moment(sale.settled_on, 9, 45), partial(self._receive, number, sale.settled_on, None))

    def _raise(self, sale: Sale, number: str, world: World) -> None:
        self._invoices[number] = add_invoice(
            world,
            self._org,
            self._contacts[sale.customer.name],
            number=number,
            date=sale.day,
            due_date=sale.due,
            lines=sale.lines,
            currency=sale.customer.currency,
            currency_rate=sale.currency_rate,
            reference=sale.order,
        )

    def _receive(self, number: str, on: date, amount: Decimal | None, world: World) -> None:
        settle_what_is_due(world, self._org, self._invoices[number], on, amount)

    def _credit(self, name: str, number: str, on: date, amount: Decimal, world: World) -> None:
        invoice, contact = self._invoices[number], self._contacts[name]
        if invoice.status != "AUTHORISED" or invoice.amount_due < amount:
            return
        note = add_credit_note(
            world,
            self._org,
            contact,
            number=f"CN-{number[-4:]}",
            date=on,
            total=amount,
            currency=invoice.currency,
        )
        allocate(world, self._org, note, invoice, on=on)

    def _note(self, number: str, text: str, world: World) -> None:
        add_note(world, self._org, self._invoices[number].id, text)

    def _corners(self, today: date) -> Iterator[tuple[datetime, Action]]:
        """The awkward cases, each on a fixed number of days before today."""

        def ago(days: int) -> date:
            return today - timedelta(days=days)

        yield moment(ago(20), 10), partial(self._overpay, "Dovecote Kitchens", ago(20), Decimal("84.00"))
        yield moment(ago(9), 10), partial(self._overpay, "Lindenhof Ladenbau", ago(9), Decimal("310.00"))
        yield moment(ago(15), 10), partial(self._prepay, "Vale of Arden Estates", ago(15), Decimal("1500.00"))
        yield moment(ago(12), 10), partial(self._leave_credit, "Oxmere Lettings", ago(12), Decimal("240.00"))
        yield moment(ago(64), 9), partial(self._leave_pennies, "Yarrow & Daughters", ago(64), ago(50))
        yield moment(ago(6), 9), partial(self._draft, "Candlewick Lofts", ago(6))
        yield moment(ago(30), 9), partial(self._void, "Millrace Brewery", ago(30))
        yield moment(ago(300), 9), partial(self._archived_customer, ago(300))
        yield moment(ago(70), 9), partial(self._bills, ago(70))
        yield moment(ago(40), 15), self._remarks
        yield moment(ago(9), 11), partial(self._offer, "Candlewick Lofts", "QU-0041", ago(9), _STAIRCASE)
        yield moment(ago(4), 15), partial(self._answer, "QU-0041", "ACCEPTED")
        yield moment(ago(3), 11), partial(self._offer, "Fernhollow Nursery", "QU-0042", ago(3), _SHELVES)
        yield moment(ago(1), 11), partial(self._offer, "Tischlerei Ahornweg", "QU-0043", ago(1), _FRAMES)
        for name in ("QU-0042", "QU-0043"):
            yield moment(ago(-1), 10), partial(self._answer, name, "ACCEPTED")

    def _overpay(self, name: str, on: date, amount: Decimal, world: World) -> None:
        contact = self._contacts[name]
        add_overpayment(world, self._org, contact, date=on, total=amount, currency=contact.default_currency)

    def _prepay(self, name: str, on: date, amount: Decimal, world: World) -> None:
        add_prepayment(world, self._org, self._contacts[name], date=on, total=amount)

    def _offer(self, name: str, number: str, on: date, lines: tuple[Line, ...], world: World) -> None:
        contact = self._contacts[name]
        self._quotes[number] = add_quote(
            world,
            self._org,
            contact,
            number=number,
            date=on,
            expiry_date=on + timedelta(days=30),
            lines=lines,
            currency=contact.default_currency,
            title=lines[0].description,
            terms=_TERMS,
            status="SENT",
        )

    def _answer(self, number: str, status: str, world: World) -> None:
        """What the customer says to a quote, unless somebody has moved it meanwhile."""
        quote = self._quotes[number]
        if quote.status == "SENT":
            change_quote(world, self._org, quote, status)

    def _leave_credit(self, name: str, on: date, amount: Decimal, world: World) -> None:
        add_credit_note(world, self._org, self._contacts[name], number="CN-0042", date=on, total=amount)

    def _leave_pennies(self, name: str, on: date, due: date, world: World) -> None:
        invoice = self._extra(world, name, "INV-1090", on, due, Decimal("612.43"))
        pay_invoice(world, self._org, invoice, amount=Decimal("612.00"), on=due)

    def _draft(self, name: str, on: date, world: World) -> None:
        self._extra(world, name, "INV-1091", on, on + timedelta(days=14), Decimal("1840.00"), status="DRAFT")

    def _void(self, name: str, on: date, world: World) -> None:
        invoice = self._extra(world, name, "INV-1092", on, on + timedelta(days=30), Decimal("960.00"))
        void_invoice(world, self._org, invoice)

    def _extra(
        self,
        world: World,
        name: str,
        number: str,
        on: date,
        due: date,
        total: Decimal,
        status: str = "AUTHORISED",
    ) -> Invoice:
        return add_invoice(
            world,
            self._org,
            self._contacts[name],
            number=number,
            date=on,
            due_date=due,
            total=total,
            status=status,
        )

    def _archived_customer(self, on: date, world: World) -> None:
        contact = add_contact(
            world, self._org, name="Cobweb Corner Antiques", email="accounts@cobweb-corner-antiques.example"
        )
        for place, total in enumerate((Decimal("412.80"), Decimal("198.00"))):
            invoice = add_invoice(
                world,
                self._org,
                contact,
                number=f"INV-{1093 + place}",
                date=on,
                due_date=on + timedelta(days=14),
                total=total,
            )
            pay_invoice(world, self._org, invoice, on=on)
        archive_contact(world, self._org, contact)

    def _bills(self, on: date, world: World) -> None:
        supplier = add_contact(
            world,
            self._org,
            name="Sparrowhawk Timber",
            email="sales@sparrowhawk-timber.example",
            is_customer=False,
            is_supplier=True,
        )
        for place, total in enumerate((Decimal("2210.40"), Decimal("1795.20"))):
            add_invoice(
                world,
                self._org,
                supplier,
                number=f"SHT-{7710 + place}",
                date=on,
                due_date=on + timedelta(days=30),
                total=total,
                type="ACCPAY",
            )

    def _remarks(self, world: World) -> None:
        add_note(
            world,
            self._org,
            self._contacts["Alderwick Homes"].id,
            "Spoke to Martha: payment runs are on the 25th, invoices must carry their order number.",
        )
        add_note(
            world,
            self._org,
            self._contacts["The Plover Inn"].id,
            "Bram does not use e-mail; ring him on a weekday morning.",
        )


def _phones(customer: Customer, number: int) -> list[Phone]:
    """A number of those that nobody has (01632 960000 to 960999), for most of the British customers."""
    if customer.country != "GB" or number % 5 == 4:
        return []
    return [Phone(f"960{number:03d}", area="1632", country="44")]


def _colleague(name: str, domain: str) -> ContactPerson:
    first, _, last = name.partition(" ")
    return ContactPerson(first, last, f"{slug(name).replace('-', '.')}@{domain}")
