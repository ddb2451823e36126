"""Text messages through Twilio's ``POST /2010-04-01/Accounts/{sid}/Messages.json``.

The call is made here, in two steps that fail apart, and not by Twilio's own client: whether a text may be tried again
depends on whether the connection was never made or broke after the request had gone out, and that client does not say.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from integration.sms.texter import (
    NumberStopped,
    TextAccountProblem,
    TextMessage,
    TextPostponed,
    TextPrice,
    TextRefused,
    TextUnsure,
)
from kit.wording import N_

STOPPED = {
    21610: N_("{0} has asked for no more texts."),
    21211: N_("{0} is no number that can be reached."),
    21217: N_("{0} is no number that can be reached."),
    21614: N_("{0} is no mobile number."),
    30005: N_("{0} is not in use."),
    30006: N_("{0} is a landline or cannot be reached."),
}
"""Twilio's codes after which nothing more goes to a number, and what they say of it."""
_ACCOUNT = frozenset({20003, 20005, 21212, 21408, 21603, 21606, 21659, 21660, 21701, 21703, 21704, 30002})
"""Codes about us and not about this text: every one would fail alike."""

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 20.0
_RETRY_SECONDS = 60.0
_LONGEST_RETRY_SECONDS = 3600.0
_LONGEST_ANSWER = 65_536
_MOST_WORDS = 300
_PRICE = re.compile(r"-?\d{1,3}(\.\d{1,6})?", re.ASCII)
_CURRENCY = re.compile("[A-Z]{3}")


class TwilioTexter:
    """Hands texts to Twilio, one call each. ``sender`` is a number (E.164), or the sid of a messaging service (MG…)."""

    def __init__(self, account_sid: str, auth_token: str, sender: str, base_url: str) -> None:
        self._account_sid = account_sid
        self._token = auth_token
        self._sender = sender
        self._base = urlsplit(base_url)

    def send(self, message: TextMessage) -> str:
        """Hand the text over, once; Twilio's sid of it. Raises ``TextError`` or ``TextUnsure``."""
        body = urlencode(self._fields(message)).encode("ascii")
        connection = self._connection()
        try:
            _connect(connection)
            response, answer = self._exchange(connection, "POST", "Messages.json", body)
        finally:
            connection.close()
        return _outcome(response, answer, message.to)

    def price(self, provider_id: str) -> TextPrice | None:
        """What a text cost. Twilio says it some time after the text has left, at times as late as a day.

        No report carries it, so it is read from the message itself. Raises ``TextError`` or ``TextUnsure``.
        """
        connection = self._connection()
        try:
            _connect(connection)
            path = f"Messages/{quote(provider_id, safe='')}.json"
            response, answer = self._exchange(connection, "GET", path, None)
        finally:
            connection.close()
        return _priced(response, answer)

    def _fields(self, message: TextMessage) -> dict[str, str]:
        sender = "MessagingServiceSid" if self._sender.startswith("MG") else "From"
        fields = {"To": message.to, sender: self._sender, "Body": message.text}
        return fields | ({"StatusCallback": message.reports_to} if message.reports_to else {})

    def _connection(self) -> HTTPConnection:
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "http":  # a stand-in on this machine; production settings insist on https
            return HTTPConnection(host, port, timeout=_CONNECT_SECONDS)
        return HTTPSConnection(host, port, timeout=_CONNECT_SECONDS, context=ssl.create_default_context())

    def _exchange(
        self, connection: HTTPConnection, method: str, resource: str, body: bytes | None
    ) -> tuple[HTTPResponse, bytes]:
        """Send the request and read the answer; what breaks here breaks when bytes may have left."""
        path = f"{self._base.path}/2010-04-01/Accounts/{self._account_sid}/{resource}"
        key = base64.b64encode(f"{self._account_sid}:{self._token}".encode()).decode("ascii")
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.sock.settimeout(_ANSWER_SECONDS)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response, response.read(_LONGEST_ANSWER)
        except (OSError, HTTPException) as error:
            raise TextUnsure(
                N_(
                    f"The text message provider did not say whether it took this text ({type(error).__name__})."
                )
            ) from error


def _connect(connection: HTTPConnection) -> None:
    """Look up the name, connect, agree on TLS: a failure here is sure to have sent nothing."""
    try:
        connection.connect()
    except (OSError, HTTPException) as error:
        raise TextPostponed(
            N_(f"The text message provider could not be reached ({type(error).__name__})."), _RETRY_SECONDS
        ) from error


def _outcome(response: HTTPResponse, answer: bytes, to: str) -> str:
    """What Twilio's answer means. Only the statuses that surely refuse count as refusals."""
    told = _told(answer)
    code, words = told.get("code"), _words(told)
    match response.status:
        case 200 | 201:
            return str(told.get("sid") or "")
        case 429:
            raise TextPostponed(
                N_("The text message provider takes no more texts just now."), _retry(response)
            )
        case 400 if code in STOPPED:
            raise NumberStopped(STOPPED[code].format(to))
        case 400 if code not in _ACCOUNT:
            raise TextRefused(words)
        case 400 | 401 | 403 | 404:
            raise TextAccountProblem(f"{words} (answer {response.status})")
    raise TextUnsure(
        N_(
            f"The text message provider answered {response.status}, which does not say whether it took this text."
        )
    )


def _priced(response: HTTPResponse, answer: bytes) -> TextPrice | None:
    """What Twilio's answer says of the price: charges are negative there, and null until they are known."""
    told = _told(answer)
    match response.status:
        case 200:
            price, unit = str(told.get("price")), str(told.get("price_unit")).upper()
            known = _PRICE.fullmatch(price) and _CURRENCY.fullmatch(unit)
            return TextPrice(abs(Decimal(price)), unit) if known else None
        case 404:
            raise TextRefused(N_("The text message provider knows no such text any more."))
        case 400 | 401 | 403:
            raise TextAccountProblem(f"{_words(told)} (answer {response.status})")
    raise TextPostponed(N_(f"The text message provider answered {response.status}."), _retry(response))


def _retry(response: HTTPResponse) -> float:
    given = response.headers.get("Retry-After", "")
    seconds = float(given) if given.isascii() and given.isdigit() else _RETRY_SECONDS
    return min(max(seconds, 1.0), _LONGEST_RETRY_SECONDS)


def _told(answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: dict[str, Any]) -> str:
    """Twilio's own explanation, on one line and not too long."""
    words = " ".join(str(told.get("message") or "").split())[:_MOST_WORDS]
    return words or N_("No reason was given.")
