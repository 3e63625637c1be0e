"""Forms that were sent once are known; names have room for the login that tells namesakes apart.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# People whose names differ in case alone; who else looks alike is told apart with the next change.
NAMESAKES = """
UPDATE agents SET name = name || ' (' || login || ')' WHERE lower(name) IN (
    SELECT lower(name) FROM agents GROUP BY lower(name) HAVING count(*) > 1
)
"""


def upgrade() -> None:
    op.alter_column("agents", "name", type_=sa.String(200), existing_type=sa.String(120))
    op.execute(NAMESAKES)
    op.create_table(
        "sent_forms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_forms")),
        sa.UniqueConstraint("mark", name=op.f("uq_sent_forms_mark")),
    )
    op.create_index(op.f("ix_sent_forms_at"), "sent_forms", ["at"])
    op.create_index(
        "ix_tickets_opened_at_pesel",
        "tickets",
        ["opened_at"],
        postgresql_where=sa.text("pesel IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_opened_at_pesel", "tickets")
    op.drop_table("sent_forms")
    op.execute("UPDATE agents SET name = left(name, 120)")
    op.alter_column("agents", "name", type_=sa.String(120), existing_type=sa.String(200))
