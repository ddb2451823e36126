"""No page offers what it would refuse: whoever follows a link or presses a button may do what it says."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask

from services.app import App
from services.plan import plan
from services.roles import Role, may
from store.models import Membership, Organisation
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor

_MANY = 400
_OF_A_KIND = 3
_ID = re.compile("[0-9a-f]{32}[^/]*")


class Offers(HTMLParser):
    """The links of a page, and where its forms go that have a button to press."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[str] = []
        self._posts_to: str | None = None
        self._closed: list[bool] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = dict(attributes)
        if tag == "a" and of.get("href"):
            self.links.append(of["href"] or "")
        if tag == "form":
            posts = (of.get("method") or "get").lower() == "post"
            self._posts_to = (of.get("action") or "") if posts else None
        if tag == "fieldset":
            self._closed.append("disabled" in of)
        pressed = tag == "button" or (tag == "input" and of.get("type") == "submit")
        if pressed and not any(self._closed) and "disabled" not in of:
            goes_to = of.get("formaction") or self._posts_to
            if goes_to is not None and of.get("type", "submit") == "submit":
                self.forms.append(goes_to)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._posts_to = None
        if tag == "fieldset" and self._closed:
            self._closed.pop()


def _path(base: str, target: str) -> str | None:
    """The path that is meant; None: somewhere else."""
    parts = urlsplit(unescape(target))
    if parts.scheme or parts.netloc or target.startswith("#"):
        return None
    return parts.path or base


def _right_of(web: Flask, path: str, method: str) -> str | None:
    endpoint, _ = web.url_map.bind("localhost").match(path, method=method)
    return web.view_functions[endpoint].__dict__.get("right")


@pytest.mark.parametrize("role", ["read_only", "caller", "chaser"])
def test_nothing_is_offered_that_is_refused(visitor: Visitor, stage: Cast, dunnock: App, role: str) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = role
        session.get_one(Organisation, stage.organisation_id).chasing = "dry_run"
    plan(dunnock, stage.organisation_id, everything=True)
    member = visitor.signed_in_as(stage.colleague_id)
    seen = _walked(visitor.app, member, stage.home, Role(role))
    assert len(seen) > 30
    assert any("/contacts/" in path for path in seen)


def _walked(web: Flask, member: Member, home: str, role: str) -> set[str]:
    """Every kind of page is looked at three times; what is wrong with them is told together."""
    wanted, seen, kinds = [f"{home}/queue", f"{home}/contacts"], set[str](), Counter[str]()
    refused: set[str] = set()
    while wanted and len(seen) < _MANY:
        path = wanted.pop()
        kind = _ID.sub("…", path)
        if path in seen or kinds[kind] >= _OF_A_KIND:
            continue
        seen.add(path)
        kinds[kind] += 1
        answer = member.get(path)
        if answer.status_code == 403:
            refused.add(f"{kind} is refused")
        offers = Offers()
        if answer.status_code == 200 and "html" in (answer.content_type or ""):
            offers.feed(answer.text)
        links = _below(home, path, offers.links)
        wanted += links
        refused |= _refused(web, role, kind, "GET", links)
        refused |= _refused(web, role, kind, "POST", _below(home, path, offers.forms))
    assert not refused, "\n".join(sorted(refused))
    return seen


def _below(home: str, here: str, targets: list[str]) -> list[str]:
    """The paths of the organisation that are meant, without what is asked of them."""
    found = [_path(here, target) for target in targets]
    return [one for one in found if one and one.startswith(home)]


def _refused(web: Flask, role: str, kind: str, method: str, paths: list[str]) -> set[str]:
    return {
        f"{kind} offers {method} {_ID.sub('…', path)}"
        for path in paths
        if (right := _right_of(web, path, method)) and not may(role, right)
    }


def test_a_shared_link_shows_the_record_and_no_settings(visitor: Visitor, stage: Cast) -> None:
    shared = f"{stage.home}/contacts/{stage.contact_id}"
    assert visitor.get(shared).headers["Location"].endswith(f"next={shared}")
    reader = visitor.signed_in_as(stage.colleague_id)
    page = reader.get(shared)
    assert "Open invoices" in page.text and "Share this customer" in page.text
    assert "/settings" not in page.text
    assert reader.get(f"{stage.home}/settings").status_code == 403
    assert visitor.signed_in_as(stage.stranger_id).get(shared).status_code == 404
