"""A SendGrid-shaped mail service: keeps mails, tells what became of them and carries replies back.

The routes under `/v3` are SendGrid's. Those under `/sandbox/mail` are for tests, the demo and the pages:

=====================================  ===============================================================
`GET /sandbox/mail`                    every mail kept, oldest first; `DELETE` forgets them
`GET /sandbox/mail/<id>`               one mail
`POST /sandbox/mail/<id>/reply`        `{text, from?, headers?, attachments?: [{name, type?, content}]}`
`POST /sandbox/mail/faults`            `{answer, times?, accept?, seconds?}`; `DELETE` ends them
`POST /sandbox/mail/domains`            `{valid}`: whether sending domains are found to be set up
`POST /sandbox/mail/events`            `{drop?, hold?, duplicate?, reverse?}`; ending `hold` releases them
`GET /sandbox/mail/event-public-key`   the key that verifies event lists
=====================================  ===============================================================
"""

from __future__ import annotations

import json
import secrets
from dataclasses import fields, replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request

from sandbox.config import SandboxConfig
from sandbox.mail_checks import MAX_BODY_BYTES, Problem, is_only_checked, problems_of
from sandbox.mail_domains import add_domain_routes
from sandbox.mail_events import EventSigner, EventSwitches, EventWebhook
from sandbox.mail_faults import MailFaults, faults_from_json
from sandbox.mail_inbound import InboundPoster, ReplyDraft, draft_from_json, write_reply
from sandbox.mailbox import Mail, Mailbox
from sandbox.world import World

_EXTENSION = "sandbox_mail"
Answer = Response | tuple[Any, int] | tuple[Any, int, dict[str, str]]


class MailDesk:
    """The mail service of one sandbox: its mailbox and the two webhooks."""

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self.mailbox = Mailbox()
        self.faults = MailFaults()
        self.signer = EventSigner(config.event_private_key)
        self.events = EventWebhook(config.event_url, self.signer, world.clock.now)
        self._inbound = InboundPoster(config.inbound_url)
        self._inbound_domain = config.inbound_domain.lower()
        self._api_key = config.sendgrid_api_key
        self._world = world

    def lets_in(self, authorization: str) -> bool:
        """Whether this Authorization header carries the API key."""
        return secrets.compare_digest(authorization.encode(), f"Bearer {self._api_key}".encode())

    def accept(self, payload: dict[str, Any], request_id: str) -> None:
        """Keep a checked body's mails and start telling what becomes of them."""
        with self._world.lock:
            for mail in self.mailbox.accept(payload, request_id, self._world.now()):
                self.events.tell_of(mail)

    def reply(self, mail: Mail, draft: ReplyDraft) -> tuple[int | None, str]:
        """Answer a mail as its debtor; gives the receiver's status (`None`: no answer) and the Message-ID.

        Raises `ValueError` when no mail server would bring this reply to the application.
        """
        goes_to = mail.answers_go_to.email
        if goes_to.rpartition("@")[2].lower() != self._inbound_domain:
            raise ValueError(f"Replies to this mail go to {goes_to}, which is not at {self._inbound_domain}.")
        reply, parsed = write_reply(mail, draft, self._world.now())
        status = self._inbound.post(parsed)
        with self._world.lock:
            mail.replies.append(reply)
        return status, reply.message_id


def mail_desk() -> MailDesk:
    """The mail service of the app that answers the present request."""
    desk: MailDesk = current_app.extensions[_EXTENSION]
    return desk


def mail_blueprint(world: World, config: SandboxConfig) -> Blueprint:
    """SendGrid's mail-send route and the control routes beside it."""
    blueprint = Blueprint("sandbox_mail", __name__)
    desk = MailDesk(world, config)
    blueprint.record(lambda state: state.app.extensions.update({_EXTENSION: desk}))
    _add_send_route(blueprint, desk)
    add_domain_routes(blueprint, lambda: _refuse_key(desk))
    _add_mailbox_routes(blueprint, desk, world)
    _add_switch_routes(blueprint, desk, world)
    return blueprint


