"""Mail out through somebody's own mailbox, over SMTP with TLS.

What matters is from when a mail may have left: the server takes it with its answer to the end of the data. What
fails before the data is sent has surely sent nothing and may be tried again; what breaks after it, nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from integration.email import headers
from integration.email.mailer import (
    Mail,
    MailAccountProblem,
    MailError,
    MailPostponed,
    MailRefused,
    MailUnsure,
)
from integration.email.public_only import connected
from kit import clock
from kit.wording import N_

STARTTLS, TLS = "starttls", "tls"
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
_RETRY_SECONDS = 300.0
_MOST_WORDS = 300
_ABOUT_THE_ACCOUNT = re.compile(r"\b5\.(4\.5|7\.(0|3|8|9|14|57|60|139|708))\b")
"""Enhanced codes by which the providers of mailboxes say that the mailbox itself may not send, or no more today."""
_SIGNING_IN = frozenset({530, 534, 535, 538})
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox: its server, how the connection is encrypted (``starttls`` or ``tls``), and how to sign in."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    is_token: bool = False
    """The password is an access token of OAuth."""


class SmtpMailer:
    """Hands mails to one mailbox's server, one connection each.

    ``trust``: the authorities whose certificates are believed (None: those of this machine). With ``public_only``: servers
    at private addresses are not spoken to, so that nobody reaches through us what only we can reach.
    """

    def __init__(
        self, account: Account, *, trust: ssl.SSLContext | None = None, public_only: bool = True
    ) -> None:
        self._account = account
        self._trust = trust or ssl.create_default_context()
        self._public_only = public_only

    def send(self, mail: Mail) -> str:
        """Hand the mail over, once; the server's last answer, which often names it. Raises ``MailError`` or ``MailUnsure``."""
        headers.check(mail)
        content = _written(mail)
        server = self._connected()
        try:
            self._sign_in(server)
            self._address(server, mail)
            return _deliver(server, content)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.close()

    def check(self) -> None:
        """Connect and sign in, and send nothing. Raises ``MailError``."""
        server = self._connected()
        try:
            self._sign_in(server)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        """Connect and encrypt; without a certificate that is believed nothing is said."""
        account = self._account
        server = (_TlsFirst if account.security == TLS else _Plain)(self._trust, self._public_only)
        try:
            code, words = server.connect(account.host, account.port)
            if code != 220:
                raise MailPostponed(
                    N_(f"{account.host} does not take mails just now: {_said(words)}"), _RETRY_SECONDS
                )
            server.ehlo_or_helo_if_needed()
            if account.security == STARTTLS:
                _encrypt(server, self._trust, account.host)
            server.sock.settimeout(_ANSWER_SECONDS)  # type: ignore[union-attr]
        except ssl.SSLCertVerificationError as error:
            server.close()
            raise MailAccountProblem(
                N_(
                    f"The certificate of {account.host} is not to be trusted ({error.verify_message}); check the server’s name."
                )
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            raise MailPostponed(
                N_(f"The mail server {account.host} could not be reached ({type(error).__name__})."),
                _RETRY_SECONDS,
            ) from None
        except MailError:
            server.close()
            raise
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        account = self._account
        try:
            _try_password(server, account)
        except smtplib.SMTPAuthenticationError as error:
            said = f"{_said(error.smtp_error)} (answer {error.smtp_code})"
            if 400 <= error.smtp_code < 500:
                raise MailPostponed(
                    N_(f"{account.host} signs nobody in just now: {said}"), _RETRY_SECONDS
                ) from None
            raise MailAccountProblem(
                N_(f"{account.host} does not accept the user name or the password: {said}")
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise MailAccountProblem(
                N_(f"{account.host} takes no password here; try the other port.")
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise _nothing_left(error) from None

    def _address(self, server: smtplib.SMTP, mail: Mail) -> None:
        """Say from whom and to whom. The mail goes to all of them or to nobody."""
        options = ["SMTPUTF8"] if _beyond_ascii(mail) else []
        if options and not server.has_extn("smtputf8"):
            raise MailRefused(N_("The mail server cannot write to an address with letters beyond a to z."))
        try:
            _expect(server.mail(mail.from_email, options), 250)
            for address in mail.to:
                _expect(server.rcpt(address), 250, 251)
        except (OSError, smtplib.SMTPException) as error:
            raise _nothing_left(error) from None


def _try_password(server: smtplib.SMTP, account: Account) -> None:
    """Once, in one way: the library tries every way in turn, and providers lock whoever fails too often."""
    if account.is_token:
        words = f"user={account.user}\x01auth=Bearer {account.password}\x01\x01"
        # What the server says after a refusal is answered with nothing; then it refuses.
        server.auth("XOAUTH2", lambda challenge=None: words if challenge is None else "")
        return
    offered = server.esmtp_features.get("auth", "").upper().split()
    server.user, server.password = account.user, account.password
    if "PLAIN" in offered:
        server.auth("PLAIN", server.auth_plain)
    elif "LOGIN" in offered:
        server.auth("LOGIN", server.auth_login)
    else:
        raise smtplib.SMTPNotSupportedError


class _Plain(smtplib.SMTP):
    """Connects to addresses that may be spoken to, and to no others."""

    def __init__(self, trust: ssl.SSLContext, public_only: bool) -> None:
        self._trust, self._public_only = trust, public_only
        super().__init__(timeout=_CONNECT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._host = host  # by which ``starttls`` checks the certificate
        return self._secured(connected(host, port, timeout, public_only=self._public_only), host)

    def _secured(self, plain: socket.socket, _host: str) -> socket.socket:
        return plain


class _TlsFirst(_Plain):
    """Encrypts before the first word."""

    def _secured(self, plain: socket.socket, host: str) -> socket.socket:
        try:
            return self._trust.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise


def _encrypt(server: smtplib.SMTP, trust: ssl.SSLContext, host: str) -> None:
    if not server.has_extn("starttls"):
        raise MailAccountProblem(
            N_(f"{host} offers no encryption on this port; use another one, such as 465 with TLS.")
        )
    code, words = server.starttls(context=trust)
    if code != 220:
        raise MailPostponed(N_(f"{host} does not encrypt just now: {_said(words)}"), _RETRY_SECONDS)
    server.ehlo()


def _deliver(server: smtplib.SMTP, content: bytes) -> str:
    """Send the mail itself. Until the server has asked for it nothing has left; from then on it may have."""
    try:
        _expect(server.docmd("data"), 354)
    except (OSError, smtplib.SMTPException) as error:
        raise _nothing_left(error) from None
    try:
        server.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnsure(
            N_(f"The mail server did not say whether it took this mail ({type(error).__name__}).")
        ) from None
    _expect(answer, 250)
    return _said(answer[1])


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    """What the server's answer means, unless it is one of these."""
    code, said = answer[0], _said(answer[1])
    if code in codes:
        return
    if code in _SIGNING_IN or (code >= 500 and _ABOUT_THE_ACCOUNT.search(said)):
        raise MailAccountProblem(f"{said} (answer {code})")
    if 500 <= code < 600:
        raise MailRefused(f"{said} (answer {code})")
    raise MailPostponed(N_(f"The mail server takes it later: {said} (answer {code})"), _RETRY_SECONDS)


def _nothing_left(error: Exception) -> MailPostponed:
    return MailPostponed(
        N_(f"The mail server broke off before the mail was sent ({type(error).__name__})."), _RETRY_SECONDS
    )


def _said(words: bytes | str) -> str:
    """What the server said, on one line and not too long."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(plain.split())[:_MOST_WORDS] or N_("No reason was given.")


def _beyond_ascii(mail: Mail) -> bool:
    return not all(address.isascii() for address in (mail.from_email, *mail.to))


def _written(mail: Mail) -> bytes:
    """The mail as it travels: the text, the same as HTML, and the files."""
    policy = SMTP.clone(utf8=_beyond_ascii(mail), cte_type="7bit")
    message = EmailMessage(policy)
    message["From"] = formataddr((mail.from_name, mail.from_email), "utf-8")
    message["To"] = ", ".join(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["X-Reference-Id"] = (
        mail.id
    )  # by which a copy among what was sent is told from a person's own mail
    if mail.reply_to:
        message["Reply-To"] = ", ".join(
            formataddr((mail.from_name if one == mail.reply_to else "", one), "utf-8")
            for one in mail.answers_to
        )
    for name, value in headers.of(mail).items():
        message[name] = value
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for file in mail.files:
        kind, _, subtype = file.content_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    return message.as_bytes()
