"""`python -m migrations "what changes"` writes the next revision: the models less the history.

It works on a database of its own, made for the moment. Read what it wrote before you commit it.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

import migrations
from installation.home import Home


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="centrala-migration-") as folder:
        home = Home(Path(folder) / "home")
        with home.servers(redis=False, durable=False):
            config = migrations.config(home.database_url)
            migrations.upgrade(home.database_url)
            written = len(list(ScriptDirectory.from_config(config).walk_revisions()))
            name = f"{written + 1:04}"
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=name)
            migrations.upgrade(home.database_url)
            command.check(config)


if __name__ == "__main__":
    main()