def _add_send_route(blueprint: Blueprint, desk: MailDesk) -> None:
    @blueprint.post("/v3/mail/send")
    def send() -> Answer:
        fault = desk.faults.take()
        if fault is None:
            return _send(desk)
        if fault.accept:
            _send(desk)
        return fault.response()


def _send(desk: MailDesk) -> Answer:
    refusal = _refuse_request(desk)
    if refusal:
        return refusal
    try:
        payload = json.loads(request.get_data())
    except ValueError:
        return _errors(400, Problem("Bad Request"))
    problems = problems_of(payload)
    if problems:
        return _errors(400, *problems)
    request_id = secrets.token_urlsafe(16)
    if is_only_checked(payload):
        return "", 200, {"X-Message-Id": request_id}
    desk.accept(payload, request_id)
    return "", 202, {"X-Message-Id": request_id}


def _refuse_key(desk: MailDesk) -> tuple[Any, int] | None:
    if desk.lets_in(request.headers.get("Authorization", "")):
        return None
    problem = Problem("The provided authorization grant is invalid, expired, or revoked")
    return jsonify(errors=[problem.as_json()]), 401


def _refuse_request(desk: MailDesk) -> Answer | None:
    if refusal := _refuse_key(desk):
        return refusal
    if (request.content_length or 0) > MAX_BODY_BYTES:
        return _errors(413, Problem("content too large"))
    if request.mimetype != "application/json":
        return _errors(415, Problem("Content-Type should be application/json."))
    return None


def _errors(status: int, *problems: Problem) -> Answer:
    return jsonify(errors=[problem.as_json() for problem in problems]), status


def _add_mailbox_routes(blueprint: Blueprint, desk: MailDesk, world: World) -> None:
    @blueprint.get("/sandbox/mail")
    def list_mails() -> Answer:
        with world.lock:
            return jsonify([mail.as_json() for mail in desk.mailbox])

    @blueprint.delete("/sandbox/mail")
    def forget_mails() -> Answer:
        with world.lock:
            desk.mailbox.clear()
        return "", 204

    @blueprint.get("/sandbox/mail/<mail_id>")
    def show_mail(mail_id: str) -> Answer:
        with world.lock:
            return jsonify(_known(desk, mail_id).as_json())

    @blueprint.post("/sandbox/mail/<mail_id>/reply")
    def reply(mail_id: str) -> Answer:
        mail = _known(desk, mail_id)
        try:
            status, message_id = desk.reply(mail, draft_from_json(request.get_json(silent=True) or {}))
        except ValueError as error:
            return jsonify(error=str(error)), 400
        return jsonify(status=status, message_id=message_id)


def _known(desk: MailDesk, mail_id: str) -> Mail:
    mail = desk.mailbox.get(mail_id)
    if mail is None:
        abort(404, "There is no mail with this id.")
    return mail


def _add_switch_routes(blueprint: Blueprint, desk: MailDesk, world: World) -> None:
    @blueprint.post("/sandbox/mail/faults")
    def add_faults() -> Answer:
        try:
            waiting = desk.faults.add(faults_from_json(request.get_json(silent=True)))
        except ValueError as error:
            return jsonify(error=str(error)), 400
        return jsonify(waiting=waiting)

    @blueprint.delete("/sandbox/mail/faults")
    def end_faults() -> Answer:
        desk.faults.clear()
        return "", 204

    @blueprint.post("/sandbox/mail/events")
    def switch_events() -> Answer:
        given = request.get_json(silent=True) or {}
        known = {
            field.name: bool(given[field.name]) for field in fields(EventSwitches) if field.name in given
        }
        with world.lock:
            desk.events.switches = replace(desk.events.switches, **known)
            released = 0 if desk.events.switches.hold else desk.events.release()
        return jsonify(released=released)

    @blueprint.get("/sandbox/mail/event-public-key")
    def event_public_key() -> Answer:
        return jsonify(public_key=desk.signer.public_key())
