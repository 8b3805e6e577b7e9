"""The output folder: the record of calls and the files written from it, each whole or not at all, readable by its owner only."""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from . import serial
from .database.bookkeeping import Bookkeeping
from .database.engine import Database
from .database.old_layout import has_old_layout, import_old_layout
from .database.reading import ReadDatabase
from .database.record import Judged, KnownCall
from .errors import InUseError, OutputError, SettingsError
from .names import PLAYED_ENDINGS, printable

__all__ = ["Judged", "KnownCall", "Store", "check_is_out", "existing", "locked", "opened"]

MARKER = ".voicemon"  # a folder with this file in it is an OUT, and is never searched for recordings
DATABASE = "voicemon.db"
REDACTED_MARKER = ".redacted"  # in an OUT that holds nothing personal
FOLDER_MODE, FILE_MODE = 0o700, 0o600
REMEDIES = {
    errno.ENOSPC: "free some space and run the same command again: finished calls are kept",
    errno.EDQUOT: "your disk quota is used up: free some space and run again",
    errno.EROFS: "the disk is read-only: give another OUT",
}
FOLDERS = ("calls", "calls/audio", "agents")


class Store(Bookkeeping):
    """One output folder with its record: a database in it, or the one at ``address`` (``postgresql://…``).

    Methods that write raise :class:`OutputError`; what is missing or foreign reads as ``None``.
    """

    def __init__(self, out: Path, address: str | None = None, kind: type[Database] = Database) -> None:
        super().__init__(kind.at(address) if address else kind.in_file(out / DATABASE))
        self.out = out

    def prepare(self) -> None:
        """Make the folders, the marker and the database.

        Raises :class:`OutputError` when OUT is a file or cannot be written, :class:`SettingsError` when its record is elsewhere.
        """
        with _explained(self.out):
            for folder in (self.out, *(self.out / name for name in FOLDERS)):
                _make_private(folder)
            # Never replaced once it is there: a lock is held on this very file.
            if not (self.out / MARKER).exists():
                (self.out / MARKER).touch(mode=FILE_MODE)
                (self.out / MARKER).chmod(FILE_MODE)
        self.check_place()
        self.database.prepare()
        if not self.database.is_file:
            with _explained(self.out / MARKER):
                (self.out / MARKER).write_text(self.database.name + "\n", encoding="utf-8")

    def check_place(self) -> None:
        """Raise :class:`SettingsError` for another record than that of OUT, of which there is one: calls of the other would be missing."""
        elsewhere = _place_of_record(self.out)
        if self.database.is_file and elsewhere:
            raise SettingsError(f"{printable(self.out)}: its record is kept in {printable(elsewhere)}; "
                                "give that as --store, or another OUT to a command without it")
        if not self.database.is_file and (self.out / DATABASE).is_file():
            raise SettingsError(f"{printable(self.out)}: holds its own record ({DATABASE}); leave out --store, or give another OUT")
        if not self.database.is_file and elsewhere not in ("", self.database.name):
            raise SettingsError(f"{printable(self.out)}: its record is kept in {printable(elsewhere)}, not in {self.database.name}")

    def sweep(self) -> None:
        """Remove what a killed run left half written; only safe while OUT is :func:`locked`."""
        with _explained(self.out):
            for folder in (self.out, *(self.out / name for name in FOLDERS)):
                for leftover in folder.glob(".*.part"):
                    leftover.unlink(missing_ok=True)

    def write(self, relative: str, content: str | bytes | Iterable[bytes]) -> None:
        """Write one file of OUT whole or not at all."""
        with _explained(self.out / relative):
            serial.write_atomically(self.out / relative, content)

    def write_json(self, relative: str, content: Any) -> None:
        self.write(relative, serial.dumps_by_line(content) + "\n")

    def has_report(self, call_id: str) -> bool:
        """Whether all files that a finished call leaves in OUT are there."""
        return all((self.out / name).is_file() for name in _files_of(call_id))

    def drop_reports(self, call_id: str) -> None:
        """Remove the reports of a call that could not be analysed this time: an old result must not pass for a new one."""
        self.drop_judged(call_id)
        with _explained(self.out / "calls"):
            for name in _files_of(call_id):
                (self.out / name).unlink(missing_ok=True)

    def drop_audio(self, call_id: str, but: str) -> None:
        """Remove other copies of a call's sound than ``but`` (its name below ``calls``)."""
        with _explained(self.out / "calls"):
            for ending in PLAYED_ENDINGS:  # a folder of all sounds is not looked through for each call
                if f"audio/{call_id}{ending}" != but:
                    (self.out / f"calls/audio/{call_id}{ending}").unlink(missing_ok=True)

    @property
    def is_redacted(self) -> bool:
        """Whether every call in OUT is without what is personal."""
        return (self.out / REDACTED_MARKER).exists()

    def mark_redacted(self) -> None:
        """Say so, for all later runs."""
        self.write(REDACTED_MARKER, "")

    def drop_files(self, call_ids: Collection[str]) -> None:
        """Remove every file of these calls: reports and the copies of their sound."""
        ids = set(call_ids)
        with _explained(self.out / "calls"):
            for folder in ("calls", "calls/audio"):
                for path in (self.out / folder).iterdir():
                    if path.stem in ids and path.is_file():
                        path.unlink(missing_ok=True)

    def drop_others(self, folder: str, kept: Collection[Path]) -> None:
        """Remove every file of a folder of OUT that is not among ``kept``."""
        with _explained(self.out / folder):
            for path in (self.out / folder).iterdir():
                if path not in kept and path.is_file():
                    path.unlink(missing_ok=True)


