"""The pages on which chasing is set up, read in German."""

from __future__ import annotations

from tests.support.cast import Cast
from tests.support.visitor import Member, words

PAGES = {
    "set-up": "Einrichtung: 0 von 5 erledigt",
    "set-up/who": "Später entscheiden",
    "set-up/firmness": "Öffnen Sie einen Schritt, um seine Mail zu lesen.",
    "set-up/when": "Mails gehen in diesen Stunden",
    "set-up/whom-not": "Kreuzen Sie an, wen Dunnock in Ruhe lassen soll.",
    "set-up/old-debt": "Neu zählen",
    "set-up/dry-run": "in den nächsten zwei Wochen",
    "settings": "Personen und Programme",
    "settings/sending": "Wie Mails hinausgehen",
    "settings/signatures": "Signaturen und Meldungen",
    "settings/calendar": "Freie Tage",
    "senders/new": "Neuer Absender",
    "schedules": "Nachholregel. Wenn von „Erste Mahnung“",
    "schedules/new": "An einer Rechnung ausprobieren",
    "rules/new": "Bedingung hinzufügen",
    "connection": "Was Dunnock in Xero darf",
    "event-endpoints": "Ereignisse für andere Programme",
    "audit-log": "Wie lange es aufbewahrt wird",
    "first-look": "Ihnen geschuldet",
    "api-tokens": "Token anlegen",
}
"""What one reads on each."""


def test_the_pages_of_setting_up_are_read_in_german(owner: Member, stage: Cast) -> None:
    read = {page: owner.get(f"{stage.home}/{page}", Accept_Language="de") for page in PAGES}
    assert [page for page, answer in read.items() if answer.status_code != 200] == []
    assert [page for page, said in PAGES.items() if said not in words(read[page])] == []
