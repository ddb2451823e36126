"""Domain authentication at SendGrid: the DNS records by which its servers may send as a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import requests

from kit.errors import UserError
from kit.wording import N_, _

_TIMEOUTS = (5, 15)
_NO_WAY = N_("SendGrid’s answer about the domain cannot be understood ({}); try again in a moment.")


class Record(msgspec.Struct, frozen=True):
    """A record that SendGrid wants in the DNS of the domain. ``name``: what SendGrid calls it (mail_cname, dkim1 …)."""

    name: str
    host: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """A domain at SendGrid: its id there, and its records."""

    id: str
    records: tuple[Record, ...]


class _Dns(msgspec.Struct):
    type: str
    host: str
    data: str


class _Domain(msgspec.Struct):
    id: int
    domain: str
    dns: dict[str, _Dns]
    automatic_security: bool = True


class _Result(msgspec.Struct):
    valid: bool
    reason: str | None = None


class _Validation(msgspec.Struct):
    valid: bool
    validation_results: dict[str, _Result] = {}


@dataclass(frozen=True, slots=True)
class DomainAuthentication:
    """SendGrid's routes under ``/v3/whitelabel/domains``. Whatever goes wrong is a ``UserError`` in words."""

    api_key: str
    base_url: str

    def ensure(self, domain: str) -> Authentication:
        """The authentication of a domain; begun where there is none."""
        listed = self._ask("GET", "", list[_Domain], params={"domain": domain})
        found = next((one for one in listed if one.domain.lower() == domain and one.automatic_security), None)
        if found is None:
            wanted = {"domain": domain, "automatic_security": True, "custom_spf": False, "default": False}
            found = self._ask("POST", "", _Domain, json=wanted)
        records = (
            Record(name, one.host.lower().rstrip("."), one.type.upper(), one.data.lower().rstrip("."))
            for name, one in found.dns.items()
        )
        return Authentication(str(found.id), tuple(records))

    def validate(self, authentication_id: str) -> list[str]:
        """Have SendGrid look at the records itself; what it objects to, nothing when it will send as the domain."""
        found = self._ask("POST", f"/{authentication_id}/validate", _Validation)
        if found.valid:
            return []
        reasons = [one.reason for one in found.validation_results.values() if not one.valid and one.reason]
        return reasons or [N_("SendGrid has not found the records yet; it can take a day until it does.")]

    def _ask(self, method: str, path: str, shape: Any, **what: Any) -> Any:
        try:
            answer = requests.request(
                method,
                f"{self.base_url}/v3/whitelabel/domains{path}",
                headers={"Authorization": f"Bearer {self.api_key}"},
                timeout=_TIMEOUTS,
                allow_redirects=False,
                **what,
            )
        except requests.RequestException as error:
            raise UserError(
                _("SendGrid could not be asked about the domain (%(name)s).", name=type(error).__name__)
            ) from None
        if answer.status_code in (401, 403):
            raise UserError(
                _(
                    "SendGrid does not let SENDGRID_API_KEY manage domains: give the key the permission Sender Authentication."
                )
            )
        if answer.status_code not in (200, 201):
            raise UserError(_(_NO_WAY).format(f"answer {answer.status_code}"))
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except msgspec.DecodeError:
            raise UserError(_(_NO_WAY).format("not the JSON that was asked for")) from None
