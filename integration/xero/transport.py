"""One call to Xero: permit, token, request, whole answer, and what it means.

Built on xero-python's generated calls, without what would hurt here: its process-wide token, its own
refresh, urllib3's silent repeats (a PUT adds a note each time), redirects, missing time-outs, and models
that lose a whole page for one unknown word.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import certifi
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import ApiException, ApiSSLException

from integration.ledger import AnswerLost, Lane, LedgerError, Unreachable, Unreadable
from integration.xero.answers import Answer, error_of, own_words, refusal, remaining
from integration.xero.governor import Governor
from kit import clock
from kit.wording import N_

TIMEOUTS = (5, 30)
"""Seconds to connect, and between two pieces of an answer. Whole: the SDK ignores fractions in silence."""
LONGEST_ANSWER_SECONDS = 50
"""Less than the governor's lease, so that a call never lives longer than its permit."""
LARGEST_ANSWER = 64 * 1024 * 1024
_PIECE = 256 * 1024
_TURNED_AWAY_AT_MOST = 3
_POOLED_CONNECTIONS = 5


class Tokens(Protocol):
    """Where access tokens come from. Both may raise ``NeedsReconnect`` or ``Unreachable``."""

    def current(self) -> str: ...

    def renewed(self, stale: str) -> str:
        """A token other than ``stale``, which the ledger did not accept."""
        ...


Refusals = Callable[[str, int, str], None]
"""Is told of what the ledger refused: the call, the status, and the ledger's own words. Must not raise."""


class _Lost(Exception):
    """No whole answer came."""


class _NotSent(_Lost):
    """Not even the connection could be made."""


class _Cut(_Lost):
    """The connection broke."""


