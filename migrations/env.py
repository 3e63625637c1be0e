"""How Alembic connects: in one transaction, under a lock, so that two starts at once do no harm."""

import os

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from migrations import LOCK, server
from models import Base, connecting

ANSWER_SECONDS = 4


def migrate(url: str, lock_s: int) -> None:
    engine = create_engine(url, poolclass=NullPool)
    connecting.once_answered(engine, ANSWER_SECONDS)
    server.check(engine)
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{lock_s}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            transaction_per_migration=False,
        )
        context.run_migrations()


given = context.config.attributes
migrate(given.get("url") or os.environ["DATABASE_URL"], given.get("lock_s", 0))
