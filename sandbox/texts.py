"""A Twilio-shaped service of text messages: keeps texts, tells what became of them and carries answers back.

The routes under `/2010-04-01` are Twilio's. Those under `/sandbox/texts` are for tests, the demo and the pages:

================================  ====================================================================
`GET /sandbox/texts`              every text kept, oldest first; `DELETE` forgets them
`POST /sandbox/texts/<sid>/reply` `{text}`: what the owner of the number answers; STOP stops further texts
`POST /sandbox/texts/faults`      `{answer, times?, accept?, seconds?}` as for mails
================================  ====================================================================

The last digits of a number decide its fate: `…614` is no mobile number, `…005` is not in use (found out later), all
others get what is sent to them. What a text costs is told of all but `…004`.
"""

from __future__ import annotations

import base64
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from flask import Blueprint, Response, abort, current_app, jsonify, request

from sandbox.config import SandboxConfig
from sandbox.courier import Courier
from sandbox.mail_faults import MailFaults, faults_from_json
from sandbox.world import World

_EXTENSION = "sandbox_texts"
_TIMEOUT_SECONDS = 10
_GAP_SECONDS = 0.1
_STOPS, _STARTS = (
    frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"}),
    frozenset({"start", "unstop"}),
)
_LONGEST = 1600
_PRICE = "-0.04150"
Answer = Response | tuple[Any, int]

_log = logging.getLogger(__name__)


