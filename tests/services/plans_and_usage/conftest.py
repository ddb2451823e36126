"""An installation for pay for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.services.connection_stage import stage
from tests.services.plans_and_usage.hosted_stage import (
    Hosted,
)
from tests.web.connect_stage import Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES
from webhooks.stripe import webhooks_stripe


@pytest.fixture
def hosted(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Hosted]:
    with stage(tmp_path, database_url, redis_url) as play:
        config = play.box.config
        app = play.pointed_at(
            hosted=True,
            stripe_secret_key=config.stripe_secret_key,
            stripe_webhook_secret=config.stripe_webhook_secret,
            stripe_price_id=config.stripe_price_id,
            stripe_api_url=play.box.url,
        )
        browser = assemble(app, *PAGES, connect, webhooks_stripe).test_client()
        tenant = play.organisation("Acme")
        answer = Visitor(play, browser).sign_in(tenant)
        yield Hosted(play, app, browser, urlsplit(answer.location).path.split("/")[2], tenant)
        app.database.close()
