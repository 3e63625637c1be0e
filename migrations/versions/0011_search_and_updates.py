"""Parts of numbers are found by four digits in a row, and announcements have updates.

Not pg_trgm: this needs no extension, and digits have only ten thousand runs of four.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DIGIT_RUNS = """
CREATE FUNCTION digit_runs(written text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(written, at, 4))
    FROM generate_series(1, length(written) - 3) AS at
    WHERE written ~ '^[+]?[0-9]+$'
$$
"""


def upgrade() -> None:
    op.execute(DIGIT_RUNS)
    for column in ("number", "caller"):
        op.execute(
            f"CREATE INDEX ix_tickets_{column}_runs ON tickets "
            f"USING gin (digit_runs(({column})::text)) WITH (fastupdate = off)"
        )
    op.create_table(
        "announcement_updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", postgresql.JSONB(), nullable=False),
        sa.Column("next_word_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_updates_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["agents.id"], name=op.f("fk_announcement_updates_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_updates")),
    )
    op.create_index(
        op.f("ix_announcement_updates_announcement_id"), "announcement_updates", ["announcement_id"]
    )


def downgrade() -> None:
    op.drop_table("announcement_updates")
    for column in ("number", "caller"):
        op.drop_index(f"ix_tickets_{column}_runs", table_name="tickets")
    op.execute("DROP FUNCTION digit_runs(text)")
