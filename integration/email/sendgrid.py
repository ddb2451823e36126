"""Mail out through SendGrid's ``POST /v3/mail/send``.

SendGrid's own client follows redirects, waits for ever and cannot tell a connection that was never made from
one that broke after the mail had gone out. That difference decides whether a mail may be tried again, so the
body is built with SendGrid's helpers and the call is made here, in two steps that fail apart.
"""

from __future__ import annotations

import base64
import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from sendgrid.helpers import mail as helpers

from integration.email import headers
from integration.email.mailer import Mail, MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from kit import clock
from kit.wording import N_

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 20.0
_RETRY_SECONDS = 60.0
_LONGEST_RETRY_SECONDS = 3600.0
_LONGEST_ANSWER = 65_536
_MOST_WORDS = 300


class SendGridMailer:
    """Hands mails to SendGrid, one call each. ``base_url`` is ``https://api.sendgrid.com`` or a stand-in."""

    def __init__(self, api_key: str, base_url: str) -> None:
        self._api_key = api_key
        self._base = urlsplit(base_url)

    def send(self, mail: Mail) -> str:
        """Hand the mail over, once; SendGrid's id of the message. Raises ``MailError`` or ``MailUnsure``."""
        headers.check(mail)
        body = json.dumps(_body(mail)).encode("ascii")
        connection = self._connection()
        try:
            _connect(connection)
            response, answer = self._exchange(connection, body)
        finally:
            connection.close()
        return _outcome(response, answer)

    def _connection(self) -> HTTPConnection:
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "http":  # a stand-in on this machine; production settings insist on https
            return HTTPConnection(host, port, timeout=_CONNECT_SECONDS)
        return HTTPSConnection(host, port, timeout=_CONNECT_SECONDS, context=ssl.create_default_context())

    def _exchange(self, connection: HTTPConnection, body: bytes) -> tuple[HTTPResponse, bytes]:
        """Send the request and read the answer; what breaks here breaks when bytes may have left."""
        try:
            connection.sock.settimeout(_ANSWER_SECONDS)
            connection.request(
                "POST",
                f"{self._base.path}/v3/mail/send",
                body,
                {"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"},
            )
            response = connection.getresponse()
            return response, response.read(_LONGEST_ANSWER)
        except (OSError, HTTPException) as error:
            raise MailUnsure(
                N_(f"The mail provider did not say whether it took this mail ({type(error).__name__}).")
            ) from error


def _connect(connection: HTTPConnection) -> None:
    """Look up the name, connect, agree on TLS: a failure here is sure to have sent nothing."""
    try:
        connection.connect()
    except (OSError, HTTPException) as error:
        raise MailPostponed(
            N_(f"The mail provider could not be reached ({type(error).__name__})."), _RETRY_SECONDS
        ) from error


def _outcome(response: HTTPResponse, answer: bytes) -> str:
    """What SendGrid's answer means. Only the statuses that surely refuse count as refusals."""
    match response.status:
        case 202:
            return response.headers.get("X-Message-Id", "")
        case 429:
            raise MailPostponed(N_("The mail provider takes no more mails just now."), _retry_after(response))
        case 400 | 413:
            raise MailRefused(_words(answer))
        case 401 | 403 | 404:
            raise MailAccountProblem(f"{_words(answer)} (answer {response.status})")
    raise MailUnsure(
        N_(f"The mail provider answered {response.status}, which does not say whether it took this mail.")
    )


def _retry_after(response: HTTPResponse) -> float:
    """Seconds to wait, from ``Retry-After`` (seconds) or ``X-RateLimit-Reset`` (Unix time)."""
    given, reset = response.headers.get("Retry-After", ""), response.headers.get("X-RateLimit-Reset", "")
    if given.isascii() and given.isdigit():
        seconds = float(given)
    elif reset.isascii() and reset.isdigit():
        seconds = float(reset) - clock.now().timestamp()
    else:
        seconds = _RETRY_SECONDS
    return min(max(seconds, 1.0), _LONGEST_RETRY_SECONDS)


def _words(answer: bytes) -> str:
    """SendGrid's own explanation, on one line and not too long."""
    try:
        errors = json.loads(answer)["errors"]
        words = " ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        words = ""
    return " ".join(words.split())[:_MOST_WORDS] or N_("No reason was given.")


def _body(mail: Mail) -> dict[str, Any]:
    message = helpers.Mail(
        from_email=helpers.From(mail.from_email, mail.from_name),
        subject=mail.subject,
        plain_text_content=mail.text,
        html_content=mail.html,
    )
    for block in reversed(_recipients(mail)):  # the helper puts each before the others
        message.add_personalization(block)
    if len(mail.answers_to) == 1:
        message.reply_to = helpers.ReplyTo(mail.answers_to[0], mail.from_name)
    elif mail.answers_to:
        message.reply_to_list = [helpers.ReplyTo(one) for one in mail.answers_to]
    for name, value in headers.of(mail).items():
        message.add_header(helpers.Header(name, value))
    for file in mail.files:
        message.add_attachment(_attachment(file.name, file.content_type, file.content))
    message.tracking_settings = _no_tracking()
    body: dict[str, Any] = message.get()
    return body


def _recipients(mail: Mail) -> list[helpers.Personalization]:
    """One block for all, or one for each: SendGrid makes a mail of each block, and takes all of them or none."""
    blocks = []
    for number, addresses in enumerate([(one,) for one in mail.to] if mail.one_each else [mail.to]):
        block = helpers.Personalization()
        for address in addresses:
            block.add_to(helpers.To(address))
        for address in mail.cc if number == 0 else ():
            block.add_cc(helpers.Cc(address))
        block.add_custom_arg(helpers.CustomArg("dunnock_id", mail.id))
        block.add_custom_arg(helpers.CustomArg("organisation_id", mail.organisation_id))
        blocks.append(block)
    return blocks


def _attachment(name: str, content_type: str, content: bytes) -> helpers.Attachment:
    encoded = base64.b64encode(content).decode("ascii")
    return helpers.Attachment(encoded, name, content_type, helpers.Disposition("attachment"))


def _no_tracking() -> helpers.TrackingSettings:
    """Nothing is added to the mail: no pixel, no rewritten links, no footer."""
    settings = helpers.TrackingSettings()
    settings.click_tracking = helpers.ClickTracking(False, False)
    settings.open_tracking = helpers.OpenTracking(False)
    settings.subscription_tracking = helpers.SubscriptionTracking(False)
    settings.ganalytics = helpers.Ganalytics(False)
    return settings
