"""Caller cards, saved filters, when a ticket was changed last, and who took which call when.

Revision: 0013, after 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    op.create_table(
        "caller_cards",
        _id(),
        sa.Column("caller", sa.String(255), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_cards")),
        sa.UniqueConstraint("caller", name=op.f("uq_caller_cards_caller")),
    )
    op.create_table(
        "caller_card_changes",
        _id(),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["caller_cards.id"],
            name=op.f("fk_caller_card_changes_card_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["agents.id"], name=op.f("fk_caller_card_changes_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_card_changes")),
    )
    op.create_index("ix_caller_card_changes_card_id", "caller_card_changes", ["card_id"])
    op.create_table(
        "saved_filters",
        _id(),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("address", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_saved_filters_agent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("agent_id", "name", name=op.f("uq_saved_filters_agent_id_name")),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.execute(
        "UPDATE tickets t SET changed_at = coalesce("
        "(SELECT max(n.at) FROM ticket_notes n WHERE n.ticket_id = t.id), t.opened_at)"
    )
    op.create_index("ix_tickets_changed_at_id", "tickets", ["changed_at", "id"])
    op.create_index("ix_legs_agent_id_joined_at", "legs", ["agent_id", "joined_at"])


def downgrade() -> None:
    op.drop_index("ix_legs_agent_id_joined_at", table_name="legs")
    op.drop_column("tickets", "changed_at")
    op.drop_table("saved_filters")
    op.drop_table("caller_card_changes")
    op.drop_table("caller_cards")
