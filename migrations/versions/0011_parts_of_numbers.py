"""Tickets by a part of their number, or of the caller's: four digits in a row stand in an index.

Not pg_trgm: this needs no extension, and digits have only ten thousand runs of four.

Revision: 0011, after 0006
"""

from alembic import op

revision = "0011"
down_revision = "0006"
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


def downgrade() -> None:
    for column in ("number", "caller"):
        op.drop_index(f"ix_tickets_{column}_runs", table_name="tickets")
    op.execute("DROP FUNCTION digit_runs(text)")
