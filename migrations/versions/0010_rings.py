"""How calls ring in somebody's browser.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "agents",
        sa.Column(
            "ring",
            sa.Enum(
                "double",
                "bell",
                "soft",
                "rising",
                name="ring",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="double",
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("agents", "ring")
