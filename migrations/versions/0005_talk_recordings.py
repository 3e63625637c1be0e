"""Recordings of talks: whose consent there is, which talk a recording is of, and pauses.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "calls",
        sa.Column(
            "recording",
            sa.Enum(
                "asked",
                "agreed",
                "refused",
                name="consent",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "talks",
        sa.Column(
            "recording_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    op.add_column("recordings", sa.Column("talk_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_recordings_talk_id"), "recordings", ["talk_id"], unique=False)
    op.create_foreign_key(op.f("fk_recordings_talk_id"), "recordings", "talks", ["talk_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_recordings_talk_id"), "recordings", type_="foreignkey")
    op.drop_index(op.f("ix_recordings_talk_id"), table_name="recordings")
    op.drop_column("recordings", "talk_id")
    op.drop_column("talks", "recording_paused")
    op.drop_column("calls", "recording")
