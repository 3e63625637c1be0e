"""The spool keeps what the database could not, through kills, damage and full disks."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callcenter.offline.spool import RecordRefused, Spool
from callcenter.offline.spool_files import is_at
from callcenter.privacy import encryption
from config import Settings


@pytest.fixture(autouse=True)
def key(settings: Settings) -> None:
    encryption.bind(settings.data_key)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path)) as spool:
        yield spool


def drained(spool: Spool) -> list[bytes]:
    records: list[bytes] = []
    spool.drain(records.append)
    return records


def test_what_was_kept_comes_back_once_and_in_order(spool: Spool) -> None:
    assert all(spool.keep(f"record {number}".encode()) for number in range(50))
    assert drained(spool) == [f"record {number}".encode() for number in range(50)]
    assert drained(spool) == []
    assert spool.keep(b"later")
    assert drained(spool) == [b"later"]


def test_nothing_lies_in_clear(tmp_path: Path, spool: Spool) -> None:
    spool.keep(b"PESEL 44051401359")
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*.spool"))
    assert written
    assert b"44051401359" not in written


def test_a_fault_while_performing_keeps_everything(spool: Spool) -> None:
    spool.keep(b"one")
    spool.keep(b"two")

    def fails(record: bytes) -> None:
        raise ConnectionError(record)

    with pytest.raises(ConnectionError):
        spool.drain(fails)
    assert drained(spool) == [b"one", b"two"]


def test_a_damaged_tail_is_put_aside_and_the_rest_is_kept(tmp_path: Path, spool: Spool) -> None:
    spool.keep(b"whole")
    spool.keep(b"torn")
    file = next(tmp_path.rglob("*.spool"))
    file.write_bytes(file.read_bytes()[:-20])
    assert drained(spool) == [b"whole"]
    assert (tmp_path / "spool" / "damaged.lines").read_bytes().count(b"\n") == 1


ANOTHER_KEY = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="


def restarted(spool: Spool, home: Path, data_key: str) -> Spool:
    """The spool of the next process, which has this key."""
    spool.close()
    encryption.bind(data_key)
    return Spool(home)


def test_what_another_key_sealed_stays_and_comes_home_with_that_key(
    tmp_path: Path, spool: Spool, settings: Settings
) -> None:
    for record in (b"one", b"two"):
        spool.keep(record)
    another = restarted(spool, tmp_path, ANOTHER_KEY)
    for _ in range(2):
        assert drained(another) == []
    assert (another.waiting(), another.unopened(), another.state()) == (1, 2, "sealed")
    another.keep(b"meanwhile")
    assert another.state() == "waiting"
    assert drained(another) == [b"meanwhile"]
    assert another.put_aside() == {}
    right = restarted(another, tmp_path, settings.data_key)
    assert right.unopened() == 0
    assert drained(right) == [b"one", b"two"]
    assert (right.waiting(), right.state()) == (0, "ok")


def test_of_two_keys_in_a_file_each_opens_its_own(
    tmp_path: Path, spool: Spool, settings: Settings
) -> None:
    spool.keep(b"ours")
    another = restarted(spool, tmp_path, ANOTHER_KEY)
    another.keep(b"theirs")
    another.close()
    lines = b"".join(file.read_bytes() for file in tmp_path.rglob("*.spool"))
    for file in tmp_path.rglob("*.spool"):
        file.unlink()
    (tmp_path / "spool" / "again.spool").write_bytes(lines)
    assert drained(another) == [b"theirs"]
    assert drained(another) == []
    right = restarted(another, tmp_path, settings.data_key)
    assert drained(right) == [b"ours"]
    assert right.waiting() == 0


def test_who_opened_a_file_that_another_rewrote_leaves_it(
    tmp_path: Path, spool: Spool, settings: Settings
) -> None:
    """What remained in it is in the new file of this name, and the old one is nobody's."""
    spool.keep(b"ours")
    another = restarted(spool, tmp_path, ANOTHER_KEY)
    (path,) = tmp_path.rglob("*.spool")
    path.write_bytes(path.read_bytes() + encryption.seal(b"theirs") + b"\n")
    with path.open("rb") as opened:
        assert drained(another) == [b"theirs"]
        assert not is_at(opened, path)
    assert drained(restarted(another, tmp_path, settings.data_key)) == [b"ours"]


