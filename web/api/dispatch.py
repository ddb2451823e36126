"""From a request to its answer: who calls, may they, what do they ask, has it been asked before, what comes of it."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from flask import Response, abort, request
from sqlalchemy.orm import Session

from web.api.asked import Asked
from web.api.caller import Caller, caller_with
from web.api.fields import IN_WORDS, KINDS
from web.api.repeats import Outcome, Repeatable, repeatable
from web.api.route import File, Route

_LARGEST_BODY = 64 * 1024
_ID = re.compile("[0-9a-f]{32}")
_NO_JSON = "Send the body as JSON, with the header Content-Type: application/json."

Shape = TypeVar("Shape", bound=msgspec.Struct)
_KIND = re.compile(rf"`((?:{'|'.join(KINDS)})(?: \| (?:{'|'.join(KINDS)}))*)`")


def respond(route: Route, path: dict[str, str]) -> Response:
    """Answer this request by its route."""
    request.max_content_length = _LARGEST_BODY
    caller = caller_with(route.right)
    asked = _asked(route, path)
    repeat = repeatable(asked.get("body")) if route.method == "POST" else None
    handle = _within_one_change if "session" in route.takes else _by_itself
    outcome = handle(route, caller, asked, repeat)
    caller.ring()
    return _response(outcome)


def _asked(route: Route, path: dict[str, str]) -> dict[str, Any]:
    """What the handler asks for by name: of the path, the parameters and the body."""
    if any(not _ID.fullmatch(value) for value in path.values()):
        abort(404)
    asked: dict[str, Any] = {f"{name}_": value for name, value in path.items()}
    query = _query(route.query or Asked)
    if route.query:
        asked["query"] = query
    if route.body:
        asked["body"] = _body(route.body)
    return asked


def _query(shape: type[Shape]) -> Shape:
    for name, values in request.args.lists():
        if len(values) > 1:
            abort(400, f"The parameter {name} was given more than once.")
    try:
        query = msgspec.convert(request.args.to_dict(), shape, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(shape.__struct_encode_fields__) or "none"
        abort(400, f"The parameters cannot be used: {_words(error)}. Known here: {known}.")
    attributes = dict(zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True))
    for name in request.args:
        if getattr(query, attributes[name]) is None:  # the word null
            abort(400, f"The parameter {name} has no value; leave it out.")
    return query


def _body(shape: type[Shape]) -> Shape:
    if not request.is_json:
        abort(415, _NO_JSON)
    try:
        return msgspec.json.decode(request.get_data(), type=shape)
    except msgspec.ValidationError as error:
        abort(422, f"The body cannot be used: {_words(error)}.")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        abort(400, f"The body is not JSON: {error}.")


def _words(error: msgspec.ValidationError) -> str:
    """The mistake and its place: ``expected a whole number <= 200, at limit``."""
    mistake, _, place = str(error).partition(" - at `")
    for pattern, words in IN_WORDS.items():
        mistake = mistake.replace(f"`str` matching regex {pattern!r}", words)
    mistake = _KIND.sub(lambda found: " or ".join(KINDS[one] for one in found[1].split(" | ")), mistake)
    where = place.rstrip("`").removeprefix("$").removeprefix(".")
    return f"{mistake[:1].lower()}{mistake[1:]}{f', at {where}' if where else ''}"


def _within_one_change(
    route: Route, caller: Caller, asked: dict[str, Any], repeat: Repeatable | None
) -> Outcome:
    """Read, or change and keep the answer, in one transaction."""
    with _opened(route, caller) as session:
        if repeat and (earlier := repeat.begin(session, caller)):
            return earlier
        outcome = _outcome(route, route.handler(caller, session=session, **asked))
        if repeat:
            repeat.keep(session, caller, outcome)
        return outcome


def _opened(route: Route, caller: Caller) -> AbstractContextManager[Session]:
    database = caller.app.database
    return (
        database.read(caller.organisation_id)
        if route.method == "GET"
        else database.write(caller.organisation_id)
    )


def _by_itself(route: Route, caller: Caller, asked: dict[str, Any], repeat: Repeatable | None) -> Outcome:
    """For what makes transactions of its own, and whose repetition changes nothing: only its answer is kept."""
    if repeat:
        with caller.app.database.read(caller.organisation_id) as session:
            if earlier := repeat.earlier(session, caller):
                return earlier
    outcome = _outcome(route, route.handler(caller, **asked))
    if repeat:
        with caller.app.database.write(caller.organisation_id) as session:
            if earlier := repeat.begin(session, caller):
                return earlier
            repeat.keep(session, caller, outcome)
    return outcome


def _outcome(route: Route, answer: Any) -> Outcome:
    if isinstance(answer, File):
        return Outcome(route.status, b"", file=answer)
    return Outcome(route.status, b"" if answer is None else msgspec.json.encode(answer))


def _response(outcome: Outcome) -> Response:
    if outcome.file:
        name = quote(outcome.file.name, safe="")
        return Response(
            outcome.file.content,
            outcome.status,
            content_type=outcome.file.media_type,
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )
    response = Response(outcome.body, outcome.status, content_type="application/json")
    if not outcome.body:
        response.headers.remove("Content-Type")
    if outcome.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response
