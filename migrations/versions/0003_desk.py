"""The desk: who takes calls, talks and their legs, drafts, what people decide of a ticket.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", postgresql.BYTEA(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_note_drafts_agent_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_note_drafts_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_drafts")),
        sa.UniqueConstraint(
            "ticket_id", "agent_id", name=op.f("uq_note_drafts_ticket_id_agent_id")
        ),
    )
    op.create_index(op.f("ix_note_drafts_agent_id"), "note_drafts", ["agent_id"], unique=False)
    op.create_table(
        "presences",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "available",
                "on_call",
                "wrapping_up",
                "away",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "away",
            sa.Enum(
                "break",
                "meal",
                "paperwork",
                "training",
                "unanswered",
                "declined",
                "gone",
                "signed_out",
                name="away",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "wish",
            sa.Enum(
                "break",
                "meal",
                "paperwork",
                "training",
                "unanswered",
                "declined",
                "gone",
                "signed_out",
                name="wish",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("wrap_up_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_presences_agent_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_presences_ticket_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_presences")),
    )
    op.create_table(
        "talks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("waiting_id", sa.BigInteger(), nullable=True),
        sa.Column("callback_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_talks_call_id")),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], name=op.f("fk_talks_callback_id")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_talks_ticket_id")),
        sa.ForeignKeyConstraint(["waiting_id"], ["waiting.id"], name=op.f("fk_talks_waiting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talks")),
        sa.UniqueConstraint("room", name=op.f("uq_talks_room")),
        sa.UniqueConstraint("waiting_id", name=op.f("uq_talks_waiting_id")),
    )
    op.create_index(op.f("ix_talks_call_id"), "talks", ["call_id"], unique=False)
    op.create_index(op.f("ix_talks_callback_id"), "talks", ["callback_id"], unique=False)
    op.create_index(
        "ix_talks_now", "talks", ["id"], unique=False, postgresql_where="ended_at IS NULL"
    )
    op.create_index(op.f("ix_talks_ticket_id"), "talks", ["ticket_id"], unique=False)
    op.create_table(
        "legs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("talk_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "take",
                "handover",
                "consult",
                "third",
                "listen",
                "whisper",
                "join",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_sid", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "how",
            sa.Enum(
                "left",
                "declined",
                "unanswered",
                "withdrawn",
                "failed",
                name="ended",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("(agent_id IS NULL) <> (number IS NULL)", name=op.f("ck_legs_somebody")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_legs_agent_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["agents.id"], name=op.f("fk_legs_asked_by_id")),
        sa.ForeignKeyConstraint(["talk_id"], ["talks.id"], name=op.f("fk_legs_talk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legs")),
        sa.UniqueConstraint("call_sid", name=op.f("uq_legs_call_sid")),
    )
    op.create_index(op.f("ix_legs_talk_id"), "legs", ["talk_id"], unique=False)
    op.create_index(
        "uq_legs_agent_now", "legs", ["agent_id"], unique=True, postgresql_where="ended_at IS NULL"
    )
    op.create_index(
        "uq_legs_offered_now",
        "legs",
        ["talk_id"],
        unique=True,
        postgresql_where="ended_at IS NULL AND purpose = 'take'",
    )
    op.add_column(
        "agents",
        sa.Column(
            "languages",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default='["pl"]',
            nullable=False,
        ),
    )
    op.add_column(
        "agents",
        sa.Column(
            "topics", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
    )
    op.add_column(
        "agents",
        sa.Column(
            "device",
            sa.Enum(
                "browser",
                "number",
                "sip",
                name="device",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="browser",
            nullable=False,
        ),
    )
    op.add_column("agents", sa.Column("address", sa.String(length=255), nullable=True))
    op.add_column(
        "agents",
        sa.Column("shortcuts", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("callbacks", sa.Column("waited_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("resolution", sa.String(length=40), nullable=True))
    op.add_column("tickets", sa.Column("assigned_to_id", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_tickets_assigned_to_id"), "tickets", ["assigned_to_id"], unique=False)
    op.create_index(op.f("ix_tickets_merged_into_id"), "tickets", ["merged_into_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_tickets_assigned_to_id"), "tickets", "agents", ["assigned_to_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_tickets_merged_into_id"), "tickets", "tickets", ["merged_into_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tickets_merged_into_id"), "tickets", type_="foreignkey")
    op.drop_constraint(op.f("fk_tickets_assigned_to_id"), "tickets", type_="foreignkey")
    op.drop_index(op.f("ix_tickets_merged_into_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_assigned_to_id"), table_name="tickets")
    op.drop_column("tickets", "version")
    op.drop_column("tickets", "merged_into_id")
    op.drop_column("tickets", "assigned_to_id")
    op.drop_column("tickets", "resolution")
    op.drop_column("callbacks", "waited_since")
    op.drop_column("agents", "shortcuts")
    op.drop_column("agents", "address")
    op.drop_column("agents", "device")
    op.drop_column("agents", "topics")
    op.drop_column("agents", "languages")
    op.drop_index(
        "uq_legs_offered_now",
        table_name="legs",
        postgresql_where="ended_at IS NULL AND purpose = 'take'",
    )
    op.drop_index("uq_legs_agent_now", table_name="legs", postgresql_where="ended_at IS NULL")
    op.drop_index(op.f("ix_legs_talk_id"), table_name="legs")
    op.drop_table("legs")
    op.drop_index(op.f("ix_talks_ticket_id"), table_name="talks")
    op.drop_index("ix_talks_now", table_name="talks", postgresql_where="ended_at IS NULL")
    op.drop_index(op.f("ix_talks_callback_id"), table_name="talks")
    op.drop_index(op.f("ix_talks_call_id"), table_name="talks")
    op.drop_table("talks")
    op.drop_table("presences")
    op.drop_index(op.f("ix_note_drafts_agent_id"), table_name="note_drafts")
    op.drop_table("note_drafts")
