"""The accounts of a run are printed in its end, and written down where the run says so."""

import os

import pytest

from tests.faults import report
from tests.faults.account import Account

ACCOUNTS = pytest.StashKey[list[Account]]()


@pytest.fixture(scope="session")
def accounts(pytestconfig: pytest.Config) -> list[Account]:
    """What was found, of all faults so far."""
    return pytestconfig.stash.setdefault(ACCOUNTS, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    accounts = config.stash.get(ACCOUNTS, [])
    if accounts:
        terminalreporter.section("faults")
        terminalreporter.write(report.table(accounts))
        for one in accounts:
            for discrepancy in one.discrepancies:
                terminalreporter.write_line(f"{one.fault}: {discrepancy}")
    if os.environ.get("FAULTS_REPORT"):
        report.write(accounts)
