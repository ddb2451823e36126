"""What the DNS of a domain must say so that its mails count as its own: DKIM, SPF of the return path, and DMARC.

A mail passes DMARC where the domain that signed it (DKIM), or the one that it returns to (SPF), is that of its From
line: the very same where the domain's DMARC record asks for strict alignment, else one under the same registered name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from publicsuffixlist import PublicSuffixList

from integration.dns import Dns, DnsSilent
from integration.email.domain_auth import Record
from kit.wording import N_

_RETURN_PATH, _DKIM = "mail_cname", "dkim"
_SILENT = N_("The DNS did not answer, so this is looked at again later.")
_RIGHT = N_("It is there, and right.")
_BEGIN_WITH = "v=DMARC1; p=none"
_MISSING = N_("It is missing: add a {0} record for {1} with {2}.")
_NO_CNAME = N_("It is missing: add a CNAME record for {0} that points at {1}.")
_POINTS_ELSEWHERE = N_("It points at {0}; change it so that it points at {1}.")
_NO_SPF = N_("No SPF record is found at {0}; it comes by itself once that name points at the provider.")
_RETURNS = N_("Mails return to {0}, whose SPF record allows the provider’s servers.")
_NO_DMARC = N_("There is no DMARC record: add a TXT record for {0}; begin with “{1}”.")
_SEVERAL = N_("There are {0} {1} records at {2}, which makes all void; remove all but one.")
_NO_POLICY = N_("The DMARC record at {0} names no policy; write p=none, p=quarantine or p=reject into it.")
_SIGNED_BY_OTHERS = N_(
    "Mails would be signed by {0} and not by {1}, which the DMARC record at {2} does not accept; "
    "authenticate {1} itself."
)
_SIGNED_BY_NOBODY = N_(
    "Mails would be signed by nobody and not by {0}, which the DMARC record at {1} does not accept; "
    "authenticate {0} itself."
)
_PASSED_BY_SIGNATURE = N_("The policy is {0}, and mails pass it by their signature.")
_PASSED_BY_PATH = N_("The policy is {0}, and mails pass it by their return path.")
_PASSED_BY_BOTH = N_("The policy is {0}, and mails pass it by their signature and their return path.")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing, and what to do. ``ok`` None: nobody could be asked."""

    name: str
    ok: bool | None
    text: str


class _Wrong(Exception):
    """It is not as it should be; the message says what to do."""


def look_at(dns: Dns, domain: str, records: Sequence[Record]) -> list[Finding]:
    """Everything that has to be so for mails from this domain, in the order in which one would mend it."""
    return [
        *(_found(f"{record.type} {record.host}", partial(_record, dns, record)) for record in records),
        _found("SPF", partial(_spf, dns, records)),
        _found("DMARC", partial(_dmarc, dns, domain, records)),
    ]


def _found(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except _Wrong as wrong:
        return Finding(name, False, str(wrong))
    except DnsSilent:
        return Finding(name, None, _SILENT)


def _record(dns: Dns, record: Record) -> str:
    """Whether one of the provider's records stands there, and leads to a key where it is for a signature."""
    if record.type != "CNAME":
        if not any(_plain(record.value) in _plain(text) for text in dns.texts(record.host)):
            raise _Wrong(_MISSING.format(record.type, record.host, record.value))
        return _RIGHT
    points_at = dns.cname(record.host)
    if points_at is None:
        raise _Wrong(_NO_CNAME.format(record.host, record.value))
    if points_at != record.value:
        raise _Wrong(_POINTS_ELSEWHERE.format(points_at, record.value))
    if record.name.startswith(_DKIM) and not any(_tags(one).get("p") for one in dns.texts(record.host)):
        raise _Wrong(N_("It is right, but the provider has no key there yet; look again in an hour."))
    return _RIGHT


def _spf(dns: Dns, records: Iterable[Record]) -> str:
    """The SPF record of the return path, which is the provider's to keep once the name points at it."""
    host = next((one.host for one in records if one.name == _RETURN_PATH), None)
    if host is None:
        return N_("The provider uses a return path of its own; the signature alone counts.")
    policies = [one for one in dns.texts(host) if _plain(one).split(" ")[0] == "v=spf1"]
    if not policies:
        raise _Wrong(_NO_SPF.format(host))
    _only_one("SPF", host, policies)
    return _RETURNS.format(host)


def _dmarc(dns: Dns, domain: str, records: Sequence[Record]) -> str:
    """The DMARC record of the domain, else of the registered domain above it, and whether the mails align with it."""
    for place in dict.fromkeys((f"_dmarc.{domain}", f"_dmarc.{registered(domain)}")):
        policies = [one for one in dns.texts(place) if _tags(one).get("v", "").upper() == "DMARC1"]
        if policies:
            _only_one("DMARC", place, policies)
            return _aligned(domain, place, _tags(policies[0]), records)
    raise _Wrong(_NO_DMARC.format(f"_dmarc.{registered(domain)}", _BEGIN_WITH))


def _only_one(kind: str, host: str, policies: Sequence[str]) -> None:
    if len(policies) > 1:
        raise _Wrong(_SEVERAL.format(len(policies), kind, host))


def _aligned(domain: str, place: str, policy: Mapping[str, str], records: Sequence[Record]) -> str:
    wanted = policy.get("p", "").lower()
    if wanted not in ("none", "quarantine", "reject"):
        raise _Wrong(_NO_POLICY.format(place))
    signs = {one.host.partition("._domainkey.")[2] for one in records if "._domainkey." in one.host}
    returns = {one.host for one in records if one.name == _RETURN_PATH}
    by = [
        words
        for words, others, tag in ((_PASSED_BY_SIGNATURE, signs, "adkim"), (_PASSED_BY_PATH, returns, "aspf"))
        if _any_aligned(domain, others, strict=policy.get(tag, "r").lower() == "s")
    ]
    if not by:
        if signs:
            raise _Wrong(_SIGNED_BY_OTHERS.format(", ".join(sorted(signs)), domain, place))
        raise _Wrong(_SIGNED_BY_NOBODY.format(domain, place))
    return (_PASSED_BY_BOTH if len(by) > 1 else by[0]).format(wanted)


def _any_aligned(domain: str, others: Iterable[str], *, strict: bool) -> bool:
    return any(one == domain if strict else registered(one) == registered(domain) for one in others)


def registered(domain: str) -> str:
    """The domain that somebody registered: ``example.co.uk`` for ``mail.example.co.uk``, by the public suffix list."""
    return _suffixes().privatesuffix(domain.rstrip(".").lower()) or domain


@cache
def _suffixes() -> PublicSuffixList:
    """The list that came with the package: nothing is fetched."""
    return PublicSuffixList()


def _tags(text: str) -> dict[str, str]:
    """``v=DMARC1; p=none`` as its tags; of a tag given twice the first counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()


def problems(findings: Iterable[Finding]) -> Iterator[str]:
    """What is wrong, each with its name."""
    return (f"{one.name}: {one.text}" for one in findings if one.ok is False)
