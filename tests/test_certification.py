"""What the document on the marketplace's checkpoints names is there: each file, each address, each test."""

from __future__ import annotations

import re

from kit.settings import ROOT, load
from services.app import App
from web import create_app

_NAMED = re.findall(r"`([^`\s]+)`", (ROOT / "docs" / "certification.md").read_text(encoding="utf-8"))
_PATH = re.compile(r"(credit_control|docs|integration|kit|services|templates|tests|web|webhooks)/")


def test_every_file_and_test_exists() -> None:
    named = [one for one in _NAMED if _PATH.match(one)]
    assert len(named) > 30
    for one in named:
        path, _, test = one.partition("::")
        assert (ROOT / path).exists(), one
        if test:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), one


def test_every_address_exists() -> None:
    known = {rule.rule for rule in create_app(App(load({"SECRET_KEY": "s" * 40}))).url_map.iter_rules()}
    known.add("/webhooks/xero")  # answered in front of the application
    addresses = [one.removeprefix("PUBLIC_URL") for one in _NAMED if one.startswith(("/", "PUBLIC_URL/"))]
    assert len(addresses) > 8
    for one in addresses:
        assert one in known, one
