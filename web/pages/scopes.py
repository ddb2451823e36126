"""What Dunnock asks the ledger for, in words."""

from __future__ import annotations

from dataclasses import dataclass

from kit.wording import N_


@dataclass(frozen=True, slots=True)
class Scope:
    """Permissions that belong together, under the ledger's names, and what they are used for."""

    names: str
    title: str
    words: str

    def given(self, granted: frozenset[str]) -> bool:
        """Whether all of it was given. Who may stay connected is not told as a scope of the token."""
        return set(self.names.split()) <= granted | {"openid", "profile", "email", "offline_access"}


_ALL = (
    Scope("openid profile email", "Who you are", "Your name and e-mail address, to sign you in."),
    Scope(
        "offline_access",
        "To stay connected",
        "So that reminders stop when a payment comes in while you are away.",
    ),
    Scope(
        "accounting.settings.read",
        "Read: the organisation",
        "Its name, currency and time zone, whether Xero’s own invoice reminders are on, and accounts and tax rates"
        " for late fees.",
    ),
    Scope(
        "accounting.invoices",
        "Read: sales invoices, credit notes and quotes. Write: notes on them, the day on which payment is expected, drafts"
        " of late fees",
        "What is owed and its PDF. What was sent is written into the invoice’s history, and what was promised as its"
        " expected day. Late fees are drafted, invoices marked as sent, and quotes read, only where you switch that on.",
    ),
    Scope(
        "accounting.contacts",
        "Read: customers. Write: notes on customers, a group of those whose account is stopped",
        "Names and e-mail addresses. What was sent is written into the customer’s history. The group is made only where"
        " you stop accounts.",
    ),
    Scope(
        "accounting.payments.read",
        "Read: payments",
        "Payments, prepayments and overpayments, so that nobody is asked for what they have paid.",
    ),
)


def explained(granted: str) -> list[Scope]:
    """The scopes that are asked for (a list with spaces between), in words; unknown ones under their own names."""
    asked = set(granted.split())
    known = [scope for scope in _ALL if asked & set(scope.names.split())]
    rest = asked - {name for scope in _ALL for name in scope.names.split()}
    return known + [
        Scope(name, N_("Also"), N_("Asked for by the settings of this installation."))
        for name in sorted(rest)
    ]
