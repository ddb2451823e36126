"""What is thrown away when nobody needs it any more."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services import news
from services.app import App
from store.queries import api_answers, invoice_files

_ANSWERS_KEPT = timedelta(days=1)


def tidy(app: App) -> None:
    """Forget old webhook events, old answers to repeated API requests, and PDFs of invoices that are closed."""
    news.tidy(app)
    with app.database.write_across() as session:
        api_answers.forget(session, clock.now() - _ANSWERS_KEPT)
    with app.database.write_across() as session:
        invoice_files.forget_closed(session)
