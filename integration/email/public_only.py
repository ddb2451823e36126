"""Connecting to a mail server that a user named: by the address that was looked at, and to nothing inside our own network."""

from __future__ import annotations

import ipaddress
import socket

from integration.email.mailer import MailAccountProblem
from kit.wording import N_


def connected(host: str, port: int, timeout: float | None, *, public_only: bool) -> socket.socket:
    """A connection to the first of the host's addresses that answers. Raises ``OSError``.

    With ``public_only``: ``MailAccountProblem`` for a server at a private address, so that nobody reaches through us
    what only we can reach. By the address that was looked at, because a second look-up could answer with another.
    """
    problem: OSError = OSError("no address")
    for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if public_only and not address.is_global:
            raise MailAccountProblem(
                N_(f"{host} is a server inside our own network; name one that the whole internet can reach.")
            )
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(timeout)
        try:
            plain.connect(where)
        except OSError as error:
            plain.close()
            problem = error
        else:
            return plain
    raise problem
