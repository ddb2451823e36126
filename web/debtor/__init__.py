"""The pages that customers open by the link in a mail: without an account, a session, a cookie or a script."""

from __future__ import annotations

from web.debtor.views import debtor

__all__ = ["debtor"]
