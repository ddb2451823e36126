"""Questions to the DNS."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

_SECONDS = 5.0


class DnsSilent(Exception):
    """Nobody answered, or only that something is broken: this says nothing about what stands there."""


class Dns:
    """Asks the machine's resolvers, or ``server`` (``address`` or ``address:port``).

    After one silence it asks no more: somebody may be waiting, and half of the answers tell nothing.
    """

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.resolver.Resolver(configure=not server)
        self._resolver.lifetime = _SECONDS
        self._silent = False
        if server:
            address, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
            self._resolver.nameservers = [address]
            self._resolver.port = int(port or 53)

    def cname(self, host: str) -> str | None:
        """Where a name points, in small letters; None: nowhere. Raises ``DnsSilent``."""
        found = self._ask(host, "CNAME")
        return found[0].rstrip(".").lower() if found else None

    def texts(self, host: str) -> list[str]:
        """The TXT records of a name, or of where it points. Raises ``DnsSilent``."""
        return self._ask(host, "TXT")

    def _ask(self, host: str, kind: str) -> list[str]:
        if self._silent:
            raise DnsSilent("not asked any more")
        try:
            answer = self._resolver.resolve(dns.name.from_text(host), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            self._silent = True
            raise DnsSilent(type(error).__name__) from None
        if kind == "TXT":
            return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
        return [str(one.target) for one in answer]
