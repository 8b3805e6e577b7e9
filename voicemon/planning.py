"""What there is to do: an id, a sidecar and a key for every recording that was found, and which of them cannot or need not be analysed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import PackError, SidecarError, VoicemonError
from .finding import Found, Unreadable
from .keys import facts_key, redacted_key
from .known_standards import standard_named
from .names import assign_ids, printable, shown_path
from .pipeline import Job
from .records import FailedCall
from .redact.facts import mask_path, masked_paths
from .remote import is_remote, kept_place
from .resume import hashes_of
from .settings import DEFAULT_STANDARD, Settings
from .sidecar import has_sidecar, read_sidecar
from .speech.models import sha256_of
from .store import KnownCall, Store


@dataclass(frozen=True)
class Plan:
    """``found`` counts recordings; each is one of ``jobs``, ``failed`` or ``duplicates`` (its path to the id of the same audio)."""

    found: int
    jobs: tuple[Job, ...]
    failed: tuple[FailedCall, ...]
    duplicates: Mapping[str, str]


def make_plan(found: Sequence[Found | Unreadable], store: Store, settings: Settings, model_sha256: str) -> Plan:
    """Ids, sidecars and keys of all recordings; each that cannot even be read is a failed call."""
    hashes, failed = hashes_of(found, store, keep=not settings.redact)
    readable = [item for item in found if isinstance(item, Found) and item.path in hashes]
    known = _known(store)
    ids = (_masked_ids if settings.redact else _ids)([*readable, *(item for item, _ in failed)], hashes, known)
    copies = _copies(readable, hashes, known)
    jobs: dict[str, Job] = {}
    duplicates = {}
    refused = [FailedCall(ids[item.path], shown_path(item.path), printable(reason)) for item, reason in failed]
    # Of the same audio twice, the recording that has a sidecar is the one to analyse.
    for item in sorted(readable, key=lambda item: (not has_sidecar(item.path), str(item.path))):
        digest = hashes[item.path]
        if digest in jobs or item.path in copies:
            duplicates[shown_path(item.path)] = jobs[digest].id if digest in jobs else copies[item.path]
            continue
        try:
            jobs[digest] = _job(item, ids[item.path], digest, settings, model_sha256)
        except VoicemonError as err:
            refused.append(FailedCall(ids[item.path], shown_path(item.path), printable(err)))
            store.drop_reports(ids[item.path])
    if settings.redact:
        refused = [replace(call, path=mask_path(call.path), reason=mask_path(call.reason)) for call in refused]
        duplicates = {mask_path(path): call for path, call in duplicates.items()}
    return Plan(len(found), tuple(sorted(jobs.values(), key=lambda job: job.id)), tuple(refused), duplicates)


def _copies(found: Sequence[Found], hashes: Mapping[Path, str], known: Sequence[KnownCall]) -> dict[Path, str]:
    """Recordings whose audio is a call already from another place that was not searched now and still holds it."""
    searched = {shown_path(item.path) for item in found}
    first = {call.sha256: call for call in reversed(known) if call.key is not None and call.path not in searched}
    copies = {}
    for item in found:
        call = first.get(hashes[item.path])
        there = kept_place(call.path) if call is not None else None
        if call is not None and there and _holds(there, call.sha256) and has_sidecar(there) >= has_sidecar(item.path):
            copies[item.path] = call.id
    return copies


def _holds(path: Path, sha256: str) -> bool:
    try:
        return path.is_file() and sha256_of(path) == sha256
    except (OSError, VoicemonError):
        return False


def _known(store: Store) -> list[KnownCall]:
    """Calls that have an id: those with facts, and those that failed before."""
    calls = list(store.known_calls())
    ids = {call.id for call in calls}
    return [*calls, *(call for call in store.failed_calls() if call.id not in ids)]


def gone(plan: Plan, paths: Sequence[Path], store: Store) -> list[str]:
    """Failed calls whose recording was in ``paths`` and is there no longer; of a folder that cannot be read nothing is known."""
    here = {job.id for job in plan.jobs} | {call.id for call in plan.failed}
    roots = [shown_path(path if is_remote(path) else Path(os.path.abspath(path))) for path in paths]
    unknown = [call.path for call in plan.failed]
    return [call.id for call in store.failures() if call.id not in here and _within(call.path, roots) and not _within(call.path, unknown)]


def _within(path: str, roots: Sequence[str]) -> bool:
    return any(path == root or path.startswith(os.path.join(root, "")) for root in roots)


def _job(item: Found, call_id: str, digest: str, settings: Settings, model_sha256: str) -> Job:
    sidecar = read_sidecar(item.path)
    standard = settings.standard or sidecar.get("standard") or DEFAULT_STANDARD
    try:
        standard_named(standard)
    except PackError as err:
        if settings.standard:
            raise
        raise SidecarError(f"{printable(item.path)}: its sidecar asks for another standard than there is: {err}") from err
    key = facts_key(digest, sidecar, model_sha256, settings, standard)
    return Job(call_id, item.path, digest, standard, redacted_key(key) if settings.redact else key, sidecar)


def _ids(found: Sequence[Found | Unreadable], hashes: Mapping[Path, str], known: Sequence[KnownCall]) -> dict[Path, str]:
    """An id for every path: the one its audio has in OUT, else the one its path has there, else a new one."""
    by_path = {call.path: call.id for call in known}
    by_hash: dict[str, str] = {}
    for call in known:
        by_hash.setdefault(call.sha256, call.id)
    ids: dict[Path, str] = {}
    given: set[str] = set()
    for item in found:
        # The same path first: of two recordings with the same audio each keeps its own id.
        call_id = by_path.get(shown_path(item.path)) or by_hash.get(hashes.get(item.path, "none"))
        if call_id is not None and call_id not in given:
            ids[item.path] = call_id
            given.add(call_id)
    rest = {item.relative: item.path for item in found if item.path not in ids}
    new = assign_ids(rest, {call.id for call in known})
    return {**ids, **{rest[relative]: call_id for relative, call_id in new.items()}}


def _masked_ids(found: Sequence[Found | Unreadable], hashes: Mapping[Path, str], known: Sequence[KnownCall]) -> dict[Path, str]:
    """Ids as :func:`_ids` gives them, from names without what is personal; a call in OUT is known by its audio alone."""
    relative = masked_paths(item.relative for item in found)
    unnamed = [KnownCall(call.id, "", call.sha256, call.key) for call in known if call.sha256]
    return _ids([replace(item, relative=relative[item.relative]) for item in found], hashes, unnamed)
