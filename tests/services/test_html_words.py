"""The words of a mail that has no text part: what its reader sees, and what of it is an earlier mail."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.html_words import words_of
from services.threads import folded
from services.understanding import Meaning, understand

TODAY = date(2026, 11, 18)
OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head><body><div>
<p class=MsoNormal>Hi Robin,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal>We will pay on
27 November.<o:p></o:p></p><p class=MsoNormal>Kind regards<br>Bea</p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Robin Ashdown<br>
<b>Sent:</b> 16 November 2026 10:02<br><b>To:</b> Bea &lt;bea@kestrel.example&gt;<br>
<b>Subject:</b> Invoice INV-1042</p></div></div>
<p class=MsoNormal>If you dispute any of this, tell me.</p></div></body></html>"""
GMAIL = """<div dir="ltr"><div>the amount is wrong</div><div>please call me</div></div><br><div class="gmail_quote">
<div class="gmail_attr">On Fri, 20 Nov 2026 at 11:00, Robin Ashdown
&lt;<a href="mailto:r@h.example">r@h.example</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0"><p>We will pay you back on Friday.</p>
<blockquote>older</blockquote></blockquote></div>"""
APPLE = """<html><body style="word-wrap: break-word;">Paid today.<br><div><br></div><div>On 17 Nov 2026, at 10:02, Robin
&lt;r@h.example&gt; wrote:</div><br><blockquote type="cite"><div>Do you dispute it?</div></blockquote></body></html>"""


@pytest.mark.parametrize(
    ("markup", "new", "meaning", "on"),
    [
        (
            OUTLOOK,
            "Hi Robin,\n\nWe will pay on 27 November.\n\nKind regards\nBea",
            Meaning.WILL_PAY,
            date(2026, 11, 27),
        ),
        (GMAIL, "the amount is wrong\nplease call me", Meaning.DISPUTE, None),
        (APPLE, "Paid today.", Meaning.PAID, TODAY),
    ],
)
def test_an_answer_is_told_from_the_mail_below_it(
    markup: str, new: str, meaning: Meaning, on: date | None
) -> None:
    found = folded(words_of(markup))
    assert found.new == new
    assert found.quoted
    said = understand(found.new, today=TODAY, language="en-GB")
    assert (said.meaning, said.on) == (meaning, on)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("Paid on the <b>3rd</b> &amp; done", "Paid on the 3rd & done"),
        ("<div>Hi,</div><div><br></div><div>all good</div><div>Jo</div>", "Hi,\n\nall good\nJo"),
        (
            "<table><tr><td>INV-1</td><td>£5</td></tr><tr><td>INV-2</td><td>£6</td></tr></table>",
            "INV-1 £5\nINV-2 £6",
        ),
        ("<ul><li>one<li>two</ul>end", "one\ntwo\n\nend"),
        ("<pre>one\ntwo</pre>", "one\ntwo"),
        ("<style>p {}</style><script>x()</script><!-- no -->yes<title>", "yes"),
        ("a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e", "a\n\n> b\n> c\n\n> > d\n\ne"),
        ("5 &lt; 6", "5 < 6"),
        ("", ""),
    ],
)
def test_lines_stay_lines(markup: str, words: str) -> None:
    assert words_of(markup) == words


@given(st.text(max_size=300))
def test_reading_never_fails(markup: str) -> None:
    words_of(markup)


def test_a_mail_quoted_without_end_does_not_grow() -> None:
    markup = "<blockquote>a" * 5_000
    assert len(words_of(markup)) < 20 * len(markup)
