"""Finding tickets by the words of their notes; whose tickets somebody sees to, newest first.

Revision: 0004, after 0003

The words are kept by triggers, so that whoever writes a note, old release or new, is found.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS_OF = """
CREATE FUNCTION words_of(given text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{}')
    FROM regexp_split_to_table(lower(unaccent(normalize(given, NFC))), '[^[:alnum:]]+') AS word
    WHERE word <> ''
$$
"""
WEEK_OF = """
CREATE FUNCTION week_of(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(extract(epoch FROM moment) / 604800)::int::text
$$
"""
MARKS_OF = """
CREATE FUNCTION marks_of(ticket tickets) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(week_of(ticket.opened_at) || mark)
    FROM unnest(ARRAY[
        '/s' || ticket.status, '/t' || ticket.topic, '/k' || ticket.kind,
        '/l' || ticket.language, '/a' || ticket.assigned_to_id, '/c' || md5(ticket.caller)
    ]) AS mark
    WHERE mark IS NOT NULL
$$
"""
NOTE_WRITTEN = """
CREATE FUNCTION note_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE about tickets;
BEGIN
    SELECT * INTO about FROM tickets WHERE id = NEW.ticket_id FOR NO KEY UPDATE;
    INSERT INTO ticket_words AS kept (ticket_id, opened_at, words)
    SELECT about.id, about.opened_at, array_to_tsvector(marks_of(about) || array_agg(
        week_of(about.opened_at) || word
    ))
    FROM unnest(words_of(NEW.text)) AS word
    HAVING count(*) > 0
    ON CONFLICT (ticket_id) DO UPDATE SET words = kept.words || excluded.words;
    RETURN NULL;
END
$$
"""
TICKET_CHANGED = """
CREATE FUNCTION ticket_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ticket_words
    SET words = ts_delete(words, marks_of(OLD)) || array_to_tsvector(marks_of(NEW))
    WHERE ticket_id = NEW.id;
    RETURN NULL;
END
$$
"""
TRIGGERS = (
    """
CREATE TRIGGER note_words AFTER INSERT ON ticket_notes
FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION note_words()
""",
    """
CREATE TRIGGER ticket_marks AFTER UPDATE ON tickets
FOR EACH ROW WHEN (
    (OLD.status, OLD.topic, OLD.kind, OLD.language, OLD.assigned_to_id, OLD.caller)
    IS DISTINCT FROM
    (NEW.status, NEW.topic, NEW.kind, NEW.language, NEW.assigned_to_id, NEW.caller)
) EXECUTE FUNCTION ticket_marks()
""",
)
WRITTEN_BEFORE = """
INSERT INTO ticket_words (ticket_id, opened_at, words)
SELECT about.id, about.opened_at,
       array_to_tsvector(marks_of(about) || array_agg(DISTINCT week_of(about.opened_at) || word))
FROM tickets AS about
JOIN ticket_notes AS note ON note.ticket_id = about.id
CROSS JOIN LATERAL unnest(words_of(note.text)) AS word
GROUP BY about.id
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_ticket_words_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_words")),
    )
    for statement in (WORDS_OF, WEEK_OF, MARKS_OF, NOTE_WRITTEN, TICKET_CHANGED, WRITTEN_BEFORE):
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.create_index(
        op.f("ix_ticket_words_words"),
        "ticket_words",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    for statement in TRIGGERS:
        op.execute(statement)
    op.drop_index(op.f("ix_tickets_assigned_to_id"), table_name="tickets")
    op.create_index(
        op.f("ix_tickets_assigned_to_id_opened_at_id_status_topic_kind_language"),
        "tickets",
        ["assigned_to_id", "opened_at", "id", "status", "topic", "kind", "language"],
        postgresql_where="assigned_to_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_tickets_assigned_to_id_opened_at_id_status_topic_kind_language"),
        table_name="tickets",
        postgresql_where="assigned_to_id IS NOT NULL",
    )
    op.create_index(op.f("ix_tickets_assigned_to_id"), "tickets", ["assigned_to_id"])
    op.execute("DROP TRIGGER ticket_marks ON tickets")
    op.execute("DROP TRIGGER note_words ON ticket_notes")
    op.execute("DROP FUNCTION ticket_marks(), note_words(), marks_of(tickets)")
    op.execute("DROP FUNCTION week_of(timestamptz), words_of(text)")
    op.drop_table("ticket_words")
    op.execute("DROP EXTENSION IF EXISTS unaccent")
