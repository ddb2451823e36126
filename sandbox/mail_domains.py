"""SendGrid's routes for the authentication of sending domains, under `/v3/whitelabel/domains`.

The sandbox looks at no DNS: a domain counts as valid unless `POST /sandbox/mail/domains {valid: false}` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request

Answer = Response | tuple[Any, int]
_USER = 7


@dataclass
class Domains:
    """The domains of the one account that the sandbox has."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    valid: bool = True

    def begin(self, domain: str) -> dict[str, Any]:
        """A new domain with the three names that are to point at the provider."""
        number = len(self.kept) + 1
        hosts = {
            "mail_cname": (f"em{number}.{domain}", f"u{_USER}.wl.sendgrid.example"),
            "dkim1": (f"s1._domainkey.{domain}", f"s1.domainkey.u{_USER}.wl.sendgrid.example"),
            "dkim2": (f"s2._domainkey.{domain}", f"s2.domainkey.u{_USER}.wl.sendgrid.example"),
        }
        found = {
            "id": number,
            "user_id": _USER,
            "subdomain": f"em{number}",
            "domain": domain,
            "username": "sandbox",
            "ips": [],
            "custom_spf": False,
            "default": False,
            "legacy": False,
            "automatic_security": True,
            "valid": False,
            "dns": {
                name: {"valid": False, "type": "cname", "host": host, "data": data}
                for name, (host, data) in hosts.items()
            },
        }
        self.kept.append(found)
        return found

    def validated(self, found: dict[str, Any]) -> dict[str, Any]:
        """What a look at the DNS tells."""
        reason = None if self.valid else f'Expected CNAME for "{found["domain"]}" was not found.'
        found["valid"] = self.valid
        results = {name: {"valid": self.valid, "reason": reason} for name in found["dns"]}
        return {"id": found["id"], "valid": self.valid, "validation_results": results}


def add_domain_routes(blueprint: Blueprint, refuse: Callable[[], Answer | None]) -> None:
    """The routes; ``refuse`` answers whoever has not the right key."""
    domains = Domains()

    @blueprint.get("/v3/whitelabel/domains")
    def list_domains() -> Answer:
        wanted = request.args.get("domain")
        return refuse() or jsonify([one for one in domains.kept if wanted in (None, one["domain"])])

    @blueprint.post("/v3/whitelabel/domains")
    def begin_domain() -> Answer:
        given = request.get_json(silent=True) or {}
        if refusal := refuse():
            return refusal
        if not given.get("domain"):
            return jsonify(errors=[{"message": "domain is required", "field": "domain"}]), 400
        return jsonify(domains.begin(str(given["domain"]))), 201

    @blueprint.post("/v3/whitelabel/domains/<int:number>/validate")
    def validate_domain(number: int) -> Answer:
        if refusal := refuse():
            return refusal
        found = next((one for one in domains.kept if one["id"] == number), None)
        if found is None:
            return jsonify(errors=[{"message": "Not found"}]), 404
        return jsonify(domains.validated(found))

    @blueprint.post("/sandbox/mail/domains")
    def switch_validity() -> Answer:
        domains.valid = bool((request.get_json(silent=True) or {}).get("valid", True))
        return jsonify(valid=domains.valid)
