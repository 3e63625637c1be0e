"""Announcements, who heard them, calls when an outage is over, and PINs for the telephone.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pin_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("caller", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_attempts")),
    )
    op.create_index(op.f("ix_pin_attempts_at"), "pin_attempts", ["at"], unique=False)
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "switchboard",
                "service",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "template",
            sa.Enum(
                "outage",
                "maintenance",
                name="template",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("text", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sounds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.String(length=120), nullable=True),
        sa.Column(
            "made_how",
            sa.Enum(
                "console",
                "telephone",
                "command",
                "api",
                "window",
                name="made_how",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column(
            "ended_how",
            sa.Enum(
                "console",
                "telephone",
                "command",
                "api",
                "window",
                name="ended_how",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["announcements.id"],
            name=op.f("fk_announcements_replaces_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["agents.id"], name=op.f("fk_announcements_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["agents.id"], name=op.f("fk_announcements_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.UniqueConstraint("uid", name=op.f("uq_announcements_uid")),
    )
    op.create_table(
        "hearings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_hearings_announcement_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_hearings_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearings")),
        sa.UniqueConstraint(
            "announcement_id", "call_id", name=op.f("uq_hearings_announcement_id_call_id")
        ),
    )
    op.create_index(op.f("ix_hearings_call_id"), "hearings", ["call_id"], unique=False)
    op.create_index(
        op.f("ix_hearings_announcement_id_at_id"),
        "hearings",
        ["announcement_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "windows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_windows_announcement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_windows")),
    )
    op.create_index(
        op.f("ix_windows_announcement_id"), "windows", ["announcement_id"], unique=False
    )
    op.add_column("agents", sa.Column("pin", sa.String(length=200), nullable=True))
    op.create_unique_constraint(op.f("uq_agents_pin"), "agents", ["pin"])
    op.add_column(
        "recordings",
        sa.Column("is_announcement", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("recordings", sa.Column("sound", sa.String(length=32), nullable=True))
    op.add_column("recordings", sa.Column("unfit", sa.String(length=20), nullable=True))
    op.add_column(
        "callbacks", sa.Column("language", sa.String(length=2), server_default="pl", nullable=False)
    )
    op.add_column("callbacks", sa.Column("announcement_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "callbacks", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("callbacks", sa.Column("trying_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("callbacks", sa.Column("call_sid", sa.String(length=64), nullable=True))
    op.add_column("callbacks", sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "callbacks",
        sa.Column(
            "outcome",
            sa.Enum(
                "told",
                "texted",
                "unreached",
                name="reached",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.create_index(op.f("ix_callbacks_call_sid"), "callbacks", ["call_sid"], unique=False)
    op.create_index(op.f("ix_callbacks_trying_since"), "callbacks", ["trying_since"], unique=False)
    op.create_index(
        "ix_callbacks_pending",
        "callbacks",
        ["announcement_id"],
        unique=False,
        postgresql_where="announcement_id IS NOT NULL AND outcome IS NULL AND done_at IS NULL",
    )
    op.create_unique_constraint(
        op.f("uq_callbacks_announcement_id_number"), "callbacks", ["announcement_id", "number"]
    )
    op.create_foreign_key(
        op.f("fk_callbacks_announcement_id"),
        "callbacks",
        "announcements",
        ["announcement_id"],
        ["id"],
    )
    op.add_column("calls", sa.Column("callback_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_calls_callback_id"), "calls", ["callback_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_calls_callback_id"), "calls", "callbacks", ["callback_id"], ["id"], use_alter=True
    )
    op.create_index(op.f("ix_recordings_kept_until"), "recordings", ["kept_until"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_recordings_kept_until"), table_name="recordings")
    op.drop_constraint(op.f("fk_calls_callback_id"), "calls", type_="foreignkey")
    op.drop_index(op.f("ix_calls_callback_id"), table_name="calls")
    op.drop_column("calls", "callback_id")
    op.drop_constraint(op.f("fk_callbacks_announcement_id"), "callbacks", type_="foreignkey")
    op.drop_constraint(op.f("uq_callbacks_announcement_id_number"), "callbacks", type_="unique")
    op.drop_index(op.f("ix_callbacks_call_sid"), table_name="callbacks")
    op.drop_index("ix_callbacks_pending", table_name="callbacks")
    op.drop_index(op.f("ix_callbacks_trying_since"), table_name="callbacks")
    op.drop_column("callbacks", "outcome")
    op.drop_column("callbacks", "next_try_at")
    op.drop_column("callbacks", "call_sid")
    op.drop_column("callbacks", "trying_since")
    op.drop_column("callbacks", "attempts")
    op.drop_column("callbacks", "announcement_id")
    op.drop_column("callbacks", "language")
    for column in ("unfit", "sound", "is_announcement"):
        op.drop_column("recordings", column)
    op.drop_column("agents", "pin")
    op.drop_index(op.f("ix_windows_announcement_id"), table_name="windows")
    op.drop_table("windows")
    op.drop_index(op.f("ix_hearings_announcement_id_at_id"), table_name="hearings")
    op.drop_index(op.f("ix_hearings_call_id"), table_name="hearings")
    op.drop_table("hearings")
    op.drop_table("announcements")
    op.drop_index(op.f("ix_pin_attempts_at"), table_name="pin_attempts")
    op.drop_table("pin_attempts")
