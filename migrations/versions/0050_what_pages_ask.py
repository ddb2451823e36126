"""indices for what pages ask most: open amounts by currency, messages that are held, disputes by invoice"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_OPEN = sa.text("status = 'AUTHORISED' AND amount_due > 0")
_HELD = sa.text("status = 'held'")
_RESTS = sa.text("rests")


def upgrade() -> None:
    op.create_index(
        "ix_invoices_open_amounts",
        "invoices",
        ["organisation_id", "currency", "amount_due", "due_on"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_communications_held",
        "communications",
        ["organisation_id", "planned_for"],
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )
    op.create_index(
        "ix_disputes_resting_of_invoice",
        "disputes",
        ["organisation_id", "invoice_id"],
        sqlite_where=_RESTS,
        postgresql_where=_RESTS,
    )


def downgrade() -> None:
    op.drop_index("ix_disputes_resting_of_invoice", "disputes")
    op.drop_index("ix_communications_held", "communications")
    op.drop_index("ix_invoices_open_amounts", "invoices")
