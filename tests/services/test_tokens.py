"""Renewing access tokens: once, in one place, and never losing the connection."""

from __future__ import annotations

import json
import logging
import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.ledger import NeedsReconnect, Unreachable
from integration.xero.identity import TokenSet
from kit import clock
from services import tokens
from store.queries import connection as queries
from tests.services.connection_stage import CLAIMS, Stage, stage
from tests.services.token_process import token_in_a_process


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def authorisation_id(play: Stage) -> str:
    return play.authorisation(play.connected()).id


def test_a_good_token_is_used_without_asking_anybody(play: Stage, authorisation_id: str) -> None:
    before = len(play.requests("/"))
    assert tokens.access_token(play.app, authorisation_id) == tokens.access_token(play.app, authorisation_id)
    assert len(play.requests("/")) == before


def test_a_token_is_renewed_before_it_dies(play: Stage, authorisation_id: str) -> None:
    old = tokens.access_token(play.app, authorisation_id)
    play.later(advance_seconds=1800 - 60)
    assert tokens.access_token(play.app, authorisation_id) != old
    assert play.renewals() == 1


def test_twenty_threads_that_find_it_dead_renew_it_once(play: Stage, authorisation_id: str) -> None:
    play.later(advance_seconds=1800)
    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(lambda _: tokens.access_token(play.app, authorisation_id), range(20)))
    assert (len(found), play.renewals()) == (1, 1)


def test_twenty_threads_that_were_refused_renew_it_once(play: Stage, authorisation_id: str) -> None:
    stale = tokens.access_token(play.app, authorisation_id)
    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(lambda _: tokens.force_refresh(play.app, authorisation_id, stale), range(20)))
    assert (len(found), stale in found, play.renewals()) == (1, False, 1)


@contextmanager
def _hasty_sign_in_service(seconds: int) -> Iterator[tuple[str, list[str]]]:
    """A sign-in service whose access tokens live so long; its address, and the tokens given so far."""
    given: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            given.append(f"access-{len(given)}")
            body = {"access_token": given[-1], "refresh_token": f"refresh-{given[-1]}", "expires_in": seconds}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", given
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("seconds", [20, 60, 240])
def test_twenty_threads_renew_a_short_lived_token_once_in_half_its_life(
    play: Stage, authorisation_id: str, seconds: int
) -> None:
    with _hasty_sign_in_service(seconds) as (address, given):
        app = play.pointed_at(xero_identity_url=address)
        for halves in range(1, 4):
            play.later(advance_seconds=1800 if halves == 1 else seconds / 2)
            with ThreadPoolExecutor(20) as pool:
                found = set(pool.map(lambda _: tokens.access_token(app, authorisation_id), range(60)))
            assert (found, len(given)) == ({given[-1]}, halves)
        app.database.close()


def test_processes_renew_it_once(play: Stage, authorisation_id: str) -> None:
    play.later(advance_seconds=1800)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(token_in_a_process, play.environ, authorisation_id) for _ in range(6)]
        found = {job.result() for job in jobs}
    assert (len(found), play.renewals()) == (1, 1)


def test_the_stored_token_is_the_one_that_goes_on_working(play: Stage, authorisation_id: str) -> None:
    for _ in range(5):
        play.later(advance_seconds=1900)
        tokens.access_token(play.app, authorisation_id)
    play.later(advance_days=2)  # far beyond the half hour in which an older one would still do
    tokens.access_token(play.app, authorisation_id)


def test_a_renewal_whose_answer_is_lost_is_repeated_with_the_same_token(
    play: Stage, authorisation_id: str
) -> None:
    play.later(advance_seconds=1800)
    play.fault("drop-after", "/connect/token")
    with pytest.raises(Unreachable):
        tokens.access_token(play.app, authorisation_id)
    tokens.access_token(play.app, authorisation_id)
    play.later(advance_days=1)
    tokens.access_token(play.app, authorisation_id)


@pytest.mark.parametrize("fault", ["503", "500", "html", "redirect", "truncate", "drop-before"])
def test_a_sign_in_service_out_of_order_loses_nothing(play: Stage, authorisation_id: str, fault: str) -> None:
    play.later(advance_seconds=1800)
    play.fault(fault, "/connect/token")
    with pytest.raises(Unreachable):
        tokens.access_token(play.app, authorisation_id)
    tokens.access_token(play.app, authorisation_id)


def test_wrong_client_credentials_are_no_reason_to_reconnect(play: Stage, authorisation_id: str) -> None:
    play.later(advance_seconds=1800)
    app = play.pointed_at(xero_client_secret="wrong")
    with pytest.raises(Unreachable, match="XERO_CLIENT_SECRET"):
        tokens.access_token(app, authorisation_id)
    app.database.close()
    tokens.access_token(play.app, authorisation_id)


def test_a_dead_authorisation_says_that_a_person_is_needed_and_is_not_tried_again(
    play: Stage, authorisation_id: str
) -> None:
    play.box.post(f"/sandbox/authorisations/{CLAIMS['xero_userid']}/revoke")
    play.later(advance_seconds=1800)
    for _ in range(3):
        with pytest.raises(NeedsReconnect, match="connect it again"):
            tokens.access_token(play.app, authorisation_id)
    assert play.renewals() == 1


