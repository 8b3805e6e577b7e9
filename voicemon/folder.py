"""Many calls: what there is to do, what is done already, who does it, and the overview at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import __version__
from .crew import work_through
from .errors import SettingsError, VoicemonError
from .finding import Found, Unreadable, find_recordings
from .judge.standard import Standard
from .names import assign_ids, printable, shown_path
from .overview import write_overview
from .pipeline import Analyst, Done, Ear, Job, judged_key, key_of, redacted_key, shipped_standards, standard_named
from .records import FailedCall
from .redact.facts import mask_path, masked_paths
from .report.rows import CallRow
from .settings import DEFAULT_STANDARD, Settings
from .sidecar import read_sidecar
from .speech.models import find_model, sha256_of
from .store import KnownCall, Store, check_is_out, opened

Progress = Callable[[str, int, int], None]
"""Told of each finished call: its id, how many are finished, how many there are."""


@dataclass(frozen=True)
class RunResult:
    """What a run did. found = analysed + judged again + skipped + failed + duplicates; ``rows`` are of all calls in OUT.

    ``duplicates`` maps a recording that was passed over to the id of the same audio. ``stages_s``: seconds per stage, summed.
    """

    rows: tuple[CallRow, ...]
    failed: tuple[FailedCall, ...]
    analysed: tuple[str, ...]
    judged_again: tuple[str, ...]
    skipped: tuple[str, ...]
    duplicates: Mapping[str, str]
    stages_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return len(self.analysed) + len(self.judged_again) + len(self.skipped) + len(self.failed) + len(self.duplicates)


@dataclass(frozen=True)
class _Plan:
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
        _check_redaction(store, settings)
        plan = _plan(find_recordings(paths, out), store, settings, model_sha256)
        told = store.told()
        done_already = {job.id for job in plan.jobs if _is_done(job, store, settings, told.get(job.id))}
        to_do = [job for job in plan.jobs if job.id not in done_already]
        outcomes = _all_done(to_do, store, settings, make_ear, progress)
        return _finish(store, settings, _masked(plan) if settings.redact else plan, outcomes, sorted(done_already))


def judge_again(out: Path, settings: Settings, make_ear: Callable[[], Ear], progress: Progress) -> RunResult:
    """Judge every call in ``out`` from its kept facts; nothing is recognised. Raises as :func:`run` does."""
    if settings.standard:
        standard_named(settings.standard)
    check_is_out(out)
    with opened(out, settings.store) as store:
        known = list(store.known_calls())
        if not known:
            raise SettingsError(f"{out}: holds no facts of calls; run voicemon run FOLDER --out {out} first")
        analyst = Analyst(store, settings, make_ear)
        outcomes: dict[str, Done | FailedCall] = {}
        for call in known:
            facts = store.load_facts(call.id)
            named = settings.standard or (facts.sidecar.get("standard") if facts else None) or DEFAULT_STANDARD
            outcomes[call.id] = analyst.judge_kept(call.id, named)
            progress(call.id, len(outcomes), len(known))
        result = _finish(store, settings, _Plan((), (), {}), outcomes, [])
        if settings.redact:
            store.database.clean()
            if not result.failed:
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


def _masked(plan: _Plan) -> _Plan:
    return replace(plan, duplicates={mask_path(path): call for path, call in plan.duplicates.items()})


def _plan(found: Iterable[Found | Unreadable], store: Store, settings: Settings, model_sha256: str) -> _Plan:
    """Ids, sidecars and keys of all recordings; each that cannot even be read is a failed call."""
    readable, hashes, failed = [], {}, []
    for item in found:
        try:
            if isinstance(item, Unreadable):
                raise VoicemonError(item.reason)
            hashes[item.path] = sha256_of(item.path)
            readable.append(item)
        except (VoicemonError, OSError) as err:
            reason = f"{item.path}: cannot be read ({err.strerror})" if isinstance(err, OSError) else str(err)
            failed.append((item, reason))
    known = list(store.known_calls())
    ids = (_masked_ids if settings.redact else _ids)([*readable, *(item for item, _ in failed)], hashes, known)
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
    return _Plan(tuple(sorted(jobs.values(), key=lambda job: job.id)), tuple(refused), duplicates)


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
        call_id = by_path.get(shown_path(item.path)) or by_hash.get(hashes.get(item.path, ""))
        if call_id is not None and call_id not in given:
            ids[item.path] = call_id
            given.add(call_id)
    rest = {item.relative: item.path for item in found if item.path not in ids}
    new = assign_ids(rest, {call.id for call in known})
    return {**ids, **{rest[relative]: call_id for relative, call_id in new.items()}}


def _masked_ids(found: Sequence[Found | Unreadable], hashes: Mapping[Path, str], known: Sequence[KnownCall]) -> dict[Path, str]:
    """Ids as :func:`_ids` gives them, from names without what is personal; a call in OUT is known by its audio alone."""
    relative = masked_paths(item.relative for item in found)
    unnamed = [KnownCall(call.id, "", call.sha256, call.key) for call in known]
    return _ids([replace(item, relative=relative[item.relative]) for item in found], hashes, unnamed)


def _is_done(job: Job, store: Store, settings: Settings, told_key: str | None) -> bool:
    """Whether all that this job would write is in OUT already, made from the same things."""
    return told_key == judged_key(job.key, standard_named(job.standard), settings.lang) and store.has_report(job.id)


def _all_done(
    jobs: Sequence[Job], store: Store, settings: Settings, make_ear: Callable[[], Ear], progress: Progress
) -> dict[str, Done | FailedCall]:
    outcomes: dict[str, Done | FailedCall] = {}
    for call_id, outcome in work_through(jobs, Analyst(store, settings, make_ear), settings.workers):
        outcomes[call_id] = outcome
        progress(call_id, len(outcomes), len(jobs))
    return outcomes


def _finish(store: Store, settings: Settings, plan: _Plan, outcomes: Mapping[str, Done | FailedCall], skipped: Sequence[str]) -> RunResult:
    """Write the overview over every call in OUT and give the account of this run."""
    done = {call_id: outcome for call_id, outcome in outcomes.items() if isinstance(outcome, Done)}
    failed = (*plan.failed, *(o for o in outcomes.values() if isinstance(o, FailedCall)))
    if settings.redact:
        failed = tuple(FailedCall(call.id, mask_path(call.path), mask_path(call.reason)) for call in failed)
    failed = tuple(sorted(failed, key=lambda call: (call.id, call.path)))
    store.replace_failures(failed)
    rows = write_overview(store, failed, _standards(settings), settings.lang)
    stages_s: dict[str, float] = {}
    for outcome in done.values():
        for stage, seconds in outcome.stages_s.items():
            stages_s[stage] = stages_s.get(stage, 0.0) + seconds
    return RunResult(
        rows=rows, failed=failed, analysed=tuple(sorted(i for i, o in done.items() if o.heard)),
        judged_again=tuple(sorted(i for i, o in done.items() if not o.heard)), skipped=tuple(sorted(skipped)),
        duplicates=dict(sorted(plan.duplicates.items())), stages_s=stages_s)



def _standards(settings: Settings) -> dict[str, Standard]:
    """Every standard that a report in OUT may name: the shipped ones and the one of this run, by name."""
    own = (standard_named(settings.standard),) if settings.standard else ()
    return {standard.name: standard for standard in (*shipped_standards(), *own)}