class Transport:
    """Calls for one organisation in one lane."""

    def __init__(
        self,
        api_url: str,
        tenant_id: str,
        tokens: Tokens,
        governor: Governor,
        lane: Lane,
        timeouts: tuple[int, int] = TIMEOUTS,
        refusals: Refusals | None = None,
    ) -> None:
        self._refusals = refusals
        self._tenant_id = tenant_id
        self._tokens = tokens
        self._governor = governor
        self._lane = lane
        self._timeouts = timeouts
        self._token = ""
        self._api = AccountingApi(self._client(), base_url=f"{api_url}/api.xro/2.0")

    def read(self, operation: str, *arguments: str, **options: object) -> bytes:
        """The body of the answer to a reading call of the SDK. A read that is cut off is repeated once."""
        answer = self._repeatable(operation, *arguments, **options)
        if answer is None:
            raise Unreachable(N_("The ledger did not answer."))
        if not answer.good:
            if answer.status != 404:  # a document that is gone is news, and no refusal
                self._tell(operation, answer)
            raise error_of(answer)
        return answer.body

    def write(self, operation: str, *arguments: object, **options: object) -> bytes:
        """The body of the answer to a writing call; ``AnswerLost`` whenever it may have been done anyway."""
        problem: LedgerError | None = None
        try:
            answer = self._patiently(operation, *arguments, **options)
        except _Lost as lost:
            problem = _write_lost(lost)
        if problem is not None:
            raise problem
        if answer.good:
            return answer.body
        self._tell(operation, answer)
        problem = error_of(answer)
        if answer.status >= 500 or answer.status == 408 or 300 <= answer.status <= 399:
            raise AnswerLost(N_(f"The ledger did not say whether it did this (it answered {answer.status})."))
        if isinstance(problem, Unreadable):
            raise Unreachable(str(problem))
        raise problem

    def _tell(self, operation: str, answer: Answer) -> None:
        if self._refusals is not None:
            self._refusals(operation, answer.status, own_words(answer))

    def _repeatable(self, operation: str, *arguments: object, **options: object) -> Answer | None:
        """The answer, asked for again where a connection broke; None when there is none."""
        for _ in range(2):
            try:
                return self._patiently(operation, *arguments, **options)
            except _Cut:
                continue
            except _Lost:
                return None
        return None

    def _patiently(self, operation: str, *arguments: object, **options: object) -> Answer:
        """The answer: with a renewed token if the old one was refused, later if too many called at once."""
        renewed, turned_away = False, 0
        while True:
            answer = self._once(operation, *arguments, **options)
            if answer.status == 401 and not renewed:
                renewed = True
                self._token = self._tokens.renewed(self._token)
                continue
            limit = refusal(answer)
            if limit is None or limit.kind != "concurrent" or turned_away == _TURNED_AWAY_AT_MOST:
                return answer
            turned_away += 1

    def _once(self, operation: str, *arguments: object, **options: object) -> Answer:
        """One governed request. Its permit is settled whatever comes of it."""
        self._token = self._tokens.current()
        permit = self._governor.acquire(self._tenant_id, self._lane)
        answer: Answer | None = None
        try:
            answer = self._exchange(getattr(self._api, operation), *arguments, **options)
        finally:
            if answer is None:
                self._governor.settle(permit)
            else:
                self._governor.settle(permit, remaining(answer), refusal(answer))
        return answer

    def _exchange(
        self, call: Callable[..., urllib3.HTTPResponse], *arguments: object, **options: object
    ) -> Answer:
        """The whole answer, or ``_Lost`` without any trace of the request."""
        try:
            return self._whole(call, *arguments, **options)
        except (NewConnectionError, ConnectTimeoutError):
            lost: _Lost = _NotSent()
        except ProtocolError:
            lost = _Cut()
        except (HTTPError, ApiSSLException, OSError):
            lost = _Lost()
        raise lost  # outside the handlers: their errors remember the request, and with it the token

    def _whole(
        self, call: Callable[..., urllib3.HTTPResponse], *arguments: object, **options: object
    ) -> Answer:
        try:
            response = call(
                self._tenant_id,
                *arguments,
                **options,
                _preload_content=False,
                _request_timeout=self._timeouts,
            )
        except ApiSSLException:
            raise
        except ApiException as error:
            refused = error.http_resp
            return Answer(refused.status, refused.urllib3_response.headers, refused.data)
        return Answer(response.status, response.headers, _body(response))

    def _client(self) -> ApiClient:
        """An SDK client that holds nothing in common with others but the pool of connections."""
        configuration = Configuration()  # a copy of one shared object, so the token holder must be our own
        configuration.oauth2_token = OAuth2Token()
        client = ApiClient(configuration, oauth2_token_getter=self._sdk_token)
        client.rest_client.pool_manager = _pool(os.getpid())
        client.user_agent = "Dunnock (xero-python)"
        return client

    def _sdk_token(self) -> dict[str, Any]:
        """The token as the SDK wants it; without ``expires_at``, so that the SDK never refreshes it."""
        return {"access_token": self._token, "scope": [], "expires_in": 1800, "token_type": "Bearer"}


def since(moment: datetime | None) -> dict[str, str]:
    """``If-Modified-Since`` as Xero's documentation writes it: UTC to the second, without a zone."""
    return {} if moment is None else {"if_modified_since": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}


@lru_cache(maxsize=2)
def _pool(_process: int) -> urllib3.PoolManager:
    """The connections of this process; a forked child makes its own. No repeats, no redirects."""
    return urllib3.PoolManager(
        maxsize=_POOLED_CONNECTIONS,
        retries=urllib3.Retry(False, redirect=False, respect_retry_after_header=False),
        ca_certs=certifi.where(),
    )


def _body(response: urllib3.HTTPResponse) -> bytes:
    """The body, read piece by piece so that a dripping answer cannot hold us longer than the time allowed."""
    deadline = clock.stopwatch() + LONGEST_ANSWER_SECONDS
    pieces: list[bytes] = []
    size = 0
    whole = False
    try:
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER or clock.stopwatch() > deadline:
                raise _TooLong(N_("the answer is too long"))
        whole = True
    finally:
        if whole:
            response.release_conn()
        else:
            response.close()
    return b"".join(pieces)


class _TooLong(HTTPError):
    """An answer that takes too long or too much."""


def _write_lost(lost: _Lost) -> LedgerError:
    if isinstance(lost, _NotSent):
        return Unreachable(N_("The ledger could not be reached."))
    return AnswerLost(N_("The connection to the ledger broke before it said whether it did this."))
