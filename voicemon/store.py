"""The output folder: kept facts and finished reports, each file written whole or not at all, readable by its owner only."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

from . import serial
from .errors import OutputError
from .names import SIDE_FILES, printable
from .records import Facts, FailedCall, Score, Verdict

MARKER = ".voicemon"  # a folder with this file in it is an OUT, and is never searched for recordings
FOLDER_MODE = 0o700
REMEDIES = {
    errno.ENOSPC: "free some space and run the same command again: finished calls are kept",
    errno.EDQUOT: "your disk quota is used up: free some space and run again",
    errno.EROFS: "the disk is read-only: give another --out",
}
FOLDERS = ("facts", "calls", "calls/audio", "agents")


@dataclass(frozen=True)
class Judged:
    """A kept judgement. ``key`` names everything it depends on, so that an unchanged call need not be judged again."""

    key: str
    standard: str
    standard_version: str
    verdicts: tuple[Verdict, ...]
    score: Score
    made_with: Mapping[str, Any]


@dataclass(frozen=True)
class KnownCall:
    """A call whose facts are kept in OUT: what is needed to recognise it without reading its facts whole."""

    id: str
    path: str
    sha256: str
    key: str | None


class Store:
    """One output folder. Methods that write raise :class:`OutputError`; what is missing or foreign reads as ``None``."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def prepare(self) -> None:
        """Make the folders and the marker. Raises :class:`OutputError` when OUT is a file or cannot be written."""
        with _explained(self.out):
            for folder in (self.out, *(self.out / name for name in FOLDERS)):
                folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            # Never replaced once it is there: a lock is held on this very file.
            (self.out / MARKER).touch(mode=0o600)

    def sweep(self) -> None:
        """Remove what a killed run left half written; only safe while OUT is :func:`locked`."""
        with _explained(self.out):
            for folder in (self.out, *(self.out / name for name in FOLDERS)):
                for leftover in folder.glob(".*.part"):
                    leftover.unlink(missing_ok=True)

    def write(self, relative: str, content: str | bytes) -> None:
        """Write one file of OUT whole or not at all."""
        with _explained(self.out / relative):
            serial.write_atomically(self.out / relative, content)

    def write_json(self, relative: str, content: Any) -> None:
        self.write(relative, serial.dumps(content) + "\n")

    def known_calls(self) -> Iterator[KnownCall]:
        """Every call with facts in OUT, by id; facts that cannot be read are passed over and heard again."""
        for path in sorted((self.out / "facts").glob("*.json")):
            if path.stem.endswith(SIDE_FILES):
                continue
            plain = _read_json(path)
            try:
                yield KnownCall(path.stem, plain["call"]["path"], plain["call"]["sha256"], plain["hearing"].get("key"))
            except (TypeError, KeyError, AttributeError):
                continue

    def load_facts(self, call_id: str) -> Facts | None:
        return self._load(f"facts/{call_id}.json", Facts)

    def save_facts(self, facts: Facts) -> None:
        self.write_json(f"facts/{facts.call.id}.json", serial.to_plain(facts))

    def load_judged(self, call_id: str) -> Judged | None:
        return self._load(f"facts/{call_id}.verdicts.json", Judged)

    def save_judged(self, call_id: str, judged: Judged) -> None:
        self.write_json(f"facts/{call_id}.verdicts.json", serial.to_plain(judged))

    def load_probes(self, call_id: str) -> dict[str, float | None]:
        kept = _read_json(self.out / f"facts/{call_id}.probes.json")
        return kept if isinstance(kept, dict) else {}

    def save_probes(self, call_id: str, answers: Mapping[str, float | None]) -> None:
        self.write_json(f"facts/{call_id}.probes.json", dict(answers))

    def load_media(self, call_id: str) -> dict[str, Any]:
        kept = _read_json(self.out / f"facts/{call_id}.media.json")
        return kept if isinstance(kept, dict) else {}

    def save_media(self, call_id: str, media: Mapping[str, Any]) -> None:
        self.write_json(f"facts/{call_id}.media.json", dict(media))

    def has_report(self, call_id: str) -> bool:
        """Whether all that a finished call leaves in OUT is there."""
        return all((self.out / name).is_file() for name in (f"calls/{call_id}.json", f"calls/{call_id}.html"))

    def drop_reports(self, call_id: str) -> None:
        """Remove the reports of a call that could not be analysed this time: an old result must not pass for a new one."""
        with _explained(self.out / "calls"):
            for name in (f"calls/{call_id}.json", f"calls/{call_id}.html", f"facts/{call_id}.verdicts.json"):
                (self.out / name).unlink(missing_ok=True)

    def reports(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """``(id, call report as JSON)`` of every finished call, by id, one at a time."""
        for path in sorted((self.out / "calls").glob("*.json")):
            plain = self.report(path.stem)
            if plain is not None:
                yield path.stem, plain

    def report(self, call_id: str) -> dict[str, Any] | None:
        """The call report of one finished call."""
        plain = _read_json(self.out / f"calls/{call_id}.json")
        return plain if isinstance(plain, dict) else None

    def write_failed(self, failed: tuple[FailedCall, ...]) -> None:
        self.write_json("failed.json", [serial.to_plain(call) for call in failed])

    def _load(self, relative: str, kind: type[Any]) -> Any:
        plain = _read_json(self.out / relative)
        if not isinstance(plain, dict):
            return None
        try:
            return serial.from_plain(plain, kind)
        except (cattrs.BaseValidationError, TypeError, KeyError, ValueError):
            return None  # written by another version: heard or judged again


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold OUT for one run; a second run into it is told so by an :class:`OutputError`. No lock where the system has none."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with _explained(out), open(out / MARKER, "rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise OutputError(f"{out}: another voicemon is writing here; wait for it, or give another --out") from err
        yield


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the system's errors about writing into an :class:`OutputError` that says what to do."""
    try:
        yield
    except OSError as err:
        remedy = REMEDIES.get(err.errno or 0, "check the path and its permissions, or give another --out")
        raise OutputError(f"{printable(path)}: cannot be written ({err.strerror or err}); {remedy}") from err
