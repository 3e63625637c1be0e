"""The folder in which all processes count together.

Read before the first counter is made: that makes a file there, and a process that finds no folder
would not come up. Somebody may have removed it while the line ran.
"""

import logging
import os
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

log = logging.getLogger(__name__)


def is_shared() -> bool:
    """Whether there is such a folder; one that was removed is made again.

    What runs already counts into files that nobody finds, until it starts again.
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
