"""Signing in to the pretend ledger, staying signed in, and connecting organisations."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.ledger import DEFAULT_USER_ID, add_organisation, add_user
from tests.sandbox.app_side import SCOPE, Side, a_side, back

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return a_side(tmp_path)


def authorize_page(side: Side, **changes: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": side.config.client_id,
        "redirect_uri": "http://localhost:8000/cb",
        "scope": SCOPE,
        "state": "s-1",
        **changes,
    }


def test_the_consent_page_shows_the_person_their_organisations_and_what_is_asked(side: Side) -> None:
    page = side.client.get("/identity/connect/authorize", query_string=authorize_page(side)).get_data(
        as_text=True
    )
    assert "Robin Ashdown" in page
    assert "Hedgerow Joinery Ltd" in page
    assert "accounting.contacts" in page
    assert 'value="allow"' in page
    assert 'value="deny"' in page


def test_allowing_sends_the_person_back_with_a_code_and_the_state(side: Side) -> None:
    fields = back(side.consent())
    assert fields["state"] == "s-1"
    assert len(fields["code"]) > 20


def test_denying_sends_the_person_back_with_access_denied(side: Side) -> None:
    assert back(side.consent(decision="deny")) == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize(
    "scope", ["openid accounting.transactions", "accounting.reports.read", "nonsense", ""]
)
def test_broad_and_unknown_scopes_fail_the_whole_authorisation(side: Side, scope: str) -> None:
    assert back(side.consent(scope=scope))["error"] == "invalid_scope"


def test_only_s256_proof_keys_are_accepted(side: Side) -> None:
    plain = side.consent(code_challenge="x", code_challenge_method="plain")
    assert back(plain)["error"] == "invalid_request"


@pytest.mark.parametrize("change", [{"client_id": "somebody"}, {"redirect_uri": "javascript:alert(1)"}])
def test_an_unknown_app_or_odd_address_gets_no_redirect(side: Side, change: dict[str, str]) -> None:
    answer = side.consent(**change)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_nobody_can_connect_an_organisation_that_is_not_theirs(side: Side) -> None:
    stranger = add_user(side.world, email="s@other.example", given_name="Sue", family_name="Stone")
    answer = side.consent(user=stranger.xero_userid)
    assert answer.status_code == 400
    assert side.world.access.connections == {}


def test_signing_in_alone_needs_no_organisation(side: Side) -> None:
    tokens = side.sign_in(scope="openid email", tenants=None)
    assert "refresh_token" not in tokens
    assert side.world.access.connections == {}


def test_a_code_works_once(side: Side) -> None:
    code = side.code()
    assert side.exchange(code).status_code == 200
    again = side.exchange(code)
    assert (again.status_code, again.data) == (400, b'{"error":"invalid_grant"}')


def test_a_code_dies_after_five_minutes(side: Side) -> None:
    code = side.code()
    side.advance(timedelta(minutes=5, seconds=1))
    assert side.exchange(code).status_code == 400


def test_a_code_belongs_to_its_redirect_address(side: Side) -> None:
    assert side.exchange(side.code(), redirect_uri="http://localhost:8000/other").status_code == 400


def test_the_proof_key_must_fit(side: Side) -> None:
    assert side.exchange(side.code(**PKCE), code_verifier=VERIFIER).status_code == 200
    assert side.exchange(side.code(**PKCE), code_verifier="w" * 43).status_code == 400
    assert side.exchange(side.code(**PKCE)).status_code == 400


def test_the_client_may_authenticate_in_the_body(side: Side) -> None:
    form = {"client_id": side.config.client_id, "client_secret": side.config.client_secret}
    asked = {"grant_type": "refresh_token", "refresh_token": side.sign_in()["refresh_token"], **form}
    assert side.client.post("/connect/token", data=asked).status_code == 200
    wrong = side.client.post("/connect/token", data={**asked, "client_secret": "guess"})
    assert wrong.get_json() == {"error": "invalid_client"}


def test_the_id_token_is_signed_and_tells_who_signed_in(side: Side) -> None:
    tokens = side.sign_in(nonce="n-1")
    keys = KeySet.import_key_set(side.client.get("/.well-known/openid-configuration/jwks").get_json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == side.config.public_url
    assert claims["aud"] == side.config.client_id
    assert claims["nonce"] == "n-1"
    assert claims["xero_userid"] == DEFAULT_USER_ID
    assert (claims["given_name"], claims["family_name"]) == ("Robin", "Ashdown")
    assert claims["exp"] - claims["iat"] == 300


def test_the_id_token_carries_real_time_however_far_the_clock_has_moved(side: Side) -> None:
    side.advance(timedelta(days=400))
    keys = KeySet.import_key_set(side.client.get("/.well-known/openid-configuration/jwks").get_json())
    claims = jwt.decode(side.sign_in()["id_token"], keys, algorithms=["RS256"]).claims
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60


def test_the_access_token_names_user_consent_and_scopes(side: Side) -> None:
    tokens = side.sign_in()
    keys = KeySet.import_key_set(side.client.get("/.well-known/openid-configuration/jwks").get_json())
    claims = jwt.decode(tokens["access_token"], keys, algorithms=["RS256"]).claims
    assert claims["aud"] == f"{side.config.public_url}/resources"
    assert claims["xero_userid"] == DEFAULT_USER_ID
    assert set(claims["scope"]) == set(SCOPE.split())
    connected = side.client.get(
        "/connections",
        query_string={"authEventId": claims["authentication_event_id"]},
        headers=side.headers(),
    )
    assert len(connected.get_json()) == 1


def test_discovery_points_at_endpoints_that_exist(side: Side) -> None:
    document = side.client.get("/.well-known/openid-configuration").get_json()
    assert document["issuer"] == side.config.public_url
    path = document["userinfo_endpoint"].removeprefix(side.config.public_url)
    side.sign_in()
    assert (
        side.client.get(path, headers=side.headers()).get_json()["email"] == "robin.ashdown@hedgerow.example"
    )


def test_refresh_tokens_rotate(side: Side) -> None:
    first = side.sign_in()
    second = side.refresh(first["refresh_token"]).get_json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["expires_in"] == 1800
    assert second["access_token"] != first["access_token"]


def test_the_previous_refresh_token_works_for_thirty_minutes_as_often_as_needed(side: Side) -> None:
    first = side.sign_in()["refresh_token"]
    side.refresh(first)
    side.advance(timedelta(minutes=29))
    latest = [side.refresh(first).get_json()["refresh_token"] for _ in range(3)][-1]
    assert side.refresh(latest).status_code == 200
    side.advance(timedelta(minutes=2))
    assert side.refresh(first).data == b'{"error":"invalid_grant"}'


def test_a_refresh_token_two_rotations_old_is_dead_at_once(side: Side) -> None:
    first = side.sign_in()["refresh_token"]
    second = side.refresh(first).get_json()["refresh_token"]
    side.refresh(second)
    assert side.refresh(first).status_code == 400
    assert side.refresh(second).status_code == 200


def test_a_refresh_token_unused_for_sixty_days_is_dead(side: Side) -> None:
    token = side.sign_in()["refresh_token"]
    side.advance(timedelta(days=59))
    token = side.refresh(token).get_json()["refresh_token"]
    side.advance(timedelta(days=60, minutes=1))
    assert side.refresh(token).status_code == 400


def test_scopes_add_up_over_consents(side: Side) -> None:
    side.sign_in(scope="openid offline_access accounting.invoices.read")
    later = side.sign_in(scope="openid accounting.contacts")
    assert {"accounting.invoices.read", "accounting.contacts"} <= set(later["scope"].split())


def test_connections_tell_the_organisation_and_when(side: Side) -> None:
    side.sign_in()
    (connection,) = side.client.get("/Connections", headers=side.headers()).get_json()
    assert connection["tenantId"] == side.org.tenant_id
    assert connection["tenantName"] == "Hedgerow Joinery Ltd"
    assert connection["tenantType"] == "ORGANISATION"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", connection["createdDateUtc"])


def test_reconnecting_keeps_the_connection_and_moves_its_update(side: Side) -> None:
    side.sign_in()
    (before,) = side.client.get("/connections", headers=side.headers()).get_json()
    side.advance(timedelta(hours=1))
    side.sign_in()
    (after,) = side.client.get("/connections", headers=side.headers()).get_json()
    assert after["id"] == before["id"]
    assert after["createdDateUtc"] == before["createdDateUtc"]
    assert after["updatedDateUtc"] > before["updatedDateUtc"]


def test_disconnecting_one_organisation_leaves_the_other(side: Side) -> None:
    other = add_organisation(side.world, name="Second Ltd")
    side.sign_in(tenants=[side.org.tenant_id, other.tenant_id])
    listed = side.client.get("/connections", headers=side.headers()).get_json()
    gone = next(c for c in listed if c["tenantId"] == side.org.tenant_id)
    address = f"/connections/{gone['id']}"
    assert side.client.delete(address, headers=side.headers()).status_code == 204
    assert side.client.delete(address, headers=side.headers()).status_code == 404
    left = side.client.get("/connections", headers=side.headers()).get_json()
    assert [c["tenantId"] for c in left] == [other.tenant_id]


def test_nobody_sees_or_ends_a_strangers_connection(side: Side) -> None:
    side.sign_in()
    (mine,) = side.client.get("/connections", headers=side.headers()).get_json()
    stranger = add_user(side.world, email="s@other.example", given_name="Sue", family_name="Stone")
    side.sign_in(user=stranger.xero_userid, scope="openid", tenants=None)
    assert side.client.get("/connections", headers=side.headers()).get_json() == []
    assert side.client.delete(f"/connections/{mine['id']}", headers=side.headers()).status_code == 404


def test_revoking_drops_the_users_tokens_and_connections(side: Side) -> None:
    tokens = side.sign_in()
    answer = side.client.post(
        "/connect/revocation", data={"token": tokens["refresh_token"]}, headers=side.basic()
    )
    assert (answer.status_code, answer.data) == (200, b"")
    assert side.refresh(tokens["refresh_token"]).status_code == 400
    assert side.client.get("/connections", headers=side.headers()).status_code == 401
    assert side.world.access.connections == {}
