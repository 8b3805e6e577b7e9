"""Calls recomputed from their recordings and held against what OUT says: the same inputs must give the same report."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import __version__
from .errors import RecordingError, SettingsError, VoicemonError
from .hearing import library_versions
from .keys import facts_key
from .known_standards import standard_named
from .names import printable
from .pipeline import Analyst, Ear, Job
from .records import Facts, FailedCall
from .remote import fetched, kept_place
from .settings import Settings
from .sidecar import read_sidecar
from .speech.models import find_model, sha256_of
from .store import Store, existing, opened

AGREES, DIFFERS, GONE, CHANGED, UNABLE = "agrees", "differs", "gone", "changed", "cannot be recomputed"
DEFAULT_SAMPLE = 5
MOST_DIFFERENCES = 20
# What people said later, and versions, which are told as remarks.
NOT_COMPUTED = ("score_reviewed", "made_with.libraries", "made_with.voicemon")
REVIEW = ".review"
NOTHING: Any = object()


@dataclass(frozen=True)
class Check:
    """One call: ``state`` is one of this module's, ``differences`` tell what differs (``path: kept -> found``) or why not."""

    call: str
    state: str
    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.state == AGREES


@dataclass(frozen=True)
class Order:
    """What to verify: ``sample`` calls (0: all); the pack they were judged by where that is not shipped; where the record is kept."""

    sample: int = DEFAULT_SAMPLE
    standard: str | None = None
    store: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class _Ears:
    """A recogniser per settings, loaded when first needed: calls of one OUT mostly share one."""

    make: Callable[[Settings], Ear]
    loaded: dict[Settings, Ear] = field(default_factory=dict)

    def for_settings(self, settings: Settings) -> Ear:
        if settings not in self.loaded:
            self.loaded[settings] = self.make(settings)
        return self.loaded[settings]


def verify(out: Path, order: Order, make_ear: Callable[[Settings], Ear]) -> Iterator[Check]:
    """Recompute calls of ``out`` one after the other; nothing in ``out`` is changed.

    The calls are drawn by a hash of their ids: the same ones every time, and no neighbours. Raises :class:`SettingsError` when
    ``out`` holds no finished call, :class:`PackError` or :class:`ModelError` when what they were made with is not there.
    """
    store, ears = existing(out, order.store), _Ears(make_ear)
    try:
        ids = sorted((call_id for call_id, _ in store.reports()), key=lambda call_id: hashlib.sha256(call_id.encode()).digest())
        if not ids:
            raise SettingsError(f"{printable(out)}: holds no finished calls; run voicemon run FOLDER --out {printable(out)} first")
        for call_id in ids[: order.sample or None]:
            yield _verified(store, call_id, order, ears)
    finally:
        store.database.close()


def _verified(store: Store, call_id: str, order: Order, ears: _Ears) -> Check:
    facts, report = store.load_facts(call_id), store.report(call_id)
    if facts is None or report is None:
        return Check(call_id, UNABLE, ("its facts were kept by another version; run voicemon run again",))
    path = kept_place(facts.call.path)
    try:
        with fetched(path) as local:
            same = sha256_of(local) == facts.call.sha256
    except RecordingError as err:
        return Check(call_id, GONE, (printable(err),))
    except OSError as err:
        return Check(call_id, GONE, (f"{printable(path)}: cannot be read ({err.strerror})",))
    if not same:
        return Check(call_id, CHANGED, (f"{printable(path)}: is not the recording that was analysed (its hash differs)",))
    settings = _settings_of(facts, report, order)
    remarks = tuple(_other_makers(report["made_with"], settings))
    try:
        found = _recomputed(_job(facts, path, settings), settings, lambda: ears.for_settings(settings))
    except VoicemonError as err:
        return Check(call_id, UNABLE, (printable(err),), remarks)
    if isinstance(found, FailedCall):
        return Check(call_id, DIFFERS, (f"could not be analysed now: {found.reason}",), remarks)
    differences = tuple(compare(report, found))
    return Check(call_id, DIFFERS if differences else AGREES, differences, remarks)