def _make_private(folder: Path) -> None:
    """Make a folder for its owner only, whatever the umask. One that is there keeps the mode it was given, unless it is empty."""
    if folder.is_dir() and any(folder.iterdir()):
        return
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(exist_ok=True, mode=FOLDER_MODE)
        missing.chmod(FOLDER_MODE)
    folder.chmod(FOLDER_MODE)


def _files_of(call_id: str) -> tuple[str, str]:
    return f"calls/{call_id}.json", f"calls/{call_id}.html"


@contextmanager
def opened(out: Path, address: str | None = None) -> Iterator[Store]:
    """OUT for one command that writes: made where it is not there, brought up to date, and nobody else's until the block ends."""
    store = Store(out, address)
    store.prepare()
    try:
        with locked(out), store.database.locked():
            store.sweep()
            import_old_layout(store, store.out)
            yield store
    finally:
        store.database.close()


def check_is_out(out: Path) -> None:
    """Raise :class:`SettingsError` when ``out`` is no output folder: a command that makes none must not turn another folder into one."""
    if not (out / DATABASE).is_file() and not has_old_layout(out) and not _place_of_record(out):
        raise SettingsError(f"{printable(out)}: is no OUT of voicemon; run voicemon run FOLDER --out {printable(out)} first")


def existing(out: Path, address: str | None = None) -> Store:
    """OUT for a command that only reads, nothing of which it touches: it may be another user's, or on a read-only disk.

    Raises :class:`SettingsError` when it is none, :class:`SettingsError` or :class:`OutputError` when it is of an older voicemon.
    """
    check_is_out(out)
    if has_old_layout(out):
        raise SettingsError(f"{printable(out)}: was written by an older voicemon; run voicemon judge {printable(out)} once to take it over")
    store = Store(out, address, ReadDatabase)
    store.check_place()
    store.database.prepare()
    return store


def _place_of_record(out: Path) -> str:
    """The name of the database that holds the record of ``out``; empty when that is a file in it."""
    try:
        return (out / MARKER).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold OUT for one run; a second run into it is told so by an :class:`OutputError`. No lock where the system has none."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with ExitStack() as held:
        with _explained(out):  # and no more: what fails while OUT is held may be something else
            handle = held.enter_context(open(out / MARKER, "rb"))
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as err:
                raise InUseError(f"{printable(out)}: another voicemon is writing here; wait for it, or give another OUT") from err
        yield


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the system's errors about writing into an :class:`OutputError` that says what to do."""
    try:
        yield
    except OSError as err:
        remedy = REMEDIES.get(err.errno or 0, "check the path and its permissions, or give another OUT")
        raise OutputError(f"{printable(path)}: cannot be written ({err.strerror or err}); {remedy}") from err
