"""Sessions that end on the server, wrong secrets that are counted, tokens with scopes and an end.

Old tokens keep what their role allowed, and live for one more year. Old sessions end.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AGENTS = '["read", "annotate"]'
SUPERVISORS = '["read", "annotate", "announce", "script", "admin"]'


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
            name=op.f("fk_sign_ins_agent_id_agents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_agent_id"), "sign_ins", ["agent_id"])
    op.create_index(op.f("ix_sign_ins_began_at"), "sign_ins", ["began_at"])
    op.create_table(
        "attempts",
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_at"), "attempts", ["at"])
    _widen_tokens()


def _widen_tokens() -> None:
    moment = sa.DateTime(timezone=True)
    scopes = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("api_tokens", sa.Column("scopes", scopes, server_default="[]", nullable=False))
    op.add_column("api_tokens", sa.Column("expires_at", moment))
    op.add_column("api_tokens", sa.Column("used_at", moment))
    op.add_column(
        "api_tokens", sa.Column("refused", sa.Integer(), server_default="0", nullable=False)
    )
    op.execute(
        f"UPDATE api_tokens SET expires_at = now() + interval '1 year', scopes = CASE role "  # noqa: S608
        f"WHEN 'supervisor' THEN '{SUPERVISORS}'::jsonb ELSE '{AGENTS}'::jsonb END"
    )


def downgrade() -> None:
    for name in ("refused", "used_at", "expires_at", "scopes"):
        op.drop_column("api_tokens", name)
    op.drop_table("attempts")
    op.drop_table("sign_ins")
