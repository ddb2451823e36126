"""A little DNS server on this machine, whose records a test writes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_IN = dns.rdataclass.IN


@dataclass
class DnsServer:
    """Names in small letters without their last dot, with what they point at and what they say."""

    cnames: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    address: str = ""
    broken: bool = False
    """Answers only that something is wrong with it."""
    asked: int = 0

    def answer(self, wire: bytes) -> bytes:
        asked = dns.message.from_wire(wire)
        self.asked += 1
        response = dns.message.make_response(asked)
        response.flags |= dns.flags.RA
        if self.broken:
            response.set_rcode(dns.rcode.REFUSED)
            return response.to_wire()
        (question,) = asked.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype
        while name in self.cnames:
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, _IN, "CNAME", f"{self.cnames[name]}."))
            if kind == dns.rdatatype.CNAME:
                return response.to_wire()
            name = self.cnames[name]
        if kind == dns.rdatatype.TXT and name in self.texts:
            words = [f'"{text}"' for text in self.texts[name]]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, _IN, "TXT", *words))
        elif not response.answer:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


@contextmanager
def dns_server() -> Iterator[DnsServer]:
    """A server that knows nothing yet, until the end of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        server = DnsServer(address=f"127.0.0.1:{listening.getsockname()[1]}")
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    wire, who = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                listening.sendto(server.answer(wire), who)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()
