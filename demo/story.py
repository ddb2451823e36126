"""The whole main job as one story, told headless: install, import, plan, check, send, reply, pay, write back.

Everything is done as a person, a debtor and the ledger would do it, over HTTP, and what is counted in
the end is read from the ledger and from the API, not from inside the product.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from demo.client import Api, Person, Sandbox
from demo.conversation import Conversation
from demo.processes import Stage
from kit import clock
from kit.errors import UserError

_PATIENCE_SECONDS = 600.0
_UNSETTLED = ("planned", "sending", "sent")
_ONE_DAY = timedelta(hours=12)
"""From the first mail of a day on: the others of that day, in no zone those of the next."""
_SPEAKERS = 2
_TOGETHER = timedelta(minutes=90)
"""What is planned for so near a time leaves in one go."""


@dataclass(slots=True)
class Summary:
    """What came of it; the last line that the headless demo prints."""

    invoices: int
    contacts: int
    chasers_sent: int
    chasers_stopped_by_check: int
    replies: int
    ledger_notes: int
    seconds: float


@dataclass(slots=True)
class Story:
    """Tells the story on one organisation of the sandbox."""

    stage: Stage
    sandbox: Sandbox
    tenant: str
    disputed: frozenset[str] = frozenset()
    """Numbers of disputed invoices: a person opens a dispute about each before going live."""
    made_up: bool = True
    """It is told on the demo company, so customers may say what they have not said."""

    def tell(self) -> Summary:
        """Play it from the first click to the last note; ``UserError`` where it does not hold."""
        begun = clock.stopwatch()
        self._say("connecting over OAuth")
        person = Person(self.stage.app_url)
        person.connect(self.sandbox.user(), self.tenant)
        token = self.stage.command("token", "create", "--organisation", self.tenant, "--role", "owner")
        api = Api(self.stage.app_url, token.split()[-1])
        self._say("importing the ledger")
        self._until("the import to end", lambda: api.get("/organisation")["synced_at"])
        invoices, contacts = list(api.each("/invoices")), list(api.each("/contacts"))
        self._dispute(api, invoices)
        self._say("going live")
        api.patch("/organisation", {"chasing": "live"})
        api.post("/runs", {"dry_run": False})
        stopped = self._send(api)
        self._reply(api)
        self._pay(api)
        self._converse(api, person)
        replies = len(_replies(api))
        notes = self._await_notes(api)
        sent = [c for c in _chasers(api) if c["status"] in ("sent", "delivered")]
        return Summary(
            invoices=len(invoices),
            contacts=len(contacts),
            chasers_sent=len(sent),
            chasers_stopped_by_check=stopped,
            replies=replies,
            ledger_notes=notes,
            seconds=round(clock.stopwatch() - begun, 1),
        )

    def _dispute(self, api: Api, invoices: list[dict[str, Any]]) -> None:
        for invoice in invoices:
            if invoice["number"] in self.disputed and invoice["status"] == "AUTHORISED":
                said = {"invoice_id": invoice["id"], "reason": "The customer disputes this invoice."}
                api.post("/disputes", said)

    def _send(self, api: Api) -> int:
        """Let the clock reach the sending window; one customer pays just before, and no webhook tells us."""
        planned = [c for c in _chasers(api) if c["status"] == "planned"]
        if not planned:
            self._say("nothing is due on this day")
            return 0
        self._say(f"{len(planned)} chasers are planned")
        begin = min(map(_moment, planned))
        paid = self._pay_unseen(api, [c for c in planned if _moment(c) < begin + _ONE_DAY])
        self._let_the_day_pass(api, begin)
        self.sandbox.webhooks(delivered=True)
        if paid is None:
            return 0
        stopped = api.get(f"/communications/{paid['id']}")
        if stopped["status"] != "cancelled":
            raise UserError(
                f"An invoice was paid before its chaser left, and the chaser is {stopped['status']}."
            )
        self._say(f"stopped by the check: {stopped['reason']}")
        return 1

    def _let_the_day_pass(self, api: Api, begin: datetime) -> None:
        """From one part of the day to the next, for customers elsewhere have other hours; other days are left to come."""
        while today := [m for m in _moments_planned(api) if m < begin + _ONE_DAY]:
            now = max(m for m in today if m <= min(today) + _TOGETHER) + timedelta(minutes=1)
            self.sandbox.set_clock(now)
            self._until("the chasers to leave", partial(self._settled, api, now))

    def _settled(self, api: Api, now: datetime) -> bool:
        """Whether nothing is under way any more of what may have left by now."""
        return not any(c["status"] in _UNSETTLED and _moment(c) <= now for c in _chasers(api))

    def _pay_unseen(self, api: Api, planned: list[dict[str, Any]]) -> dict[str, Any] | None:
        alone = [c for c in planned if len(c["invoice_ids"]) == 1]
        if len(planned) < 2 or not alone:
            return None
        invoices = [api.get(f"/invoices/{chaser['invoice_ids'][0]}") for chaser in alone]
        chosen = min(range(len(alone)), key=lambda index: str(invoices[index]["number"]))
        self.sandbox.webhooks(delivered=False)
        self.sandbox.pay(invoices[chosen]["ledger_id"])
        return alone[chosen]

    def _reply(self, api: Api) -> None:
        """A debtor answers; always the same one, so that the story can be told twice."""
        mails = self.sandbox.mails()
        if not mails:
            return
        self._say(f"{len(mails)} mails arrived; one debtor replies")
        self.sandbox.reply(
            min(mails, key=lambda mail: str(mail["subject"]))["id"],
            "Thank you for your note. I will look into it and come back to you this week.",
        )
        self._until("the reply to stand on the timeline", lambda: _replies(api))

    def _converse(self, api: Api, person: Person) -> None:
        """Two more debtors answer: one keeps a promise, one disputes. Neither has replied or paid before."""
        open_ones = {i["id"] for i in api.each("/invoices") if i["status"] == "AUTHORISED"}
        unpaid = {c["id"] for c in _chasers(api) if open_ones.issuperset(c["invoice_ids"])}
        mails = sorted(self.sandbox.mails(), key=lambda mail: str(mail["subject"]))[1:]
        silent = [mail for mail in mails if mail["custom_args"].get("dunnock_id") in unpaid]
        if not self.made_up or len(silent) < _SPEAKERS:
            return
        self._say("one debtor promises and pays, another disputes")
        Conversation(api, self.sandbox, person, self._until).tell(*silent[:_SPEAKERS])

    def _pay(self, api: Api) -> None:
        """Another debtor pays, and the ledger's webhook tells us."""
        chased = [i for c in _chasers(api) if c["status"] == "delivered" for i in c["invoice_ids"]]
        if not chased:
            return
        invoice = api.get(f"/invoices/{chased[-1]}")
        self.sandbox.pay(invoice["ledger_id"])
        self._until(
            "the payment to be seen", lambda: api.get(f"/invoices/{invoice['id']}")["status"] == "PAID"
        )
        self._say(f"{invoice['number']} was paid, and the mirror knows")

    def _await_notes(self, api: Api) -> int:
        """Wait for all notes; then each must stand in the ledger exactly once, and nothing else of ours."""
        self._until(
            "the notes to be written",
            lambda: not any(n["status"] == "pending" for n in api.each("/ledger-notes")),
        )
        ours = sorted((n["ledger_id"], n["text"]) for n in api.each("/ledger-notes"))
        theirs = sorted(
            (document, text)
            for document, texts in self.sandbox.notes(self.tenant).items()
            for text in texts
            if text.startswith("Dunnock")
        )
        if ours != theirs:
            raise UserError(
                f"The ledger holds {len(theirs)} notes of ours, and {len(ours)} were to be written."
            )
        self._say(f"{len(ours)} notes stand in the ledger")
        return len(ours)

    def _until(self, what: str, come: Callable[[], object]) -> None:
        deadline = clock.stopwatch() + _PATIENCE_SECONDS
        while not come():
            if clock.stopwatch() > deadline:
                raise UserError(
                    f"The demo waited in vain for {what}: see the logs in {self.stage.folder / 'logs'}."
                )
            self.stage.check_alive()
            clock.pause(0.25)

    def _say(self, what: str) -> None:
        print(f"- {what}", file=sys.stderr, flush=True)


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary under the names that others rely on."""
    return asdict(summary)


def _chasers(api: Api) -> list[dict[str, Any]]:
    return [c for c in api.each("/communications") if c["direction"] == "out" and c["kind"] == "chaser"]


def _moment(chaser: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(chaser["planned_for"])


def _moments_planned(api: Api) -> list[datetime]:
    return [_moment(chaser) for chaser in _chasers(api) if chaser["status"] == "planned"]


def _replies(api: Api) -> list[dict[str, Any]]:
    return [c for c in api.each("/communications") if c["direction"] == "in"]
