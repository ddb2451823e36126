"""Posting to an address that a user named: to nothing inside our own network, within some seconds, without going on elsewhere."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from integration.email.mailer import MailAccountProblem
from integration.email.public_only import connected
from kit.wording import N_

_STEP_SECONDS = 5.0
ALL_SECONDS = 10.0
"""An answer is waited for no longer, however slowly it drips."""


class NotTaken(Exception):
    """What was posted was not taken; the words say why."""


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    public_only: bool,
    trust: ssl.SSLContext | None = None,
    seconds: float = ALL_SECONDS,
) -> None:
    """Post it; ``NotTaken`` for any answer but 2xx, and none. A redirection is not followed, nor the answer read."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    connection = http.client.HTTPConnection(host, parts.port or (443 if secure else 80))
    watch = threading.Timer(seconds, lambda: _cut(connection.sock))
    watch.daemon = True
    watch.start()
    try:
        connection.sock = connected(host, connection.port, _STEP_SECONDS, public_only=public_only)
        if secure:
            context = trust or ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body, headers)
        status = connection.getresponse().status
    except MailAccountProblem as error:
        raise NotTaken(str(error)) from None
    except ssl.SSLCertVerificationError as error:
        raise NotTaken(
            N_(f"The certificate of {host} is not to be trusted ({error.verify_message}).")
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTaken(N_(f"{host} did not answer as it should ({type(error).__name__}).")) from None
    finally:
        watch.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"{host} answered {status}.")


def _cut(there: socket.socket | None) -> None:
    with suppress(OSError):
        if there:
            there.shutdown(socket.SHUT_RDWR)
