"""The ledger's default format: a small XML rendering for clients that forget to ask for JSON."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET


def to_xml(answer: dict[str, Any]) -> bytes:
    """The JSON answer as a `<Response>` document; list entries are named like their list without the s."""
    root = ET.Element("Response")
    _fill(root, answer)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _fill(parent: ET.Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _fill(ET.SubElement(parent, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ET.SubElement(parent, parent.tag.removesuffix("s") or "Item"), inner)
    elif isinstance(value, bool):
        parent.text = str(value).lower()
    else:
        parent.text = str(value)
