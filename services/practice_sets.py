"""Shared sets of a practice: a schedule with its texts and hours, given to clients as copies.

A client's own change stands when the set is changed later, until it is given back. Whether something is its own is told
by version numbers: what is newer than what we left is the client's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.schedules import PRESETS, preset
from credit_control.sender import DEFAULT, OWNER
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from kit.wording import N_, _
from services import second_eyes
from services.mail_facts import TemplateText
from services.practice_set_differences import Difference, differences
from services.practice_set_hours import Stored, set_window, window_of
from services.practices import LONGEST_NAME, checked_line
from services.second_eyes import Wanted
from services.templates import checked_text
from services.written_steps import checked, stored_steps, stored_written, written_of
from store.models import (
    Organisation,
    PracticeSet,
    PracticeSetUse,
    Template,
    TemplateVersion,
)
from store.queries import pages, planning
from store.queries import practice_sets as queries
from store.queries import schedules as schedule_queries
from store.queries import senders as sender_queries
from store.queries import templates as template_queries


def make(
    session: Session,
    practice_id: str,
    name: str,
    source: str,
    window: Stored | None,
    by: str,
    allowed: Collection[str],
) -> str:
    """A new set from a schedule of the product (``preset:Gentle``) or of a client (``client:<id>``); its id."""
    row = PracticeSet(
        id=new_id(),
        practice_id=practice_id,
        name=checked_line(name, LONGEST_NAME, "set"),
        number=0,
        window=window,
        texts=[],
        steps=[],
    )
    take_from(session, row, source, by, allowed)
    session.add(row)
    session.flush()
    return row.id


def take_from(session: Session, row: PracticeSet, source: str, by: str, allowed: Collection[str]) -> None:
    """Have the set be what this schedule is now, as its next version; clients get it when they are given the set again."""
    kind, _unused, which = source.partition(":")
    if kind == "preset" and which in PRESETS:
        row.preset, row.steps, row.texts, row.source = which, [], [], which
    elif kind == "client" and which in allowed:
        _take_from_client(session, row, session.get_one(Organisation, which))
    else:
        raise UserError(_("Choose where the set comes from: a schedule of the product, or that of a client."))
    row.number, row.changed_by, row.changed_at = row.number + 1, by, clock.now()


def _take_from_client(session: Session, row: PracticeSet, model: Organisation) -> None:
    found = pages.default_schedule(session, model.id)
    if found is None:
        raise UserError(_("%(model_name)s has no schedule to take over.", model_name=model.name))
    steps = stored_written(written_of(found[1].steps, found[1].written))
    for step in steps:  # senders are the client's own people
        step["sender"] = step["sender"] if step["sender"] in (OWNER, DEFAULT) else OWNER
    row.preset, row.steps, row.source = None, steps, model.name
    row.texts = _texts_of(session, model.id, {step["template"] for step in steps if step["template"]})


def _texts_of(session: Session, organisation_id: str, keys: Collection[str]) -> list[Stored]:
    by_id = {one.id: one for one in template_queries.templates(session, organisation_id) if one.key in keys}
    texts = template_queries.texts(session, organisation_id, list(by_id))
    return [
        {
            "key": by_id[template_id].key,
            "name": by_id[template_id].name,
            "kind": by_id[template_id].kind,
            "starts_conversation": by_id[template_id].starts_conversation,
            "language": one.language,
            "subject": one.subject,
            "body": one.body,
        }
        for template_id, versions in sorted(texts.items())
        for one in versions
    ]


# -- giving --------------------------------------------------------------------------------------------


def give(
    session: Session,
    row: PracticeSet,
    organisation: Organisation,
    now: datetime,
    *,
    most_segments: int,
    all_of_it: bool = False,
) -> Stored:
    """Give a client the set; what is its own stands, unless ``all_of_it``. Returns how it stood before, for ``restore``.

    A changed schedule is a new version of the client's, so invoices under way keep theirs. A second time changes nothing.
    ``said`` of what is returned tells what is another now. ``most_segments``: in how many segments a text message may
    travel. ``UserError`` for a text that could not be sent here.
    """
    own = Difference() if all_of_it else differences(session, row, [organisation])[organisation.id]
    use = session.get(PracticeSetUse, (organisation.id, row.id))
    if use is None:
        use = PracticeSetUse(organisation_id=organisation.id, set_id=row.id, number=0, texts={})
        session.add(use)
    before: Stored = {
        "number": use.number,
        "window": None,
        "window_left": use.window,
        "texts": {},
        "schedule": None,
        "written": None,
        "said": [],
        "most_segments": most_segments,
    }
    use.texts = dict(use.texts) | _give_texts(session, row, organisation, own, now, before)
    if not own.schedule:
        _give_schedule(session, row, organisation, use, now, before)
    if row.window and not own.window:
        before["window"] = window_of(organisation)
        use.window = row.window
        set_window(organisation, row.window)
        if row.window != before["window"]:
            before["said"].append(N_("The sending hours of the set"))
    use.number = row.number
    session.flush()
    planning.look_at_all(session, organisation.id, now)
    return before


def give_all(
    session: Session, row: PracticeSet, organisation: Organisation, now: datetime, most_segments: int
) -> None:
    """Have a client follow the set again where it had things of its own. ``Needed`` where that takes two people there."""
    before = give(session, row, organisation, now, most_segments=most_segments, all_of_it=True)
    if before["said"]:
        title = N_(
            f"Follow the practice's set “{row.name}” again, also where there were texts or hours of one's own"
        )
        wanted = Wanted("practice_set", title, {"set_id": row.id, "lines": before["said"]})
        second_eyes.check(session, organisation.id, second_eyes.Kind.TEMPLATES, wanted)


def _give_texts(
    session: Session,
    row: PracticeSet,
    organisation: Organisation,
    own: Difference,
    now: datetime,
    before: Stored,
) -> dict[str, int]:
    left: dict[str, int] = {}
    for text in row.texts:
        word = f"{text['key']}/{text['language']}"
        if word not in own.texts:
            left[word] = _give_text(session, organisation, text, now, before)
    return left


def _give_text(
    session: Session, organisation: Organisation, text: Stored, now: datetime, before: Stored
) -> int:
    organisation_id = organisation.id
    template = queries.template_by_key(session, organisation_id, text["key"])
    if template is None:
        template = Template(
            organisation_id=organisation_id,
            id=derived_id("template", organisation_id, text["key"]),
            **{name: text[name] for name in ("key", "name", "kind", "starts_conversation")},
        )
        session.add(template)
        session.flush()
    template.removed_at = None
    versions = template_queries.texts(session, organisation_id, [template.id])[template.id]
    newest = next((one for one in versions if one.language == text["language"]), None)
    if newest and (newest.subject, newest.body) == (text["subject"], text["body"]):
        return newest.number
    of_kind = TemplateText(text["subject"], text["body"], text["kind"])
    sound = checked_text(of_kind, text["language"], before["most_segments"])
    if newest:
        before["texts"][f"{text['key']}/{text['language']}"] = [
            newest.subject,
            newest.body,
            newest.number + 1,
        ]
    before["said"].append(
        N_(f"The text “{text['name'] or text['key'].replace('_', ' ')}” ({text['language']})")
    )
    return _add_text(session, template, text["language"], newest, sound.subject, sound.body, now)


def _add_text(
    session: Session,
    template: Template,
    language: str,
    newest: TemplateVersion | None,
    subject: str,
    body: str,
    now: datetime,
) -> int:
    number = newest.number + 1 if newest else 1
    session.add(
        TemplateVersion(
            organisation_id=template.organisation_id,
            id=new_id(),
            template_id=template.id,
            language=language,
            number=number,
            subject=subject,
            body=body,
            created_at=now,
        )
    )
    session.flush()
    return number


def _give_schedule(
    session: Session,
    row: PracticeSet,
    organisation: Organisation,
    use: PracticeSetUse,
    now: datetime,
    before: Stored,
) -> None:
    default = pages.default_schedule(session, organisation.id)
    before["schedule"] = default[0].id if default else None
    own_id = use.schedule_id or derived_id("practice_set", row.id, organisation.id)
    steps = _steps_for(row, organisation)
    there = schedule_queries.newest(session, organisation.id, own_id)
    if there is None:
        schedule_queries.add(session, organisation.id, own_id, _free_name(session, organisation.id, row.name))
    written = written_of(steps, None)
    wanted = stored_written(written)
    number = there[1].number if there else 0
    if there is None or wanted != stored_written(written_of(there[1].steps, there[1].written)):
        resolved = checked(
            written,
            schedule_queries.template_kinds(session, organisation.id),
            sender_queries.sender_ids(session, organisation.id),
        )
        if there:
            before["written"] = [stored_written(written_of(there[1].steps, there[1].written)), number + 1]
        number += 1
        before["said"].append(N_(f"The steps of the schedule “{row.name}”"))
        schedule_queries.add_version(
            session, organisation.id, own_id, number, stored_steps(resolved), wanted, now
        )
    if before["schedule"] != own_id:
        before["said"].append(N_(f"Customers without a schedule of their own are on “{row.name}”"))
    schedule_queries.set_default(session, organisation.id, own_id)
    use.schedule_id, use.schedule_number = own_id, number


def _steps_for(row: PracticeSet, organisation: Organisation) -> list[Stored]:
    """The steps as people write them; least sums of the product's schedules are in the client's own currency."""
    return stored_steps(preset(row.preset, organisation.base_currency)) if row.preset else row.steps


def _free_name(session: Session, organisation_id: str, name: str) -> str:
    taken = {other.casefold() for _, other in schedule_queries.names(session, organisation_id)}
    short, number, free = name[:50], 1, name[:50]
    while free.casefold() in taken:
        number += 1
        free = f"{short} ({number})"
    return free


# -- taking back ---------------------------------------------------------------------------------------


def restore(
    session: Session, row: PracticeSet, organisation: Organisation, before: Stored, now: datetime
) -> None:
    """Put back how it stood before the set was given, as new versions; what the client has changed since stands."""
    use = session.get(PracticeSetUse, (organisation.id, row.id))
    if use is None:
        return
    if before["window"] and window_of(organisation) == use.window:
        set_window(organisation, before["window"])
    use.window = before["window_left"]
    for word, (subject, body, number) in before["texts"].items():
        key, language = word.split("/")
        template = queries.template_by_key(session, organisation.id, key)
        if template is None:
            continue
        versions = template_queries.texts(session, organisation.id, [template.id])[template.id]
        newest = next((one for one in versions if one.language == language), None)
        if newest and newest.number == number:
            left = _add_text(session, template, language, newest, subject, body, now)
            use.texts = {**use.texts, word: left}
    if before["schedule"]:
        _restore_schedule(session, organisation.id, use, before, now)
    use.number = before["number"]
    if not use.number:  # the client had nothing of the set before
        session.delete(use)
    session.flush()
    planning.look_at_all(session, organisation.id, now)


def _restore_schedule(
    session: Session, organisation_id: str, use: PracticeSetUse, before: Stored, now: datetime
) -> None:
    default = pages.default_schedule(session, organisation_id)
    if default and default[0].id == use.schedule_id:
        schedule_queries.set_default(session, organisation_id, before["schedule"])
    if before["written"] and use.schedule_id:
        written, number = before["written"]
        there = schedule_queries.newest(session, organisation_id, use.schedule_id)
        if there and there[1].number == number:
            steps = written_of(written, None)
            resolved = checked(
                steps,
                schedule_queries.template_kinds(session, organisation_id),
                sender_queries.sender_ids(session, organisation_id),
            )
            schedule_queries.add_version(
                session, organisation_id, use.schedule_id, number + 1, stored_steps(resolved), written, now
            )
            use.schedule_number = number + 1
