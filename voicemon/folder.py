"""Many calls: what there is to do, what is done already, who does it, and the overview at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import __version__
from .crew import work_through
from .errors import SettingsError, VoicemonError
from .finding import Found, Unreadable, find_recordings
from .names import assign_ids, printable, shown_path
from .overview import overview
from .pipeline import Analyst, Done, Ear, Job, key_of, known_standards, redacted_key, standard_named
from .records import FailedCall
from .redact.facts import mask_path, masked_paths
from .report.rows import CallRow
from .resume import FAILED_BEFORE, hashes_of, job_key, passed_over
from .retention import finish_forgetting, older_calls, remove_calls, settle
from .settings import DEFAULT_STANDARD, Settings
from .sidecar import read_sidecar
from .speech.models import find_model
from .store import KnownCall, Store, check_is_out, opened

Progress = Callable[[str, int, int], None]
"""Told of each finished call: its id, how many are finished, how many there are."""


@dataclass(frozen=True)
class RunResult:
    """What a run did. found = analysed + judged again + skipped + failed + duplicates; ``rows`` are of all calls in OUT.

    ``skipped`` maps the id of a call that was passed over to the reason, ``duplicates`` a recording to the id of the same audio.
    ``removed``: calls forgotten because of their age. ``stages_s``: seconds per stage, summed.
    """

    found: int
    rows: tuple[CallRow, ...]
    failed: tuple[FailedCall, ...]
    analysed: tuple[str, ...]
    judged_again: tuple[str, ...]
    skipped: Mapping[str, str]
    duplicates: Mapping[str, str]
    removed: tuple[str, ...] = ()
    stages_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """How many of those that were found came to an end that is told."""
        return len(self.analysed) + len(self.judged_again) + len(self.skipped) + len(self.failed) + len(self.duplicates)


@dataclass(frozen=True)
class _Plan:
    found: int
    jobs: tuple[Job, ...]
    failed: tuple[FailedCall, ...]
    duplicates: Mapping[str, str]


def run(paths: Sequence[Path], out: Path, settings: Settings, make_ear: Callable[[], Ear], progress: Progress) -> RunResult:
    """Analyse all recordings in ``paths`` into ``out``; calls that are done already are skipped.

    Raises :class:`SettingsError` for a path that is not there, :class:`PackError`, :class:`ModelError` before any call is
    touched, and :class:`OutputError` when OUT cannot be written.
    """
    if settings.standard:
        standard_named(settings.standard)
    model_sha256 = find_model(settings.model).sha256
    with opened(out, settings.store) as store:
        return run_found(find_recordings(paths, out), paths, Analyst(store, settings, make_ear), model_sha256, progress)


def run_found(
    found: Sequence[Found | Unreadable], paths: Sequence[Path], analyst: Analyst, model_sha256: str, progress: Progress
) -> RunResult:
    """Analyse what was found in ``paths``; the analyst's OUT must be :func:`voicemon.store.opened`. Raises as :func:`run` does."""
    store, settings = analyst.store, analyst.settings
    _check_redaction(store, settings)
    finish_forgetting(store)
    old = older_calls(store, settings.keep_days) if settings.keep_days is not None else []
    remove_calls(store, old)
    plan = _plan(found, store, settings, model_sha256)
    for call in plan.failed:
        store.save_failure(call)
    store.drop_failures(_gone(plan, paths, store))
    skipped = passed_over(plan.jobs, store, settings)
    outcomes = _all_done([job for job in plan.jobs if job.id not in skipped], analyst, progress)
    return replace(_finish(store, settings, plan, outcomes, skipped), removed=tuple(old))


def judge_again(out: Path, settings: Settings, make_ear: Callable[[], Ear], progress: Progress) -> RunResult:
    """Judge every call in ``out`` from its kept facts; nothing is recognised. Raises as :func:`run` does."""
    if settings.standard:
        standard_named(settings.standard)
    check_is_out(out)
    with opened(out, settings.store) as store:
        known = list(store.known_calls())
        if not known:
            raise SettingsError(f"{out}: holds no facts of calls; run voicemon run FOLDER --out {out} first")
        finish_forgetting(store)
        analyst = Analyst(store, settings, make_ear)
        # A recording that changed and could not be analysed since: its older facts are not of what it is now.
        skipped = {call_id: FAILED_BEFORE for call_id, key in store.failed_keys().items() if key is not None}
        skipped = {call.id: skipped[call.id] for call in known if call.id in skipped}
        to_do = [call.id for call in known if call.id not in skipped]
        outcomes: dict[str, Done | FailedCall] = {}
        for call_id in to_do:
            facts = store.load_facts(call_id)
            named = settings.standard or (facts.sidecar.get("standard") if facts else None) or DEFAULT_STANDARD
            outcomes[call_id] = _shown(analyst.judge_kept(call_id, named), settings)
            progress(call_id, len(outcomes), len(to_do))
        if settings.redact:
            store.drop_names()
        for outcome in outcomes.values():
            _note(store, outcome)
        result = _finish(store, settings, _Plan(len(known), (), (), {}), outcomes, skipped)
        if settings.redact:
            store.database.clean()
            if not result.failed and not skipped:
                store.mark_redacted()
        return result


def _check_redaction(store: Store, settings: Settings) -> None:
    """An OUT is redacted as a whole or not at all. Raises :class:`SettingsError` for a run that would mix."""
    if store.is_redacted and not settings.redact:
        raise SettingsError(f"{store.out}: holds redacted calls; add --redact, or give another --out")
    if settings.redact and not store.is_redacted:
        if next(iter(store.known_calls()), None) is not None:
            raise SettingsError(f"{store.out}: holds calls that are not redacted; "
                                f"run voicemon judge {store.out} --redact first, or give another --out")
        store.mark_redacted()


