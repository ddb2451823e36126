"""All clients of a practice in the words of whoever reads the mail about them: a line for each, who needs somebody first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kit.wording import _, locale
from services.digest.practice_week import Line
from services.digest.says import apart, moment, money, one_line
from services.digest.shapes import Digest, Row, Section
from services.languages import listed
from services.said_again import again
from store.queries.practice_digests import Reader


def digest(found: Sequence[Line], reader: Reader, now: datetime) -> Digest:
    """The mail to this reader, in the language of the moment."""
    practice, clients = one_line(reader.practice), f"/practice/{reader.practice_id}"
    needing = [one for one in found if one.needs]
    said = {"practice": practice, "count": len(needing), "all": len(found)}
    as_of = moment(now, reader.zone)
    return Digest(
        subject=_("%(practice)s: somebody is needed at %(count)s of %(all)s clients", **said)
        if needing
        else _("%(practice)s: nobody is needed at any of %(all)s clients", **said),
        greeting=_("Hello %(name)s,", name=reader.name.split(maxsplit=1)[0])
        if reader.name.split()
        else _("Hello,"),
        title=_("The clients of %(practice)s", practice=practice),
        as_of=_("As of %(moment)s.", moment=as_of),
        sections=[
            Section(title, _("overdue as of %(moment)s", moment=as_of), clients, [_row(one) for one in some],
                    spelled_out=True)
            for title, some in (
                (_("Who needs somebody"), needing),
                (_("Nothing waits for anybody"), [one for one in found if not one.needs]),
            )
            if some
        ],
        why=_("You get this once a week because you asked for it."),
        end=_("End this mail"),
    )  # fmt: skip


def _row(one: Line) -> Row:
    value, notes = _("nothing overdue") if one.is_read else _("no figures"), []
    for place, each in enumerate(one.overdue):
        amount = money(each.amount, each.currency)
        if place == 0:
            value = amount
            notes.append(apart(each))
        else:
            notes.append(_("also %(amount)s overdue, %(apart)s", amount=amount, apart=apart(each)))
    if expected := [money(each.expected, each.currency) for each in one.coming if each.expected]:
        notes.append(_("%(amounts)s expected until Sunday", amounts=listed(expected, locale())))
    notes += [again(each) for each in one.needs]
    return Row(one_line(one.name), value, " · ".join(notes), f"/organisations/{one.organisation_id}/today")
