"""Doing many calls with worker processes: the same results in the same order whatever their number, and no fault of a worker costs
more than its call.

A worker that dies is replaced and its call tried once more, alone; one that takes too long is ended, and its call has failed. Workers
end with the process that started them, however that ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from time import monotonic
from typing import Any

from .errors import VoicemonError
from .names import shown_path
from .pipeline import Analyst, Done, Ear, Job
from .records import FailedCall
from .settings import Settings
from .worker import LATE, Worker, signals_held

WATCH_S = 1.0

Outcome = tuple[str, Done | FailedCall]


def work_through(jobs: Sequence[Job], analyst: Analyst) -> Generator[Outcome, None, None]:
    """Yield ``(id, outcome)`` of every job, in order. Without a call limit one worker is this process itself.

    Raises what stops the run (:class:`KeyboardInterrupt`); calls that were in work then are dropped, as if they had not begun.
    """
    settings, crew = analyst.settings, analyst.crew if isinstance(analyst, Keeping) else None
    if settings.workers == 1 and settings.call_limit is None:
        for job in jobs:
            yield job.id, analyst.analyse(job)
        return
    if crew is not None:  # kept, with models for so many threads each, however few calls there are this time
        yield from _in_order(jobs, _by_workers(jobs, analyst.among(settings.workers), crew))
        return
    crew = Crew()
    try:
        yield from _in_order(jobs, _by_workers(jobs, analyst.among(min(settings.workers, max(1, len(jobs)))), crew))
    finally:
        crew.end()


def _in_order(jobs: Sequence[Job], outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    early: dict[str, Done | FailedCall] = {}
    to_come = iter(jobs)
    awaited = next(to_come, None)
    for call_id, outcome in outcomes:
        early[call_id] = outcome
        while awaited is not None and awaited.id in early:
            yield awaited.id, early.pop(awaited.id)
            awaited = next(to_come, None)


class Crew:
    """Worker processes, started as they are needed and kept until they are ended; who dies is replaced at the next call."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def of(self, size: int, analyst: Analyst) -> list[Worker]:
        """So many workers, whose next calls are done for ``analyst``."""
        self._workers += [Worker() for _ in range(size - len(self._workers))]
        for worker in self._workers[:size]:
            worker.analyst = analyst
        return self._workers[:size]

    def end(self, at_once: bool = False) -> None:
        """End all; those that are at work are not waited for."""
        with signals_held():  # a signal while one is ended must not leave the others
            for worker in self._workers:
                worker.end(at_once=at_once or worker.job is not None)


class Keeping(Analyst[Any]):
    """An analyst whose calls are done by ``crew``, which outlives them: the next ones find its models loaded."""

    def __init__(self, store: Any, settings: Settings, make_ear: Callable[[], Ear], crew: Crew) -> None:
        super().__init__(store, settings, make_ear)
        self.crew = crew


def _by_workers(jobs: Sequence[Job], analyst: Analyst, crew: Crew) -> Iterator[Outcome]:
    """Outcomes as they come. What a worker died of may have been the memory all took together: those calls are tried again alone."""
    died: list[Job] = []
    yield from _with_crew(jobs, analyst, crew.of(min(analyst.settings.workers, len(jobs)), analyst), died)
    again, died = died, []
    if again:
        crew.end()
    for job in again:
        yield from _with_crew([job], analyst, crew.of(1, analyst), died)
    for job in died:
        reason = f"{shown_path(job.path)}: the process that analysed it died, twice (out of memory?)"
        yield job.id, analyst.failed(job, VoicemonError(reason))


def _with_crew(jobs: Sequence[Job], analyst: Analyst, crew: Sequence[Worker], died: list[Job]) -> Iterator[Outcome]:
    """Outcomes of these workers; a job whose worker died goes to ``died`` instead. Left early, all that are at work are ended."""
    queue = deque(jobs)
    try:
        while queue or any(worker.job for worker in crew):
            for worker in crew:
                if worker.job is None and queue:
                    worker.give(queue.popleft())
            for worker in _ready(crew):
                job, message = worker.job, worker.heard()
                if job is None or message is None:
                    continue
                if not isinstance(message, str):
                    yield job.id, message
                elif message == LATE:
                    yield job.id, analyst.failed(job, VoicemonError(_late_reason(job, worker.limit_s)))
                else:
                    died.append(job)
    finally:
        with signals_held():
            for worker in crew:
                if worker.job is not None:
                    worker.end(at_once=True)


def _late_reason(job: Job, limit_s: float) -> str:
    return f"{shown_path(job.path)}: not finished within {limit_s / 60:.0f} min and given up; look into the file, or raise --call-limit"


def _ready(crew: Sequence[Worker]) -> list[Worker]:
    """The workers that have something to say, or have no more time."""
    busy = {worker.link: worker for worker in crew if worker.job is not None and worker.link is not None}
    left_s = min((worker.late_at - monotonic() for worker in busy.values()), default=0.0)
    spoken = set(wait(list(busy), timeout=min(WATCH_S, max(0.0, left_s))))
    return [worker for link, worker in busy.items() if link in spoken or monotonic() >= worker.late_at]