def _shown(outcome: Done | FailedCall, settings: Settings) -> Done | FailedCall:
    """What may be told of an outcome."""
    if not settings.redact or not isinstance(outcome, FailedCall):
        return outcome
    return replace(outcome, path=mask_path(outcome.path), reason=mask_path(outcome.reason))


def _plan(found: Sequence[Found | Unreadable], store: Store, settings: Settings, model_sha256: str) -> _Plan:
    """Ids, sidecars and keys of all recordings; each that cannot even be read is a failed call."""
    hashes, failed = hashes_of(found, store, keep=not settings.redact)
    readable = [item for item in found if isinstance(item, Found) and item.path in hashes]
    ids = (_masked_ids if settings.redact else _ids)([*readable, *(item for item, _ in failed)], hashes, _known(store))
    jobs: dict[str, Job] = {}
    duplicates = {}
    refused = [FailedCall(ids[item.path], shown_path(item.path), printable(reason)) for item, reason in failed]
    # Of the same audio twice, the recording that has a sidecar is the one to analyse.
    for item in sorted(readable, key=lambda item: (not item.path.with_suffix(".json").is_file(), str(item.path))):
        digest = hashes[item.path]
        if digest in jobs:
            duplicates[shown_path(item.path)] = jobs[digest].id
            continue
        try:
            jobs[digest] = _job(item, ids[item.path], digest, settings, model_sha256)
        except VoicemonError as err:
            refused.append(FailedCall(ids[item.path], shown_path(item.path), printable(err)))
            store.drop_reports(ids[item.path])
    if settings.redact:
        refused = [replace(call, path=mask_path(call.path), reason=mask_path(call.reason)) for call in refused]
        duplicates = {mask_path(path): call for path, call in duplicates.items()}
    return _Plan(len(found), tuple(sorted(jobs.values(), key=lambda job: job.id)), tuple(refused), duplicates)


def _known(store: Store) -> list[KnownCall]:
    """Calls that have an id: those with facts, and those that failed before."""
    calls = list(store.known_calls())
    ids = {call.id for call in calls}
    return [*calls, *(call for call in store.failed_calls() if call.id not in ids)]


def _gone(plan: _Plan, paths: Sequence[Path], store: Store) -> list[str]:
    """Failed calls whose recording was in ``paths`` and is there no longer."""
    here = {job.id for job in plan.jobs} | {call.id for call in plan.failed}
    roots = [shown_path(Path(os.path.abspath(path))) for path in paths]
    return [call.id for call in store.failures() if call.id not in here
            and any(call.path == root or call.path.startswith(os.path.join(root, "")) for root in roots)]


def _job(item: Found, call_id: str, digest: str, settings: Settings, model_sha256: str) -> Job:
    sidecar = read_sidecar(item.path)
    standard = settings.standard or sidecar.get("standard") or DEFAULT_STANDARD
    standard_named(standard)
    key = key_of(__version__, digest, dict(sidecar), model_sha256, dict(settings.for_hearing()))
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


def _all_done(jobs: Sequence[Job], analyst: Analyst, progress: Progress) -> dict[str, Done | FailedCall]:
    by_id = {job.id: job for job in jobs}
    outcomes: dict[str, Done | FailedCall] = {}
    for call_id, outcome in work_through(jobs, analyst, analyst.settings.workers):
        outcomes[call_id] = _shown(outcome, analyst.settings)
        _note(analyst.store, outcomes[call_id], by_id[call_id], analyst.settings)
        progress(call_id, len(outcomes), len(jobs))
    return outcomes


def _note(store: Store, outcome: Done | FailedCall, job: Job | None = None, settings: Settings | None = None) -> None:
    """Keep at once how a call came out, for a run that is stopped."""
    if isinstance(outcome, FailedCall):
        key = job_key(job, settings) if job and settings and not outcome.passing else None
        store.save_failure(outcome, key, job.sha256 if job else None, job.sidecar.get("agent_id") if job else None)
        return
    store.drop_failures([outcome.id])
    if job and settings and settings.include_forgotten and store.forgotten([job.sha256]):
        store.take_back_forgetting(job.sha256)


def _finish(
    store: Store, settings: Settings, plan: _Plan, outcomes: Mapping[str, Done | FailedCall], skipped: Mapping[str, str]
) -> RunResult:
    """See to the overview over every call in OUT and give the account of this run."""
    done = {call_id: outcome for call_id, outcome in outcomes.items() if isinstance(outcome, Done)}
    failed = (*plan.failed, *(o for o in outcomes.values() if isinstance(o, FailedCall)))
    rows = overview(store, known_standards(settings.standard), settings.lang)
    settle(store)
    stages_s: dict[str, float] = {}
    for outcome in done.values():
        for stage, seconds in outcome.stages_s.items():
            stages_s[stage] = stages_s.get(stage, 0.0) + seconds
    return RunResult(
        found=plan.found, rows=rows, failed=tuple(sorted(failed, key=lambda call: (call.id, call.path))),
        analysed=tuple(sorted(i for i, o in done.items() if o.heard)),
        judged_again=tuple(sorted(i for i, o in done.items() if not o.heard)), skipped=dict(sorted(skipped.items())),
        duplicates=dict(sorted(plan.duplicates.items())), stages_s=stages_s)
