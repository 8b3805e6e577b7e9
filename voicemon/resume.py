"""What of the found recordings is left to do: files that did not change are not read again, calls that are done are not done again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .errors import VoicemonError
from .finding import Found, Unreadable
from .keys import judged_key
from .known_standards import standard_named
from .names import shown_path
from .pipeline import Job
from .remote import is_remote, stamp
from .settings import Settings
from .speech.models import sha256_of
from .store import Store

DONE, FAILED_BEFORE, FORGOTTEN, TOO_OLD = "done already", "failed before", "forgotten", "older than --keep-days"
REMEDIES = {FAILED_BEFORE: "--retry-failed tries again", FORGOTTEN: "--include-forgotten analyses again"}
# A file that was written in this time before it was read may be written again without a new time (FAT counts in steps of 2 s).
STEADY_S = 2.0

Failed = tuple["Found | Unreadable", str]


def hashes_of(found: Sequence[Found | Unreadable], store: Store, keep: bool = True) -> tuple[dict[Path, str], list[Failed]]:
    """The hash of every recording that can be read, and why the others cannot. ``keep``: remember them for the next run."""
    known = store.known_hashes([str(item.path) for item in found if isinstance(item, Found)])
    hashes: dict[Path, str] = {}
    failed: list[Failed] = []
    fresh: dict[str, tuple[str, str]] = {}
    for item in found:
        try:
            if isinstance(item, Unreadable):
                raise VoicemonError(item.reason)
            stamp, steady = _stamp(item.path)
            kept_stamp, sha256 = known.get(str(item.path), ("", ""))
            if kept_stamp != stamp:
                sha256 = sha256_of(item.path)
                if keep and steady and _stamp(item.path)[0] == stamp:
                    fresh[str(item.path)] = (stamp, sha256)
            hashes[item.path] = sha256
        except (VoicemonError, OSError) as err:
            failed.append((item, f"{item.path}: cannot be read ({err.strerror})" if isinstance(err, OSError) else str(err)))
    # The name of a file that was to be forgotten is not kept, not even as a hash.
    forgotten = store.forgotten([sha256 for _, sha256 in fresh.values()])
    store.save_hashes({path: entry for path, entry in fresh.items() if entry[1] not in forgotten})
    return hashes, failed


def passed_over(jobs: Sequence[Job], store: Store, settings: Settings) -> dict[str, str]:
    """Which jobs need no work, by id, and why."""
    told, failed = store.told(), store.failed_keys()
    places = {} if settings.redact else {call.id: call.path for call in store.known_calls()}  # a redacted one is masked
    forgotten = set() if settings.include_forgotten else store.forgotten([job.sha256 for job in jobs])
    reasons: dict[str, str] = {}
    for job in jobs:
        key = job_key(job, settings)
        if settings.keep_days is not None and is_older(job.sidecar.get("started_at"), settings.keep_days):
            reasons[job.id] = TOO_OLD
        elif job.sha256 in forgotten:
            reasons[job.id] = FORGOTTEN
        elif failed.get(job.id) == key and not settings.retry_failed:
            reasons[job.id] = FAILED_BEFORE
        elif (told.get(job.id) == key and job.id not in failed and store.has_report(job.id)
              and places.get(job.id, shown_path(job.path)) == shown_path(job.path)):  # one that was moved is told where it is now
            reasons[job.id] = DONE
    return reasons


def job_key(job: Job, settings: Settings) -> str:
    """Names all that the outcome of a job depends on."""
    return judged_key(job.key, standard_named(job.standard), settings.lang)


def is_older(at: Any, days: int, now: datetime | None = None) -> bool:
    """Whether the ISO 8601 time ``at`` is more than ``days`` ago; what is no time is not. Without a zone it is UTC."""
    if not isinstance(at, str):
        return False
    try:
        then = datetime.fromisoformat(at.replace("Z", "+00:00"))
        aware = then if then.tzinfo else then.replace(tzinfo=timezone.utc)
        return (now or datetime.now(timezone.utc)) - aware > timedelta(days=days)
    except (ValueError, OverflowError):
        return False


def counted(reasons: Mapping[str, str]) -> dict[str, int]:
    """How many were passed over for each reason."""
    values = list(reasons.values())
    return {reason: values.count(reason) for reason in (DONE, FAILED_BEFORE, FORGOTTEN, TOO_OLD) if reason in values}


def _stamp(path: Path) -> tuple[str, bool]:
    """What changes whenever a file does, and whether it is long enough ago that the next change must show."""
    if is_remote(path):
        return stamp(path)
    status = path.stat()
    steady = time.time() - max(status.st_mtime, status.st_ctime) > STEADY_S
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}", steady
