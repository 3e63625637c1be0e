"""Counters of the calls and SMS that leave, so that limits hold over all processes and machines.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outgoing_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "service", "scope", "key", name=op.f("pk_outgoing_counts")),
    )


def downgrade() -> None:
    op.drop_table("outgoing_counts")