def test_an_authorisation_unused_for_sixty_days_is_dead(play: Stage, authorisation_id: str) -> None:
    play.later(advance_days=61)
    with pytest.raises(NeedsReconnect):
        tokens.access_token(play.app, authorisation_id)


def test_the_token_before_the_newest_saves_the_connection_within_its_half_hour(
    play: Stage, authorisation_id: str
) -> None:
    """As when a set was stored that the ledger has forgotten, but the older one is still in its grace."""
    play.later(advance_seconds=1800)
    _forget_newest(play, authorisation_id, until=timedelta(minutes=30))
    tokens.access_token(play.app, authorisation_id)


def test_the_token_before_the_newest_is_not_used_later(play: Stage, authorisation_id: str) -> None:
    play.later(advance_seconds=1800)
    _forget_newest(play, authorisation_id, until=-timedelta(minutes=1))
    with pytest.raises(NeedsReconnect):
        tokens.access_token(play.app, authorisation_id)


def _forget_newest(play: Stage, authorisation_id: str, until: timedelta) -> None:
    row = play.authorisation_row(authorisation_id)
    good = tokens.opened(play.app, row.tokens_cipher)
    play.change_authorisation(
        authorisation_id,
        tokens_cipher=tokens.sealed(play.app, TokenSet(good.access_token, "forgotten", good.scope, 1800)),
        previous_refresh_cipher=play.app.secrets.encrypt(good.refresh_token),
        previous_refresh_until=clock.now() + until,
    )


def test_whoever_was_slow_cannot_overwrite_a_newer_token(play: Stage, authorisation_id: str) -> None:
    row = play.authorisation_row(authorisation_id)
    now = clock.now()
    with play.app.database.write_across() as session:
        assert queries.take_lease(session, row.id, row.version, "slow", now, 60)
        assert not queries.take_lease(session, row.id, row.version, "other", now, 60)
        assert queries.take_lease(session, row.id, row.version, "other", now + timedelta(seconds=61), 60)
        assert queries.replace_tokens(session, row.id, row.version, "other", {"tokens_cipher": "newer"})
    with play.app.database.write_across() as session:
        assert not queries.replace_tokens(session, row.id, row.version, "slow", {"tokens_cipher": "older"})
        assert not queries.lose_authorisation(session, row.id, row.version, "gone")
    assert play.authorisation_row(authorisation_id).tokens_cipher == "newer"


def test_a_renewer_that_died_blocks_the_others_for_a_minute_at_most(
    play: Stage, authorisation_id: str
) -> None:
    play.later(advance_seconds=1800)
    row = play.authorisation_row(authorisation_id)
    with play.app.database.write_across() as session:
        queries.take_lease(session, row.id, row.version, "dead", clock.now(), 0.5)
    tokens.access_token(play.app, authorisation_id)
    assert play.renewals() == 1


def test_tokens_are_readable_with_an_old_key_and_unreadable_without(
    play: Stage, authorisation_id: str
) -> None:
    rotated = play.pointed_at(token_keys=("n" * 40, *play.app.settings.token_keys))
    assert tokens.access_token(rotated, authorisation_id) == tokens.access_token(play.app, authorisation_id)
    changed = play.pointed_at(token_keys=("n" * 40,))
    with pytest.raises(Unreachable, match="TOKEN_KEYS"):
        tokens.access_token(changed, authorisation_id)
    rotated.database.close()
    changed.database.close()


def test_no_token_is_ever_logged_or_put_in_redis(
    play: Stage, authorisation_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [tokens.opened(play.app, play.authorisation_row(authorisation_id).tokens_cipher)]
    for fault in ("", "503", "drop-after", "html"):
        play.later(advance_seconds=1800)
        if fault:
            play.fault(fault, "/connect/token")
        with suppress(Unreachable):
            tokens.access_token(play.app, authorisation_id)
        seen.append(tokens.opened(play.app, play.authorisation_row(authorisation_id).tokens_cipher))
    in_redis = repr([play.app.redis.dump(key) for key in play.app.redis.scan_iter()])
    for token in {text for found in seen for text in (found.access_token, found.refresh_token)}:
        assert token not in caplog.text
        assert token not in in_redis


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["renew", "lose", "down", "wait"]), max_size=6))
def test_no_mishap_within_half_an_hour_ever_costs_the_connection(
    play: Stage, authorisation_id: str, steps: list[str]
) -> None:
    play.mend()
    for step in steps:
        if step == "wait":
            play.later(advance_seconds=60)
            continue
        if step != "renew":
            play.fault({"lose": "drop-after", "down": "503"}[step], "/connect/token")
        stale = tokens.opened(play.app, play.authorisation_row(authorisation_id).tokens_cipher).access_token
        try:
            tokens.force_refresh(play.app, authorisation_id, stale)
        except Unreachable:
            assert step != "renew"
    play.mend()
    stale = tokens.opened(play.app, play.authorisation_row(authorisation_id).tokens_cipher).access_token
    assert tokens.force_refresh(play.app, authorisation_id, stale) != stale