def _settings_of(facts: Facts, report: Mapping[str, Any], order: Order) -> Settings:
    """The settings a call was made with, from its receipt; of a pack that is not shipped the receipt knows the name only."""
    made_with = report["made_with"]
    kept = made_with.get("settings") or {}
    named = {name: kept[name] for name in ("agent_channel", "compute_type", "beam_size") if name in kept}
    return Settings(
        standard=order.standard or str(report["call"].get("standard")), model=order.model or str(made_with.get("model")),
        lang=str(made_with.get("lang") or "zh"), redact=facts.redactions is not None, **named)


def _job(facts: Facts, path: Path, settings: Settings) -> Job:
    """The work as ``run`` would give it; the sidecar is the kept one, but for a redacted call, whose kept one is masked."""
    standard_named(str(settings.standard))  # refused here, before anything is heard
    sidecar = read_sidecar(path) if settings.redact else facts.sidecar
    key = facts_key(facts.call.sha256, sidecar, find_model(settings.model).sha256, settings, str(settings.standard))
    return Job(facts.call.id, path, facts.call.sha256, str(settings.standard), key, sidecar)


def _recomputed(job: Job, settings: Settings, make_ear: Callable[[], Ear]) -> Mapping[str, Any] | FailedCall:
    """The call report of a run into a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="voicemon-") as temporary, opened(Path(temporary) / "out") as store:
        outcome = Analyst(store, settings, make_ear).analyse(job)
        if isinstance(outcome, FailedCall):
            return outcome
        return store.report(job.id) or {}


def _other_makers(made_with: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    """Where something else than what is installed here made the report: then a difference is no fault of OUT."""
    if made_with.get("voicemon") != __version__:
        yield f"made by voicemon {printable(made_with.get('voicemon'))}, this is {__version__}"
    for name, kept in sorted((made_with.get("libraries") or {}).items()):
        here = library_versions().get(name)
        if kept != here:
            yield f"made with {printable(name)} {printable(kept)}, here is {here}"
    try:
        digest = standard_named(str(settings.standard)).digest
    except VoicemonError:
        return  # told as what stops the call from being recomputed
    if made_with.get("standard_sha256") not in (None, digest):
        yield f"judged by another edition of {printable(settings.standard)}"


def compare(kept: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two call reports, as ``path: kept -> found``, but for what people added; at most the first twenty."""
    ours, theirs = (dict(_leaves(json.loads(json.dumps(report)), "")) for report in (kept, found))
    names = [name for name in (*ours, *(n for n in theirs if n not in ours)) if not _added(name)]
    differing = [name for name in names if ours.get(name, NOTHING) != theirs.get(name, NOTHING)]
    for name in differing[:MOST_DIFFERENCES]:
        yield f"{printable(name)}: {_shown(ours, name)} -> {_shown(theirs, name)}"
    if len(differing) > MOST_DIFFERENCES:
        yield f"and {len(differing) - MOST_DIFFERENCES} more"


def _added(name: str) -> bool:
    return name.startswith(NOT_COMPUTED) or REVIEW in name


def _shown(leaves: Mapping[str, Any], name: str) -> str:
    """Figures and outcomes as they are; of texts only that they differ, because they may be words of a call."""
    value = leaves.get(name, NOTHING)
    if value is NOTHING:
        return "nothing"
    plain = isinstance(value, int | float | bool) or value is None or name.endswith((".outcome", ".rule", "_sha256")) or "made_with" in name
    return printable(value) if plain else "(other text)"


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path, node
        return
    if not node:
        yield path, "{}" if isinstance(node, dict) else "[]"
    for key, value in items:
        part = str(value["rule"]) if path == "verdicts" and isinstance(value, dict) and "rule" in value else str(key)
        yield from _leaves(value, f"{path}.{part}" if path else part)

