"""Every page there is, found in the table of addresses, with ids of the standing cast and its practice in it.

A new page is opened by whatever walks through these without being named anywhere; an id that no page had before is a
``KeyError`` until it is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final

from flask import Flask

from credit_control.effect.not_sent import Why
from kit.ids import derived_id
from services.list_exports import PLAIN
from services.page_answers import What
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast

_NO_PAGES: Final = ("/api/", "/static/", "/connect/", "/new-password/", "/prove/go-on", "/metrics")
"""What is no page, what leads to another site, and what works once."""
_OTHER_ENDS: Final = frozenset(
    {
        "mailboxes.begin",
        "debtor.invoice",
        "invited.show",
        "debtor.thanks",
        "not_me.show",
        "no_digest.show",
        "no_digest.show_clients",
        "credit_reports.as_sent",
    }
)
"""What leads to another site or asks the ledger, and what needs the secret of a mail, an answer that was just given, or a
report that was bought."""
_ASKED: Final = frozenset({"counted.show", "counted.file"})
"""What is empty until a currency is asked for."""
_FORMS: Final = ("csv", "xlsx")


def _each(**choices: Iterable[str]) -> tuple[dict[str, str], ...]:
    """Every choice with every other."""
    return tuple(dict(zip(choices, one, strict=True)) for one in product(*choices.values()))


_EACH: Final[Mapping[str, tuple[dict[str, str], ...]]] = {
    "exports.file": _each(page=("customers", "invoices", *sorted(PLAIN)), form=_FORMS),
    "practice_usage.file": _each(form=_FORMS),
    "cohorts.file": _each(form=_FORMS),
    "practice_figures.file": _each(form=_FORMS),
    "review.file": _each(form=("pdf", *_FORMS)),
    "debtor.tell": _each(what=What),
    "impact.behind": _each(because=Why),
    "insight.file": (*_each(what=("figures",), form=_FORMS), {"what": "months", "form": "csv"}),
    "impact.file": (*_each(what=("work", "not-sent"), form=("csv",)), {"what": "impact", "form": "xlsx"}),
    "does_it_work.file": (
        *_each(what=("before-after", "steps"), form=("csv",)),
        {"what": "does-it-work", "form": "xlsx"},
    ),
    "comparisons.file": (
        *_each(what=("figures", "customers"), form=("csv",)),
        {"what": "comparison", "form": "xlsx"},
    ),
}
"""Where an address is many pages: each of them is opened."""


def pages(web: Flask, ids: Mapping[str, str]) -> Iterator[str]:
    """The path of every page; ``ids`` by the names that addresses give them (``bulk.show run_id`` before ``run_id``)."""
    to = web.url_map.bind("localhost")
    for rule in sorted(web.url_map.iter_rules(), key=lambda one: one.rule):
        if (
            "GET" not in (rule.methods or ())
            or rule.rule.startswith(_NO_PAGES)
            or rule.endpoint in _OTHER_ENDS | _ASKED
        ):
            continue
        for choice in _EACH.get(rule.endpoint, ({},)):
            known = {
                name: ids.get(f"{rule.endpoint} {name}") or ids[name]
                for name in rule.arguments
                if name not in choice
            }
            yield to.build(rule.endpoint, known | choice)


def ids_of(cast: Cast, practice: PracticeCast) -> dict[str, str]:
    """The ids of what the cast has, and of what ``tests.web.api.conftest.for_every_route`` puts beside it."""
    home = cast.organisation_id
    return {
        "organisation_id": home,
        "contact_id": cast.contact_id,
        "invoice_id": cast.invoice_id,
        "attachment_id": cast.attachment_id,
        "dispute_id": cast.dispute_id,
        "reply_id": derived_id("reply"),
        "message_id": derived_id("reply"),
        "number": "1",
        "bulk.show run_id": derived_id("bulk run"),
        "campaign_id": derived_id("campaign"),
        "comparison_id": derived_id("comparison"),
        "letter_id": derived_id("letter", "made"),
        "export_id": derived_id("export"),
        "plan_id": derived_id("plan"),
        "rule_id": derived_id("rule"),
        "schedule_id": derived_id("schedule", home, "Standard"),
        "sender_id": derived_id("sender", home),
        "person_id": cast.colleague_id,
        "template_id": derived_id("template", home, "courtesy"),
        "practice_id": practice.practice_id,
        "client_id": practice.client_id,
    }
