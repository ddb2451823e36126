"""What text messages cost, over the API."""

from __future__ import annotations

from kit import clock
from kit.ids import derived_id
from store.models import Communication
from tests.web.api.conftest import Api


def text(api: Api, place: int, millionths: int | None) -> str:
    """A text message that has left; its id."""
    now, id_ = clock.now(), derived_id("text", str(place))
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=api.cast.organisation_id, id=id_, direction="out", channel="sms", kind="chaser",
                status="delivered", contact_id=api.cast.contact_id, sent_at=now, created_at=now, segments=2,
                cost_millionths=millionths, cost_currency=None if millionths is None else "USD",
            )
        )  # fmt: skip
    return id_


def test_a_message_says_its_cost_and_the_report_sums_what_was_said(api: Api) -> None:
    assert api.get("/reports/text-messages") == []
    told, silent = text(api, 1, 8_300), text(api, 2, None)
    text(api, 3, 41_700)
    assert api.get(f"/communications/{told}")["cost"] == {"currency": "USD", "amount": "0.0083"}
    assert api.get(f"/communications/{silent}")["cost"] is None
    (month,) = api.get("/reports/text-messages")
    assert month["month"].endswith("-01")
    assert (month["texts"], month["segments"], month["not_said"]) == (3, 6, 1)
    assert month["costs"] == [{"currency": "USD", "amount": "0.05"}]
