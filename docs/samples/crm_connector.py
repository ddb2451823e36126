"""Keeps the status and history of each customer in an SQLite file, as a CRM would: from Dunnock's API and event feed.

    DUNNOCK_URL=https://dunnock.example.com DUNNOCK_TOKEN=... python crm_connector.py crm.db [--all]

Run it every few minutes. The place in the feed is stored with what was read up to there, so a run that is killed or
repeated changes nothing. It reads every customer's status the first time and with --all (say, once a night, because a
day that passes makes money overdue without any event), otherwise that of customers with news. Standard library only.
"""

import json
import os
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

TABLES = """
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, name TEXT, status TEXT, balances TEXT);
CREATE TABLE IF NOT EXISTS history (id TEXT PRIMARY KEY, customer TEXT, at TEXT, kind TEXT, title TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS place (cursor TEXT);
"""


def ask(path: str, **query: object) -> Any:
    address = f"{os.environ['DUNNOCK_URL']}/api/v1{path}?{urlencode(query)}"
    request = urllib.request.Request(
        address, headers={"Authorization": f"Bearer {os.environ['DUNNOCK_TOKEN']}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def every_customer() -> Iterator[dict[str, Any]]:
    page = ask("/contacts", limit=200)
    yield from page["items"]
    while page["next_cursor"]:
        page = ask("/contacts", limit=200, cursor=page["next_cursor"])
        yield from page["items"]


def keep_customer(crm: sqlite3.Connection, customer: dict[str, Any]) -> None:
    status = "on stop" if customer["on_stop"] else "on hold" if customer["on_hold"] else "open"
    row = (customer["id"], customer["name"], status, json.dumps(customer["balances"]))
    crm.execute("INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?)", row)


def events_after(cursor: str | None) -> Any:
    try:
        return ask("/events", limit=200, **({"after": cursor} if cursor else {}))
    except urllib.error.HTTPError as error:
        if error.code != 410:  # the feed does not go on from there: begin again, what is known has known ids
            raise
        return ask("/events", limit=200)


def run(crm: sqlite3.Connection, *, everybody: bool = False) -> None:
    crm.executescript(TABLES)
    (cursor,) = crm.execute("SELECT max(cursor) FROM place").fetchone()
    if everybody or cursor is None:
        with crm:
            for customer in every_customer():
                keep_customer(crm, customer)
    more = True
    while more:
        page = events_after(cursor)
        with crm:
            for one in page["items"]:
                row = (one["id"], one["contact_id"], one["at"], one["kind"], one["title"], one["text"])
                crm.execute("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?, ?, ?)", row)
            for customer in {one["contact_id"] for one in page["items"]}:
                keep_customer(crm, ask(f"/contacts/{customer}"))
            cursor, more = page["cursor"], page["more"]
            crm.execute("DELETE FROM place")
            crm.execute("INSERT INTO place VALUES (?)", (cursor,))


if __name__ == "__main__":
    run(sqlite3.connect(sys.argv[1]), everybody="--all" in sys.argv)
