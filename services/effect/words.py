"""What is said of work that was done, and of reminders that did not leave."""

from __future__ import annotations

from collections.abc import Mapping

from credit_control.effect.impact import Deed
from credit_control.effect.not_sent import Why
from kit.wording import N_

DEEDS: Mapping[Deed, str] = {
    Deed.EMAIL: N_("E-mails sent"),
    Deed.TEXT: N_("Text messages sent"),
    Deed.LETTER: N_("Letters made"),
    Deed.STATEMENT: N_("Statements sent"),
    Deed.CALL: N_("Calls logged"),
    Deed.REPLY: N_("Replies filed with their customer"),
    Deed.NOTE: N_("Notes written into the ledger"),
}
WHY: Mapping[Why, str] = {
    Why.PAID: N_("it was paid"),
    Why.WITHDRAWN: N_("the invoice was withdrawn or changed in the ledger"),
    Why.DISPUTED: N_("it is in dispute"),
    Why.SAID_PAID: N_("the customer says that it has paid"),
    Why.PROMISED: N_("payment is promised, planned or expected"),
    Why.ANSWERED: N_("the customer has answered"),
    Why.CREDIT: N_("a credit covers it"),
    Why.ON_HOLD: N_("a colleague put it on hold"),
    Why.NOT_CHASED: N_("the customer is not chased: stopped, restricted, paused or kept out by a rule"),
    Why.NO_ADDRESS: N_("no mail reaches the customer"),
    Why.TOO_LITTLE: N_("what is left is less than the least balance"),
    Why.PLANNED_ANEW: N_("it was planned anew, as another reminder"),
    Why.WINDOW: N_("the sending window closed, and it was not planned again"),
    Why.OTHER: N_("of something else"),
}
