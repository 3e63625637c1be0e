"""Topics come from the word files: the database holds them to no list.

Revision: 0015, after 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TOPICS = (
    *("login_locked", "basic_password_forgotten", "both_passwords_forgotten"),
    *("email_change_basic_forgotten", "email_change_both_forgotten", "pesel_exists"),
    *("error_report", "existing_ticket", "about", "outage"),
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_tickets_topic"), "tickets", type_="check")


def downgrade() -> None:
    known = ", ".join(f"'{topic}'" for topic in TOPICS)
    op.create_check_constraint(op.f("ck_tickets_topic"), "tickets", f"topic IN ({known})")
