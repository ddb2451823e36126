"""The files that came with a mail: which are kept, and under which names. What they are is not looked into."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from kit.ids import derived_id
from services.inbound_mail import InboundFile, InboundMail
from services.merge_fields import one_line
from services.mime_mail import CUT

MOST_FILES = 20
LARGEST_FILE = 10 * 1024 * 1024
_LONGEST_NAME = 120
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}")


def file_rows(organisation_id: str, communication_id: str, form: InboundMail) -> list[dict[str, Any]]:
    """The files to be stored beside a mail."""
    return [
        {
            "organisation_id": organisation_id,
            "id": derived_id(communication_id, str(number)),
            "communication_id": communication_id,
            "name": file.name,
            "content_type": file.content_type,
            "size": len(file.content),
            "content": file.content,
        }
        for number, file in enumerate(kept_files(form.files))
    ]


def left_out(form: InboundMail) -> str | None:
    """A sentence, where files are not kept."""
    if CUT in form.fields:
        return "The mail is too large: its end and its attached files are not kept."
    number = len(form.files) - len(kept_files(form.files))
    return f"Not kept, being too large or too many: {number} attached files." if number else None


def kept_files(files: Sequence[InboundFile]) -> list[InboundFile]:
    """The files that are kept, under names that are only names. What they are is not looked into."""
    small = [file for file in files if len(file.content) <= LARGEST_FILE][:MOST_FILES]
    return [InboundFile(_file_name(file.name), _file_type(file.content_type), file.content) for file in small]


def _file_name(given: str) -> str:
    """The last part of the path, without what could lead elsewhere or hide how it ends."""
    last = one_line(given).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if unicodedata.category(sign) != "Cf")
    name = re.sub(r'[<>:"|?*;]', "_", shown).strip(". ")
    return (name if len(name) <= _LONGEST_NAME else f"{name[:80]}…{name[-39:]}") or "attachment"


def _file_type(given: str) -> str:
    kind = given.partition(";")[0].strip().lower()
    return kind if _CONTENT_TYPE.fullmatch(kind) else "application/octet-stream"
