"""The settings of hosted use: strictly read, and what is missing is said where it is missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import SettingsError
from kit.settings import load
from services import doctor
from tests.support.sandbox import running_sandbox


def test_nobody_is_limited_unless_somebody_says_on() -> None:
    assert load({}).hosted is False
    assert load({"HOSTED": "on"}).hosted is True
    assert load({"HOSTED": "on"}).sells is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOSTED", "yes"),
        ("HOSTED", "true"),
        ("STRIPE_SECRET_KEY", "pk_live_12345678"),
        ("STRIPE_SECRET_KEY", "sk_"),
        ("STRIPE_WEBHOOK_SECRET", "secret"),
        ("STRIPE_PRICE_ID", "prod_123"),
        ("STRIPE_API_URL", "api.stripe.com"),
        ("STRIPE_PRICEID", "price_1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({name: value})


def plans(environ: dict[str, str], folder: Path, redis_url: str) -> tuple[bool, bool, str]:
    """What the doctor finds of plans."""
    given = {"VAR_DIR": str(folder), "REDIS_URL": redis_url, **environ}
    for found in doctor.examine(given):
        if found.name == "plans":
            return found.healthy, found.warning, found.text
    raise AssertionError("the doctor did not look")


def test_the_doctor_knows_them(tmp_path: Path, redis_url: str) -> None:
    assert plans({}, tmp_path, redis_url)[0]
    healthy, _, text = plans({"HOSTED": "on"}, tmp_path, redis_url)
    assert not healthy and "STRIPE_SECRET_KEY and STRIPE_PRICE_ID" in text
    with running_sandbox() as box:
        environ = {
            "HOSTED": "on",
            "STRIPE_SECRET_KEY": box.config.stripe_secret_key,
            "STRIPE_PRICE_ID": box.config.stripe_price_id,
            "STRIPE_API_URL": box.url,
        }
        assert plans(environ, tmp_path, redis_url)[1:] == (
            True,
            "STRIPE_WEBHOOK_SECRET is not set, so webhooks are refused and Stripe is asked once a day alone.",
        )
        whole = {**environ, "STRIPE_WEBHOOK_SECRET": box.config.stripe_webhook_secret}
        assert plans(whole, tmp_path, redis_url)[:2] == (True, False)
        wrong = {**whole, "STRIPE_SECRET_KEY": "sk_test_of_somebody_else"}
        healthy, _, text = plans(wrong, tmp_path, redis_url)
        assert not healthy and "Stripe refuses STRIPE_SECRET_KEY" in text
