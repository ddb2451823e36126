"""The roles of people at a customer, as pages name them."""

from __future__ import annotations

from credit_control.people import Role

ROLES = [
    (Role.PAYABLES.value, "who pays the bills"),
    (Role.APPROVER.value, "who approves them"),
    (Role.OWNER.value, "the owner"),
    (Role.ESCALATION.value, "whom one turns to last"),
]
