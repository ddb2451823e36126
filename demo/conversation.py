"""What customers say in the story, beside the first reply: one promises a day and pays, another disputes an invoice.

Told on the demo company alone: about somebody's own customers nothing is made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from demo.client import Api, Person, Sandbox
from kit.errors import UserError

_PROMISED_IN = timedelta(days=3)
_COMPLAINT = "Two of the doors came without hinges, so we dispute this invoice."


class Until(Protocol):
    """Waits for something to come, and says in vain for what."""

    def __call__(self, what: str, come: Callable[[], object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """Two customers, each in the answer to a mail of its own."""

    api: Api
    sandbox: Sandbox
    person: Person
    until: Until

    def tell(self, promise: dict[str, Any], dispute: dict[str, Any]) -> None:
        """One mail is answered by a promise that is kept, the other by a dispute."""
        pays, disputes = self._contact(promise), self._contact(dispute)
        on = (self.sandbox.now() + _PROMISED_IN).date()
        self.sandbox.reply(promise["id"], f"Thank you for your mail. We will pay on {on:%d %B %Y}.")
        self.sandbox.reply(dispute["id"], _COMPLAINT)
        self._take(pays, {"settled_as": "will_pay", "on": on.isoformat()})
        self._pay_promised(pays)
        self._take(disputes, {"settled_as": "dispute", "reason": _COMPLAINT, "category": "goods"})
        self.until("the promise to be kept", lambda: self._promise(pays)["state"] == "kept")
        self._look(pays, "/promises?show=kept", "Kept")
        self._look(disputes, "/disputes", _COMPLAINT[:40])

    def _take(self, contact: str, settled: dict[str, Any]) -> None:
        """A colleague opens the reply and says what it is."""
        self.until("the reply to stand in the inbox", lambda: self._replies(contact))
        [reply] = self._replies(contact)
        self.api.post(f"/replies/{reply['id']}/settle", settled)

    def _pay_promised(self, contact: str) -> None:
        for invoice in self._promise(contact)["invoice_ids"]:
            self.sandbox.pay(self.api.get(f"/invoices/{invoice}")["ledger_id"])

    def _promise(self, contact: str) -> dict[str, Any]:
        return next(self.api.each("/promises", contact_id=contact))

    def _replies(self, contact: str) -> list[dict[str, Any]]:
        return list(self.api.each("/replies", contact_id=contact))

    def _contact(self, mail: dict[str, Any]) -> str:
        return str(self.api.get(f"/communications/{mail['custom_args']['dunnock_id']}")["contact_id"])

    def _look(self, contact: str, page: str, words: str) -> None:
        """It is to be seen by a person as well, on a page."""
        name = self.api.get(f"/contacts/{contact}")["name"]
        organisation = self.api.get("/organisation")["id"]
        seen = self.person.page(f"/organisations/{organisation}{page}")
        if name not in seen or words not in seen:
            raise UserError(f"The page {page} does not show “{words}” of {name}.")
