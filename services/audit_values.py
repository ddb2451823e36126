"""The words by which the database keeps what was chosen, as people read them in the audit log."""

from __future__ import annotations

from typing import Final

from kit.wording import N_

VALUES: Final[dict[str, str]] = {
    "off": N_("off"), "on": N_("on"), "dry_run": N_("dry run"), "live": N_("live"), "paused": N_("paused"),
    "formal_steps": N_("formal steps"), "every_message": N_("every message"),
    "connected": N_("connected"), "needs_reconnect": N_("to be connected again"), "disconnected": N_("disconnected"),
    "none": N_("nobody’s"),
    "ask": N_("ask first"), "hold": N_("keep back"), "soften": N_("write more softly"), "resume": N_("chase again"),
    "owner": N_("owner"), "manager": N_("manager"), "chaser": N_("chaser"), "caller": N_("caller"),
    "read_only": N_("read-only"), "practice_admin": N_("practice admin"), "practice_staff": N_("practice staff"),
    "member": N_("member"), "practice_client": N_("client of a practice"), "client_asks": N_("asked by the client"),
    "templates": N_("templates"), "bulk": N_("many at once"), "switch": N_("switches"), "limits": N_("limits"),
    "agreed": N_("agreed"), "refused": N_("refused"), "expired": N_("expired"), "failed": N_("failed"),
    "customers": N_("customers"), "invoices": N_("invoices"),
    "email": N_("e-mail"), "sms": N_("text message"), "call": N_("call"), "letter": N_("letter"), "note": N_("note"),
    "review": N_("review"), "written": N_("written"), "kept_out": N_("kept out"),
    "reply": N_("a reply"), "person": N_("by a person"), "dispute": N_("a dispute"), "promise": N_("a promise"),
    "plan": N_("a payment plan"), "paid_claim": N_("said to be paid"), "bounce": N_("mail came back"),
    "lost": N_("something said that is not on record"),
    "goods": N_("goods"), "price": N_("price"), "delivery": N_("delivery"), "duplicate": N_("invoiced twice"),
    "not_ours": N_("not theirs"), "paperwork": N_("paperwork"), "other": N_("something else"),
    "upheld": N_("upheld"), "part_upheld": N_("upheld in part"), "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
    "open": N_("open"), "kept": N_("kept"), "part_kept": N_("kept in part"), "broken": N_("broken"),
    "replaced": N_("replaced"), "proposed": N_("proposed"), "running": N_("running"), "missed": N_("missed"),
    "ended": N_("ended"), "changed": N_("changed"), "declined": N_("declined"), "set": N_("set"),
    "by_hand": N_("by hand"), "monthly": N_("monthly"), "by_country": N_("by the customer’s country"),
    "company": N_("company"), "sole_trader": N_("sole trader"), "individual": N_("individual"),
    "public_body": N_("public body"),
    "pending": N_("on its way into the ledger"), "drafted": N_("drafted"), "waived": N_("waived"),
    "warned": N_("warned"), "stopped": N_("stopped"), "lifted": N_("lifted"), "spared": N_("settled before the day"),
    "limit": N_("limit"), "risk": N_("risk"), "watched": N_("on watch"),
    "schedule": N_("schedule"), "terms": N_("payment terms"), "waits": N_("waits"), "accepted": N_("accepted"),
    "over": N_("over"), "made": N_("made"), "approved": N_("approved"), "posted": N_("posted"),
    "provider": N_("through the mail provider"), "mailbox": N_("through its own mailbox"),
    "starttls": "STARTTLS", "tls": "TLS",
    "thanks": N_("thanks"), "statement": N_("statements"), "invoice": N_("unsent invoices"),
    "confirmation": N_("order confirmations"), "broken_promise": N_("broken promises"),
    "promise_due": N_("promises that are due"), "instalment_due": N_("instalments that are due"),
    "dispute_resolved": N_("settled disputes"), "campaign": N_("campaigns"),
    "invitation": N_("by invitation"), "asked": N_("asked by the client"), "entered": N_("entered by hand"),
    "surge": N_("far more than ever before"), "unreconciled": N_("payments that are not entered"),
    "restored": N_("a restored database"), "stop": N_("everything stopped"), "no_plan": N_("no plan"),
    "payables": N_("payables"), "approver": N_("approver"), "escalation": N_("escalation"),
    "preferred": N_("preferred"), "unwanted": N_("unwanted"), "suggested": N_("suggested"),
}  # fmt: skip
"""Each word, also of what stands in place of a value that must not be seen."""
