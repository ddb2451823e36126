"""What a file is, its content says; what can do harm is known before anybody opens it."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.attached import look


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


PDF, PNG, JPEG = b"%PDF-1.4\n%...", b"\x89PNG\r\n\x1a\n" + b"0" * 30, b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
EXE, OLE = b"MZ\x90\x00" + b"\0" * 80, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DOCX = zipped("[Content_Types].xml", "word/document.xml")
DOCM = zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("remittance.pdf", "application/pdf", PDF),
        ("REMITTANCE.PDF", "application/octet-stream", PDF),
        ("photo.jpg", "image/jpeg", JPEG),
        ("photo.png", "image/png", PNG),
        ("letter.docx", "application/vnd.openxmlformats", DOCX),
        ("old.doc", "application/msword", OLE),
        ("list.csv", "text/csv", b"a,b\n1,2\n"),
        ("note.txt", "text/plain", "Zahlung am 24. – Grüße".encode()),
        ("notes", "application/octet-stream", b"hello"),
        ("empty.txt", "text/plain", b""),
    ],
)
def test_ordinary_files_are_just_files(name: str, content_type: str, content: bytes) -> None:
    assert look(name, content_type, content).danger is None


@pytest.mark.parametrize(
    ("name", "content_type", "content", "words"),
    [
        ("invoice.exe", "application/octet-stream", EXE, "program"),
        ("invoice.pdf.exe", "application/pdf", PDF, "program"),
        ("invoice.pdf", "application/pdf", EXE, "program"),
        ("run.js", "text/plain", b"alert(1)", "program"),
        ("run.txt", "text/plain", b"#!/bin/sh\nrm", "program"),
        ("a.bin", "application/octet-stream", b"\x7fELF\x02\x01", "program"),
        ("page.html", "text/html", b"<p>hello", "web page"),
        ("page.txt", "text/plain", b"  \n<!DOCTYPE html><script>", "web page"),
        ("logo.svg", "image/svg+xml", b"<?xml version='1.0'?><svg onload='x()'/>", "web page"),
        ("terms.docm", "application/octet-stream", DOCM, "macros"),
        ("terms.docx", "application/octet-stream", DOCM, "macros"),
        ("terms.xls", "application/vnd.ms-excel", OLE + "_VBA_PROJECT".encode("utf-16-le"), "macros"),
        ("all.zip", "application/zip", zipped("a.txt"), "archive"),
        ("all.pdf", "application/pdf", zipped("a.txt"), "archive"),
        ("all.rar", "application/x-rar", b"Rar!\x1a\x07\x00", "archive"),
        ("photo.png", "image/png", PDF, "content is that of a .pdf file"),
        ("remittance.pdf", "application/pdf", b"just words", "none of that kind"),
    ],
)
def test_what_can_do_harm_or_pretends_is_named(
    name: str, content_type: str, content: bytes, words: str
) -> None:
    assert words in str(look(name, content_type, content).danger)


@given(st.text(max_size=60), st.text(max_size=40), st.binary(max_size=400))
def test_looking_never_fails(name: str, content_type: str, content: bytes) -> None:
    look(name, content_type, content)
