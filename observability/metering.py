"""The folder in which all processes count together.

It is checked before the first counter is created, because a counter creates a file there and a
process without the folder would not start. Somebody may have removed the folder while the line ran.
"""

import logging
import os
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

log = logging.getLogger(__name__)


def is_shared() -> bool:
    """Whether a folder is configured; it is created again if it was removed.

    Running processes still count into the removed files, until they restart.
    """
    if FOLDER not in os.environ:
        return False
    folder = Path(os.environ[FOLDER])
    if folder.is_dir():
        return True
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        log.warning("what processes count is not kept: %s", fault)
        return False
    log.warning("the counters' folder was removed: each process counts again once it is restarted")
    return True


if not is_shared():
    os.environ.pop(FOLDER, None)  # this process counts by itself
