"""what a credit bureau sent, its own band, a report used again, and how long a score counts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0070"
branch_labels = None
depends_on = None

_COLUMNS = ("provider_least", "provider_band", "raw")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("credit_reports", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("credit_reports", sa.Column("used_from", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_credit_reports_organisation_id_company_id_ordered_on",
        "credit_reports",
        ["organisation_id", "company_id", "ordered_on"],
    )
    op.add_column(
        "organisations", sa.Column("credit_score_months", sa.Integer(), server_default="12", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("organisations", "credit_score_months")
    op.drop_index("ix_credit_reports_organisation_id_company_id_ordered_on", "credit_reports")
    op.drop_column("credit_reports", "used_from")
    for name in reversed(_COLUMNS):
        op.drop_column("credit_reports", name)
