"""A bureau shaped like Creditsafe Connect: companies of this town, a score each, and reports that are counted as charged.

The routes under `/v1` are Creditsafe's, as far as the app uses them. Those under `/sandbox/credit` are for tests:

===============================  ======================================================================
`GET /sandbox/credit`            `{reports}`: the ids of which a report was given, in order; `DELETE` forgets
`POST /sandbox/credit/expire`    every token given so far has expired
`POST /sandbox/credit/faults`    `{answer, times?, accept?, seconds?}` as for mails, at search and reports
===============================  ======================================================================

The last digit of a company's number decides its fate: `…1` has a score of 71, `…2` of 12, `…3` none, `…4` is in a scale up
to 600, `…5` is not in the subscription (403), `…6` is found and has no report (404).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.config import SandboxConfig
from sandbox.mail_faults import MailFaults, faults_from_json
from sandbox.world import World

Answer = Response | tuple[Any, int]
_NAMES = {
    "1": "Acme Joinery Ltd",
    "2": "Acme Holdings Ltd",
    "3": "Acme Dormant Ltd",
    "4": "Acme Tischlerei GmbH",
    "5": "Acme Offshore Ltd",
    "6": "Acme Gone Ltd",
}
_RATINGS: dict[str, dict[str, Any]] = {
    "1": {
        "commonValue": "A",
        "commonDescription": "Very Low Risk",
        "creditLimit": {"currency": "GBP", "value": "12500"},
        "providerValue": {"maxValue": "100", "minValue": "0", "value": "71"},
        "providerDescription": "Very Low Risk",
    },
    "2": {
        "commonValue": "D",
        "commonDescription": "High Risk",
        "creditLimit": {"currency": "GBP", "value": "0"},
        "providerValue": {"maxValue": "100", "minValue": "0", "value": "12"},
        "providerDescription": "Caution - Credit at your discretion",
    },
    "3": {
        "commonValue": "E",
        "commonDescription": "Not Rated",
        "creditLimit": {"value": "No Limit"},
        "providerValue": {"value": "Not Scored"},
        "providerDescription": "Not Scored",
    },
    "4": {
        "commonValue": "B",
        "commonDescription": "Low Risk",
        "creditLimit": {"currency": "EUR", "value": "5000"},
        "providerValue": {"maxValue": "600", "minValue": "100", "value": "225"},
        "providerDescription": "Good creditworthiness",
    },
}


@dataclass
class _Desk:
    config: SandboxConfig
    tokens: set[str] = field(default_factory=set)
    reports: list[str] = field(default_factory=list)
    faults: MailFaults = field(default_factory=MailFaults)

    def authenticate(self) -> Answer:
        given = request.get_json(silent=True)
        given = given if isinstance(given, dict) else {}
        right = (self.config.creditsafe_username, self.config.creditsafe_password)
        if (given.get("username"), given.get("password")) != right:
            return jsonify(
                message="Access denied", details="Check that username and password are correct."
            ), 401
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return jsonify(token=token)

    def lets_in(self) -> bool:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return kind == "Bearer" and token in self.tokens

    def search(self) -> Answer:
        if not self.lets_in():
            return _denied()
        if fault := self.faults.take():
            return fault.response()
        country, number = request.args.get("countries", ""), request.args.get("regNo", "")
        name = request.args.get("name", "").casefold()
        if len(country) != 2 or not (number or name):
            return jsonify(message="Bad Request", details="Search criteria are missing."), 400
        rows = [
            _row(country, end)
            for end, known in _NAMES.items()
            if (number and number == _number(end)) or (not number and name in known.casefold())
        ]
        return jsonify(totalSize=len(rows), companies=rows, messages=[])

    def report(self, connect_id: str) -> Answer:
        if not self.lets_in():
            return _denied()
        fault = self.faults.take()
        if fault and not fault.accept:
            return fault.response()
        end = connect_id[-1:]
        if end == "5":
            return jsonify(message="Forbidden", details="No access to reports of this country."), 403
        if end not in _RATINGS:
            return jsonify(message="Not Found", details="Report unavailable."), 404
        self.reports.append(connect_id)
        if fault:
            return fault.response()
        rating = _RATINGS[end]
        summary = {"businessName": _NAMES[end], "companyRegistrationNumber": _number(end)}
        return jsonify(
            companyId=connect_id,
            report={
                "companyId": connect_id,
                "language": request.args.get("language", "en"),
                "companySummary": summary,
                "creditScore": {"currentCreditRating": rating},
            },
        )

    def told(self) -> Answer:
        return jsonify(reports=self.reports)

    def forget(self) -> Answer:
        self.reports.clear()
        self.faults.clear()
        return jsonify(reports=[])

    def expire(self) -> Answer:
        self.tokens.clear()
        return jsonify(expired=True)

    def add_faults(self) -> Answer:
        try:
            return jsonify(waiting=self.faults.add(faults_from_json(request.get_json(silent=True))))
        except ValueError as error:
            return jsonify(error=str(error)), 400


def credit_blueprint(_world: World, config: SandboxConfig) -> Blueprint:
    """The bureau of one sandbox."""
    desk = _Desk(config)
    routes = Blueprint("credit", __name__)
    for rule, view, method in (
        ("/v1/authenticate", desk.authenticate, "POST"),
        ("/v1/companies", desk.search, "GET"),
        ("/v1/companies/<connect_id>", desk.report, "GET"),
        ("/sandbox/credit", desk.told, "GET"),
        ("/sandbox/credit", desk.forget, "DELETE"),
        ("/sandbox/credit/expire", desk.expire, "POST"),
        ("/sandbox/credit/faults", desk.add_faults, "POST"),
    ):
        routes.add_url_rule(rule, f"{view.__name__}_{method.lower()}", view, methods=[method])
    return routes


def _denied() -> Answer:
    return jsonify(message="Unauthorized"), 401


def _number(end: str) -> str:
    return f"0123456{end}"


def _row(country: str, end: str) -> dict[str, Any]:
    return {
        "id": f"{country}-X-{_number(end)}",
        "country": country,
        "regNo": _number(end),
        "name": _NAMES[end],
        "address": {"simpleValue": "1 High Street, Exeter, EX1 1AA", "city": "Exeter"},
        "status": "Active",
    }
