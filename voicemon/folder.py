"""Many calls: what there is to do, what is done already, who does it, and the overview at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from .engines import check_engine, work_through
from .errors import SettingsError
from .finding import Found, Unreadable, find_recordings
from .known_standards import known_standards, standard_named
from .overview import overview
from .pipeline import Analyst, Done, Ear, Job, job_of
from .planning import Plan, gone, make_plan
from .records import FailedCall
from .redact.facts import mask_path
from .report.rows import CallRow
from .resume import FAILED_BEFORE, job_key, passed_over
from .retention import finish_forgetting, older_calls, remove_calls, settle
from .settings import Settings
from .speech.models import find_model
from .store import Store, check_is_out, opened

WORTH_A_WORKER = 100
"""With fewer calls for each, starting a process and loading the packs takes longer than the process saves."""

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


def run(paths: Sequence[Path], out: Path, settings: Settings, make_ear: Callable[[], Ear], progress: Progress) -> RunResult:
    """Analyse all recordings in ``paths`` into ``out``; calls that are done already are skipped.

    Raises :class:`SettingsError` for a path that is not there, :class:`PackError`, :class:`ModelError` before any call is
    touched, and :class:`OutputError` when OUT cannot be written.
    """
    if settings.standard:
        standard_named(settings.standard)
    check_engine(settings)
    model_sha256 = find_model(settings.model).sha256
    found = find_recordings(paths, out)  # before OUT is made: a wrong path must not leave one behind
    with opened(out, settings.store) as store:
        return run_found(found, paths, Analyst(store, settings, make_ear), model_sha256, progress)


def run_found(
    found: Sequence[Found | Unreadable], paths: Sequence[Path], analyst: Analyst, model_sha256: str, progress: Progress
) -> RunResult:
    """:func:`do_found`, then :func:`show`. Raises as :func:`run` does."""
    try:
        result = do_found(found, paths, analyst, model_sha256, progress)
    except KeyboardInterrupt:
        show(analyst.store, analyst.settings)  # what was finished is told all the same
        raise
    return replace(result, rows=show(analyst.store, analyst.settings))


def do_found(
    found: Sequence[Found | Unreadable], paths: Sequence[Path], analyst: Analyst, model_sha256: str, progress: Progress
) -> RunResult:
    """Analyse what was found in ``paths``; the result has no rows. The analyst's OUT must be :func:`voicemon.store.opened`.

    The caller sees to the overview by :func:`show`. Raises as :func:`run` does.
    """
    store, settings = analyst.store, analyst.settings
    _check_redaction(store, settings)
    finish_forgetting(store)
    old = older_calls(store, settings.keep_days) if settings.keep_days is not None else []
    remove_calls(store, old)
    plan = make_plan(found, store, settings, model_sha256)
    for call in plan.failed:
        store.save_failure(call)
    store.drop_failures(gone(plan, paths, store))
    skipped = passed_over(plan.jobs, store, settings)
    outcomes = _all_done([job for job in plan.jobs if job.id not in skipped], analyst, progress)
    return replace(_account(plan, outcomes, skipped), removed=tuple(old))


def show(store: Store, settings: Settings) -> tuple[CallRow, ...]:
    """See to the tables and pages about all calls in OUT, and end what forgetting began; the rows of all calls."""
    rows = overview(store, known_standards(settings.standard), settings.lang)
    settle(store)
    return rows


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
        # A recording that changed and could not be analysed since: its older facts are not of what it is now.
        skipped = {call_id: FAILED_BEFORE for call_id, key in store.failed_keys().items() if key is not None}
        skipped = {call.id: skipped[call.id] for call in known if call.id in skipped}
        to_do = [call.id for call in known if call.id not in skipped]
        settings = replace(settings, workers=min(settings.workers, max(1, len(to_do) // WORTH_A_WORKER)))
        outcomes: dict[str, Done | FailedCall] = {}
        with closing(work_through(_kept_jobs(to_do, store, settings, outcomes), Analyst(store, settings, make_ear))) as work:
            for call_id, outcome in work:
                outcomes[call_id] = _shown(outcome, settings)
                progress(call_id, len(outcomes), len(to_do))
        if settings.redact:
            store.drop_names()
        for outcome in outcomes.values():
            _note(store, outcome)
        result = replace(_account(Plan(len(known), (), (), {}), outcomes, skipped), rows=show(store, settings))
        if settings.redact:
            store.database.clean()
            if not result.failed and not skipped:
                store.mark_redacted()
        return result


def _kept_jobs(call_ids: Sequence[str], store: Store, settings: Settings, unreadable: dict[str, Done | FailedCall]) -> list[Job]:
    """The calls to be judged from their kept facts; those whose facts cannot be read go to ``unreadable``."""
    jobs = []
    for call_id in call_ids:
        facts = store.load_facts(call_id)
        if facts is None:
            unreadable[call_id] = FailedCall(call_id, call_id, "the kept facts cannot be read; run voicemon run again", passing=True)
        else:
            jobs.append(job_of(facts, settings.standard))
    return jobs


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


def _all_done(jobs: Sequence[Job], analyst: Analyst, progress: Progress) -> dict[str, Done | FailedCall]:
    by_id = {job.id: job for job in jobs}
    outcomes: dict[str, Done | FailedCall] = {}
    with closing(work_through(jobs, analyst)) as work:  # stopped in between, the workers end at once
        for call_id, outcome in work:
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


def _account(plan: Plan, outcomes: Mapping[str, Done | FailedCall], skipped: Mapping[str, str]) -> RunResult:
    """What became of all that was found."""
    done = {call_id: outcome for call_id, outcome in outcomes.items() if isinstance(outcome, Done)}
    failed = (*plan.failed, *(o for o in outcomes.values() if isinstance(o, FailedCall)))
    stages_s: dict[str, float] = {}
    for outcome in done.values():
        for stage, seconds in outcome.stages_s.items():
            stages_s[stage] = stages_s.get(stage, 0.0) + seconds
    return RunResult(
        found=plan.found, rows=(), failed=tuple(sorted(failed, key=lambda call: (call.id, call.path))),
        analysed=tuple(sorted(i for i, o in done.items() if o.heard)),
        judged_again=tuple(sorted(i for i, o in done.items() if not o.heard)), skipped=dict(sorted(skipped.items())),
        duplicates=dict(sorted(plan.duplicates.items())), stages_s=stages_s)
