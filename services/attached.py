"""Files that came with an answer: which are kept, under which names, and which of them can do harm.

What a file is, its first bytes say, not its name. Nothing is ever unpacked or opened: an archive or a document with
macros is known by what stands in it in the clear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import puremagic

from kit.ids import derived_id
from kit.wording import N_
from services.inbound_mail import InboundFile, InboundMail
from services.merge_fields import one_line
from services.mime_mail import CUT

MOST_FILES = 20
LARGEST_FILE = 10 * 1024 * 1024
_LONGEST_NAME = 120
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}")
_LOOKED_AT = 4_096


def _endings(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PROGRAMS = _endings(
    "exe dll drv sys scr com pif msi msp cpl bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta jar apk app deb rpm dmg pkg"
    " sh bash py pl rb php lnk url reg chm inf scf sct gadget appimage elf class xll ps iqy slk settingcontent-ms"
)
_PAGES = _endings("html htm xhtml mht mhtml shtml svg svgz xsl xslt")
_ARCHIVES = _endings("zip rar 7z gz tgz bz2 xz tar iso img vhd vhdx cab arj lzh ace z zst lz cbr cb7")
_MACROS = _endings("docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm one accdb mdb")
_OFFICE = _endings("docx xlsx pptx dotx xltx potx odt ods odp epub")
"""Archives by their first bytes, and no more dangerous than other documents."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS_OF_MACROS = (b"vbaProject.bin", "_VBA_PROJECT".encode("utf-16-le"))
_ALIKE = (_endings("jpg jpeg jpe jfif"), _endings("tif tiff"), _endings("txt csv log eml ics vcf md"))
_KNOWN_BY_CONTENT = _endings(
    "pdf png jpg jpeg gif bmp tif tiff doc docx xls xlsx ppt pptx odt ods rtf heic webp"
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is by its content, and why it can do harm (None: nothing speaks for that)."""

    found: str
    danger: str | None = None


def look(name: str, content_type: str, content: bytes) -> Looked:
    """Compare what a file says it is with what it is. Never fails."""
    endings = [part.lower() for part in name.rsplit(".", 2)[1:]]
    ending = endings[-1].strip() if endings else ""
    found = _by_content(content)
    first = _named(found, ending)
    return Looked(first, _danger(ending, content_type, found, content) or _mismatch(ending, found))


def _by_content(content: bytes) -> tuple[str, ...]:
    """The endings that fit its first bytes, the likeliest first; empty: they say nothing, as those of a text do."""
    beginning = content[:_LOOKED_AT]
    opening = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<!doctype html", b"<html", b"<script", b"<svg", b"<head", b"<body", b"<iframe")):
        return ("svg",) if opening.startswith(b"<svg") else ("html",)
    if b"<svg" in opening and opening.startswith((b"<?xml", b"<!--")):
        return ("svg",)
    if opening.startswith(b"#!"):
        return ("sh",)
    if beginning.startswith(b"\x7fELF"):
        return ("elf",)
    try:
        matches = puremagic.magic_string(beginning)
    except (puremagic.PureError, ValueError):
        return ()
    return tuple(dict.fromkeys(one.extension.lstrip(".").lower() for one in matches if one.extension))


def _named(found: Sequence[str], ending: str) -> str:
    if ending in found:
        return ending
    return found[0] if found else "text or unknown"


def _danger(ending: str, content_type: str, found: Sequence[str], content: bytes) -> str | None:
    office = ending in _OFFICE and content.startswith(b"PK")
    likeliest = set(found[:4]) if not content.startswith((b"PK", _OLE)) else set()
    signs = {ending, *likeliest}
    declared = content_type.lower()
    if signs & _PROGRAMS or "javascript" in declared or "x-msdownload" in declared:
        return N_("It is a program or a script.")
    if signs & _PAGES or declared in ("text/html", "image/svg+xml", "application/xhtml+xml"):
        return N_("It is a web page, which can do things when it is opened.")
    if signs & _MACROS or any(sign in content for sign in _SIGNS_OF_MACROS):
        return N_("It is a document with macros, which are programs.")
    if signs & _ARCHIVES or (content.startswith(b"PK") and not office):
        return N_("It is an archive; nobody has looked at what is in it.")
    return None


def _mismatch(ending: str, found: Sequence[str]) -> str | None:
    """A name that promises something else than the content is."""
    if not ending or ending not in _KNOWN_BY_CONTENT:
        return None
    if ending in found or any(ending in alike and alike & set(found) for alike in _ALIKE):
        return None
    if not found:
        return N_("Its name ends in .{0}, but its content is none of that kind.").format(ending)
    return N_("Its name ends in .{0}, but its content is that of a .{1} file.").format(ending, found[0])


def kept_files(files: Sequence[InboundFile]) -> list[InboundFile]:
    """The files that are kept, under names that are only names."""
    small = [file for file in files if len(file.content) <= LARGEST_FILE][:MOST_FILES]
    return [InboundFile(file_name(file.name), file_type(file.content_type), file.content) for file in small]


def left_out(form: InboundMail) -> str | None:
    """A sentence, where files of a mail are not kept."""
    if CUT in form.fields:
        return N_("The mail is too large: its end and its attached files are not kept.")
    number = len(form.files) - len(kept_files(form.files))
    return N_(f"Not kept, being too large or too many: {number} attached files.") if number else None


def rows(organisation_id: str, communication_id: str, files: Sequence[InboundFile]) -> list[dict[str, Any]]:
    """How files are stored beside their communication, with what was found when they were looked at."""
    looked = [look(file.name, file.content_type, file.content) for file in files]
    return [
        {
            "organisation_id": organisation_id,
            "id": derived_id(communication_id, str(number)),
            "communication_id": communication_id,
            "name": file.name,
            "content_type": file.content_type,
            "size": len(file.content),
            "content": file.content,
            "danger": found.danger,
        }
        for number, (file, found) in enumerate(zip(files, looked, strict=True))
    ]


def file_name(given: str) -> str:
    """The last part of the path, without what could lead elsewhere or hide how it ends."""
    last = one_line(given).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if unicodedata.category(sign) != "Cf")
    name = re.sub(r'[<>:"|?*;]', "_", shown).strip(". ")
    return (name if len(name) <= _LONGEST_NAME else f"{name[:80]}…{name[-39:]}") or "attachment"


def file_type(given: str) -> str:
    """The content type alone, without what stands behind it; that of anything where it is none."""
    kind = given.partition(";")[0].strip().lower()
    return kind if _CONTENT_TYPE.fullmatch(kind) else "application/octet-stream"
