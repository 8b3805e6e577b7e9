"""Doing many jobs with one or more processes: the same results in any case, and a worker that dies costs only its call."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from .names import shown_path
from .pipeline import Analyst, Done, Job
from .records import FailedCall

WAITING_PER_WORKER = 2

Outcome = tuple[str, Done | FailedCall]


def work_through(jobs: Sequence[Job], analyst: Analyst, workers: int) -> Iterator[Outcome]:
    """Yield ``(id, outcome)`` of every job as it is finished; with one worker in this process, else in ``workers`` others."""
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            yield job.id, analyst.analyse(job)
        return
    left = list(jobs)
    while left:
        suspects: list[Job] = []
        for outcome in _in_pool(left, analyst, workers, suspects):
            yield outcome
            left = [job for job in left if job.id != outcome[0]]
        if left and not suspects:
            suspects = left[:1]  # the pool broke before it took a job
        # Whoever was in work when a worker died is tried again alone: the one that kills it again is to blame.
        for job in suspects if left else ():
            yield job.id, _alone(job, analyst)
            left = [other for other in left if other.id != job.id]


def _in_pool(jobs: Sequence[Job], analyst: Analyst, workers: int, suspects: list[Job]) -> Iterator[Outcome]:
    """Outcomes of a pool until all are done or it breaks; then ``suspects`` holds the jobs that were in work."""
    queue = list(reversed(jobs))
    running: dict[Future[Done | FailedCall], Job] = {}
    with _pool(analyst, workers) as pool:
        try:
            while queue or running:
                while queue and len(running) < workers * WAITING_PER_WORKER:
                    running[pool.submit(_do, queue[-1])] = queue[-1]
                    queue.pop()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    yield running.pop(future).id, outcome
        except BrokenProcessPool:
            suspects += running.values()


def _alone(job: Job, analyst: Analyst) -> Done | FailedCall:
    try:
        with _pool(analyst, 1) as pool:
            return pool.submit(_do, job).result()
    except BrokenProcessPool:
        reason = f"{shown_path(job.path)}: the process that analysed it died (out of memory?); run with fewer --workers"
        return FailedCall(job.id, shown_path(job.path), reason)


def _pool(analyst: Analyst, workers: int) -> ProcessPoolExecutor:
    # Spawned, not forked: CTranslate2's and OpenMP's threads do not survive a fork.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _Worker.start, (analyst,))


class _Worker:
    """The analyst of this worker process; set once, when the process starts."""

    analyst: Analyst | None = None

    @classmethod
    def start(cls, analyst: Analyst) -> None:
        cls.analyst = analyst


def _do(job: Job) -> Done | FailedCall:
    if _Worker.analyst is None:
        raise RuntimeError("a worker was started without its analyst")
    return _Worker.analyst.analyse(job)