@dataclass
class Text:
    """One text on one telephone, with what became of it and what its owner answered."""

    sid: str
    to: str
    sender: str
    body: str
    received_at: datetime
    callback: str | None
    statuses: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Every field, in the shape the control API answers with."""
        return {
            "sid": self.sid,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "received_at": self.received_at.isoformat(),
            "callback": self.callback,
            "statuses": self.statuses,
            "replies": self.replies,
        }


@dataclass(frozen=True)
class _Post:
    address: str
    fields: dict[str, str]


class TextDesk:
    """The text service of one sandbox."""

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self.texts: list[Text] = []
        self.stopped: set[str] = set()
        self.faults = MailFaults()
        self._world = world
        self._config = config
        self._courier: Courier[_Post] = Courier(lambda posts: all(map(self._arrived, posts)), batch=1)

    def lets_in(self) -> bool:
        """Whether the request carries the account's sid and token."""
        given = request.authorization
        name, token = (given.username or "", given.password or "") if given else ("", "")
        right = secrets.compare_digest(token.encode(), self._config.twilio_auth_token.encode())
        return right and name == self._config.twilio_account_sid

    def accept(self, form: dict[str, str]) -> Text:
        """Keep a text and tell what becomes of it, by its number."""
        to = form["To"]
        fate = ["sent", "undelivered"] if to.endswith("005") else ["sent", "delivered"]
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        text = Text(_sid(), to, sender, form["Body"], self._world.now(), form.get("StatusCallback"), fate)
        with self._world.lock:
            self.texts.append(text)
        for place, status in enumerate(fate):
            self._tell(text, status, _GAP_SECONDS * (place + 1))
        return text

    def _tell(self, text: Text, status: str, delay: float) -> None:
        if text.callback:
            more = {"ErrorCode": "30005"} if status == "undelivered" else {}
            fields = {**self._about(text.sid), "MessageStatus": status, "To": text.to, "From": text.sender}
            self._courier.put(_Post(text.callback, fields | more), delay=delay)

    def _about(self, sid: str) -> dict[str, str]:
        return {"AccountSid": self._config.twilio_account_sid, "MessageSid": sid, "SmsSid": sid}

    def reply(self, text: Text, said: str) -> int | None:
        """Answer a text as the owner of the telephone; gives the receiver's status (`None`: no answer).

        Raises `ValueError` when the sandbox was started without an address for answers.
        """
        if not self._config.text_inbound_url:
            raise ValueError(
                "The sandbox was started without an address for texts, so it cannot deliver answers."
            )
        word = said.strip().lower()
        kind = (
            {"OptOutType": "STOP"} if word in _STOPS else {"OptOutType": "START"} if word in _STARTS else {}
        )
        with self._world.lock:
            text.replies.append(said)
            if word in _STOPS:
                self.stopped.add(text.to)
            if word in _STARTS:
                self.stopped.discard(text.to)
        fields = {
            **self._about(_sid()),
            "From": text.to,
            "To": text.sender,
            "Body": said,
            "NumMedia": "0",
            **kind,
        }
        return self._post(_Post(self._config.text_inbound_url, fields))

    def _arrived(self, post: _Post) -> bool:
        status = self._post(post)
        return status is not None and status < 500

    def _post(self, post: _Post) -> int | None:
        signed = post.address + "".join(f"{name}{value}" for name, value in sorted(post.fields.items()))
        digest = hmac.new(self._config.twilio_auth_token.encode(), signed.encode(), "sha1").digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        try:
            answer = requests.post(post.address, data=post.fields, headers=headers, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            _log.info("text webhook not reached: %s", error)
            return None
        return answer.status_code


def text_desk() -> TextDesk:
    """The text service of the app that answers the present request."""
    desk: TextDesk = current_app.extensions[_EXTENSION]
    return desk


def texts_blueprint(world: World, config: SandboxConfig) -> Blueprint:
    """Twilio's route for messages and the control routes beside it."""
    blueprint = Blueprint("sandbox_texts", __name__)
    desk = TextDesk(world, config)
    blueprint.record(lambda state: state.app.extensions.update({_EXTENSION: desk}))
    _add_twilio_routes(blueprint, desk)
    _add_control_routes(blueprint, desk, world)
    return blueprint


def _add_twilio_routes(blueprint: Blueprint, desk: TextDesk) -> None:
    @blueprint.get("/2010-04-01/Accounts/<sid>.json")
    def account(sid: str) -> Answer:
        return jsonify(sid=sid, status="active") if desk.lets_in() else _problem(401, 20003, "Authenticate")

    @blueprint.get("/2010-04-01/Accounts/<sid>/Messages/<text_sid>.json")
    def message(sid: str, text_sid: str) -> Answer:
        if not desk.lets_in():
            return _problem(401, 20003, "Authenticate")
        text = next((one for one in list(desk.texts) if one.sid == text_sid), None)
        if text is None:
            return _problem(404, 20404, "The requested resource was not found")
        price = None if text.to.endswith("004") else _PRICE
        return jsonify(sid=text.sid, account_sid=sid, to=text.to, price=price, price_unit="USD")

    @blueprint.post("/2010-04-01/Accounts/<sid>/Messages.json")
    def send(sid: str) -> Answer:
        fault = desk.faults.take()
        if fault is None:
            return _send(desk, sid)
        if fault.accept:
            _send(desk, sid)
        return fault.response()


def _send(desk: TextDesk, sid: str) -> Answer:
    if not desk.lets_in():
        return _problem(401, 20003, "Authenticate")
    form = request.form.to_dict()
    to = form.get("To", "")
    if not (to.startswith("+") and to[1:].isdigit() and 8 <= len(to) <= 16):
        return _problem(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return _problem(400, 21603, "A 'From' phone number is required.")
    if not form.get("Body"):
        return _problem(400, 21602, "Message body is required.")
    if len(form["Body"]) > _LONGEST:
        return _problem(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if to in desk.stopped:
        return _problem(400, 21610, "Attempt to send to unsubscribed recipient")
    if to.endswith("614"):
        return _problem(400, 21614, "'To' number is not a valid mobile number")
    text = desk.accept(form)
    return jsonify(
        sid=text.sid, account_sid=sid, status="queued", to=to, num_segments="1", error_code=None
    ), 201


def _problem(status: int, code: int, words: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return jsonify(code=code, message=words, more_info=more, status=status), status


def _add_control_routes(blueprint: Blueprint, desk: TextDesk, world: World) -> None:
    @blueprint.get("/sandbox/texts")
    def list_texts() -> Answer:
        with world.lock:
            return jsonify([text.as_json() for text in desk.texts])

    @blueprint.delete("/sandbox/texts")
    def forget_texts() -> Answer:
        with world.lock:
            desk.texts.clear()
            desk.stopped.clear()
        return "", 204

    @blueprint.post("/sandbox/texts/<sid>/reply")
    def reply(sid: str) -> Answer:
        said = str((request.get_json(silent=True) or {}).get("text", ""))
        try:
            return jsonify(status=desk.reply(found(desk, sid), said))
        except ValueError as error:
            return jsonify(error=str(error)), 400

    @blueprint.post("/sandbox/texts/faults")
    def add_faults() -> Answer:
        try:
            waiting = desk.faults.add(faults_from_json(request.get_json(silent=True)))
        except ValueError as error:
            return jsonify(error=str(error)), 400
        return jsonify(waiting=waiting)


def found(desk: TextDesk, sid: str) -> Text:
    """The text of this sid, or 404."""
    return next((text for text in desk.texts if text.sid == sid), None) or abort(
        404, "There is no text with this sid."
    )


def _sid() -> str:
    return f"SM{secrets.token_hex(16)}"
