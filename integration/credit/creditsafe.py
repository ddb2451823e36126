"""Credit reports of Creditsafe Connect, ``/v1``: https://doc.creditsafe.com/connect-apis-catalog.

A token holds for one hour; it is used until it is refused, and then asked for anew, once. A wrong name or password is
never tried again by itself: after five such requests in two minutes Creditsafe locks the account out.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from integration.credit.provider import (
    BureauAccountProblem,
    BureauError,
    BureauPostponed,
    BureauUnsure,
    Company,
    NoSuchCompany,
    Report,
)
from kit.wording import N_

_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 20.0
_LONGEST_ANSWER: Final = 8_000_000
"""Bytes; reports of large companies are long."""
_LONGEST_KEPT: Final = 2_000_000
"""Letters of a report that is kept as it was sent."""
_MOST_COMPANIES: Final = 20
_MOST_WORDS: Final = 300
_WHOLE_SCALE: Final = Decimal(100)
_NUMBER: Final = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)
_CURRENCY: Final = re.compile("[A-Z]{3}")
_MOST_MONEY: Final = Decimal(10) ** 12

_REACHED_NOT: Final = N_("Creditsafe could not be reached. Try again in a few minutes.")
_UNSURE: Final = N_("The answer of Creditsafe was lost.")
_UNREADABLE: Final = N_("Creditsafe answered something that cannot be read.")
_WRONG_PASSWORD: Final = N_(
    "Creditsafe does not accept the user name or the password. Whoever runs Dunnock sets CREDITSAFE_USERNAME and"
    " CREDITSAFE_PASSWORD."
)
_NOT_COVERED: Final = N_(
    "The subscription with Creditsafe does not cover this. Ask Creditsafe which countries and reports it includes."
)
_NONE: Final = N_("Creditsafe has no report of this company.")
_TOO_MANY: Final = N_("Creditsafe takes no more questions just now. Try again in a few minutes.")


class Creditsafe:
    """Reports of Creditsafe, for one account."""

    key = "creditsafe"
    name = "Creditsafe"

    def __init__(
        self, username: str, password: str, base_url: str, answer_seconds: float = _ANSWER_SECONDS
    ) -> None:
        self._username = username
        self._password = password
        self._base = urlsplit(base_url)
        self._patience = answer_seconds
        self._token = ""
        self._renewing = Lock()

    def search(self, *, country: str, name: str = "", number: str = "") -> Sequence[Company]:
        """Companies by their number in the register, or else by name."""
        by = {"regNo": number} if number else {"name": name}
        fields = {"countries": country, **by, "page": "1", "pageSize": str(_MOST_COMPANIES)}
        try:
            answer = self._get(f"/v1/companies?{urlencode(fields)}", _NONE)
        except NoSuchCompany:
            return []
        except BureauUnsure as error:  # a search costs nothing, so it may be made again
            raise BureauPostponed(str(error)) from error
        rows = answer.get("companies")
        return [_company(one) for one in rows if _usable(one)] if isinstance(rows, list) else []

    def report(self, company_id: str) -> Report:
        """Order a report, once."""
        answer = self._get(f"/v1/companies/{quote(company_id, safe='')}?language=en", _NONE)
        if not isinstance(answer.get("report"), dict):
            raise BureauUnsure(_UNREADABLE)
        return _report(answer["report"])

    def _get(self, path: str, none: str) -> dict[str, Any]:
        token = self._token_but("")
        status, answer = self._asked(path, token)
        if status == 401:  # it has expired; what is refused so was not charged
            token = self._token_but(token)
            status, answer = self._asked(path, token)
        match status:
            case 200:
                return _told(answer)
            case 401:
                self._forget(token)
                raise BureauAccountProblem(_WRONG_PASSWORD)
            case 402 | 403:
                raise BureauAccountProblem(_NOT_COVERED)
            case 404:
                raise NoSuchCompany(none)
            case 429:
                raise BureauPostponed(_TOO_MANY)
            case 400:
                raise BureauError(
                    N_("Creditsafe did not understand the question. Check country, name and number.")
                )
        raise BureauUnsure(N_(f"Creditsafe answered {status}."))

    def _asked(self, path: str, token: str) -> tuple[int, bytes]:
        return self._exchange("GET", path, None, {"Authorization": f"Bearer {token}"})

    def _token_but(self, refused: str) -> str:
        """A token other than the one that was refused: what another thread has got meanwhile, or else a new one."""
        with self._renewing:
            if self._token in ("", refused):
                self._token = ""
                self._token = self._authenticate()
            return self._token

    def _forget(self, token: str) -> None:
        with self._renewing:
            if self._token == token:
                self._token = ""

    def _authenticate(self) -> str:
        body = json.dumps({"username": self._username, "password": self._password}).encode()
        try:
            status, answer = self._exchange(
                "POST", "/v1/authenticate", body, {"Content-Type": "application/json"}
            )
            token = _told(answer).get("token") if status == 200 else None
        except BureauUnsure as error:  # nothing was ordered yet
            raise BureauPostponed(_REACHED_NOT) from error
        if status in (400, 401, 403):
            raise BureauAccountProblem(_WRONG_PASSWORD)
        if status == 429:
            raise BureauPostponed(_TOO_MANY)
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise BureauPostponed(_REACHED_NOT)
        return token

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            try:
                connection.connect()
            except (OSError, HTTPException) as error:
                raise BureauPostponed(_REACHED_NOT) from error
            try:
                connection.sock.settimeout(self._patience)
                connection.request(
                    method, self._base.path + path, body, {"Accept": "application/json", **headers}
                )
                response = connection.getresponse()
                return response.status, response.read(_LONGEST_ANSWER)
            except (OSError, HTTPException) as error:
                raise BureauUnsure(_UNSURE) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "http":  # a stand-in on this machine; production settings insist on https
            return HTTPConnection(host, port, timeout=_CONNECT_SECONDS)
        return HTTPSConnection(host, port, timeout=_CONNECT_SECONDS, context=ssl.create_default_context())


def _told(answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise BureauUnsure(_UNREADABLE) from error
    if not isinstance(told, dict):
        raise BureauUnsure(_UNREADABLE)
    return told


def _usable(row: object) -> bool:
    return isinstance(row, dict) and bool(_words(row.get("id"))) and bool(_words(row.get("name")))


def _company(row: dict[str, Any]) -> Company:
    address = row.get("address")
    told = address.get("simpleValue") if isinstance(address, dict) else address
    return Company(
        _words(row["id"]),
        _words(row["name"]),
        _words(row.get("regNo")),
        _words(row.get("country")),
        _words(told),
        _words(row.get("status")),
    )


def _report(report: dict[str, Any]) -> Report:
    rating = _inside(_inside(report, "creditScore"), "currentCreditRating")
    given, limit = _inside(rating, "providerValue"), _inside(rating, "creditLimit")
    value, most = _words(given.get("value")), _words(given.get("maxValue"))
    currency = _words(limit.get("currency")).upper()
    amount = _amount(limit.get("value")) if _CURRENCY.fullmatch(currency) else None
    raw = json.dumps(report)
    return Report(
        score=_score(value, most),
        value=value,
        most=most,
        words=_words(rating.get("providerDescription")) or _words(rating.get("commonDescription")),
        limit_amount=amount,
        limit_currency=None if amount is None else currency,
        least=_words(given.get("minValue")),
        band=_words(rating.get("commonValue")),
        raw=raw if len(raw) <= _LONGEST_KEPT else None,
    )


def _score(value: str, most: str) -> int | None:
    """A score in a scale up to 100, to the whole point, half up; ``71.0`` of ``100.0`` is one as well.

    Others (Germany: 100 to 600, fewer being better) stay the provider's own: it publishes no way from them to 100.
    """
    if not (_NUMBER.fullmatch(value) and _NUMBER.fullmatch(most)) or Decimal(most) != _WHOLE_SCALE:
        return None
    score = Decimal(value)
    return int(score.quantize(Decimal(1), ROUND_HALF_UP)) if score <= _WHOLE_SCALE else None


def _amount(given: object) -> Decimal | None:
    """A limit; words such as “No limit” are none."""
    try:
        amount = Decimal(str(given).replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _MOST_MONEY else None


def _inside(told: dict[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _words(given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return " ".join(str(given).replace("\0", "").split())[:_MOST_WORDS]