def test_what_was_put_aside_under_another_key_is_tried_again_at_a_start(
    tmp_path: Path, spool: Spool, settings: Settings
) -> None:
    spool.keep(b"eaten")
    spool.close()
    (file,) = tmp_path.rglob("*.spool")
    damaged = file.with_name("damaged.lines")
    damaged.write_bytes(file.read_bytes() + b"torn\n")
    file.unlink()
    right = restarted(spool, tmp_path, settings.data_key)
    assert right.waiting() == 1
    assert drained(right) == [b"eaten"]
    assert right.put_aside() == {"damaged.lines": 1}
    assert (right.waiting(), right.state()) == (0, "put aside")
    assert drained(right) == []
    assert damaged.read_bytes() == b"torn\n"


def _keep_and_wait(home: Path, data_key: str) -> None:
    encryption.bind(data_key)
    spool = Spool(home)
    spool.keep(b"from the other process")
    (home / "kept").touch()
    signal.pause()


def test_a_living_process_keeps_its_file_and_a_dead_one_is_inherited(
    tmp_path: Path, spool: Spool, settings: Settings
) -> None:
    start = multiprocessing.get_context("spawn").Process
    other = start(target=_keep_and_wait, args=(tmp_path, settings.data_key))
    other.start()
    until = time.monotonic() + 20
    while not (tmp_path / "kept").exists() and time.monotonic() < until:
        other.join(0.05)
    assert drained(spool) == []
    assert spool.waiting() == 1
    assert other.pid
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    assert drained(spool) == [b"from the other process"]
    assert spool.waiting() == 0


def test_a_full_file_takes_nothing_more_and_says_so(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.offline.spool.LARGEST_FILE", 400)
    assert spool.keep(b"x" * 100)
    assert not spool.keep(b"y" * 100)
    assert drained(spool) == [b"x" * 100]


def test_the_whole_folder_is_bounded(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spool.keep(b"x" * 100)
    monkeypatch.setattr("callcenter.offline.spool.LARGEST_FOLDER", spool.size().bytes + 10)
    assert not spool.keep(b"y" * 100)
    assert spool.state() == "failing"
    assert spool.size().records == 1


def test_a_disk_that_fills_in_the_middle_of_a_record_tears_none(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    assert spool.keep(b"before")
    with monkeypatch.context() as full:
        full.setattr("os.write", lambda file, line: real(file, line[:20]))
        assert not spool.keep(b"torn")
    assert spool.keep(b"after")
    assert drained(spool) == [b"before", b"after"]


def test_a_record_that_nobody_can_perform_does_not_stop_the_others(
    tmp_path: Path, spool: Spool
) -> None:
    for record in (b"one", b"poison", b"two"):
        spool.keep(record)
    performed: list[bytes] = []

    def perform(record: bytes) -> None:
        if record == b"poison":
            raise RecordRefused
        performed.append(record)

    assert spool.drain(perform) == 2
    assert performed == [b"one", b"two"]
    assert (tmp_path / "spool" / "refused.lines").read_bytes().count(b"\n") == 1
    assert spool.put_aside() == {"refused.lines": 1}
    assert spool.state() == "put aside"


def keep_meanwhile(spool: Spool) -> None:
    assert spool.keep(b"meanwhile")


def test_records_are_kept_while_others_are_brought_home_and_no_file_stays_open(
    spool: Spool,
) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - descriptors are no paths
    for _ in range(3):
        spool.keep(b"first")
        spool.drain(lambda _record: keep_meanwhile(spool))
        assert drained(spool) == [b"meanwhile"]
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_disk_that_cannot_be_written_is_no_fault_for_the_caller(
    tmp_path: Path, spool: Spool
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    assert not spool.keep(b"record")
