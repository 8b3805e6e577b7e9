"""Doing many calls with worker processes: the same results in the same order whatever their number, and no fault of a worker costs
more than its call.

A worker that dies is replaced and its call tried once more, alone; one that takes too long is ended, and its call has failed. Workers
end with the process that started them, however that ends.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from .collector import collect_rarely
from .errors import VoicemonError
from .names import shown_path
from .pipeline import Analyst, Done, Job
from .records import FailedCall

GRACE_S = 300.0
"""What every call may take whatever its length: decoding, loading the model, writing."""
WATCH_S = 1.0
ENDING_S = 2.0
STARTS_TRIED = 3
PR_SET_PDEATHSIG = 1  # prctl(2)

Outcome = tuple[str, Done | FailedCall]


def work_through(jobs: Sequence[Job], analyst: Analyst) -> Generator[Outcome, None, None]:
    """Yield ``(id, outcome)`` of every job, in order. Without a call limit one worker is this process itself.

    Raises what stops the run (:class:`KeyboardInterrupt`); calls that were in work then are dropped, as if they had not begun.
    """
    settings = analyst.settings
    if settings.workers == 1 and settings.call_limit is None:
        for job in jobs:
            yield job.id, analyst.analyse(job)
        return
    yield from _in_order(jobs, _by_workers(jobs, analyst.among(min(settings.workers, max(1, len(jobs))))))


def _in_order(jobs: Sequence[Job], outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    early: dict[str, Done | FailedCall] = {}
    to_come = iter(jobs)
    awaited = next(to_come, None)
    for call_id, outcome in outcomes:
        early[call_id] = outcome
        while awaited is not None and awaited.id in early:
            yield awaited.id, early.pop(awaited.id)
            awaited = next(to_come, None)


def _by_workers(jobs: Sequence[Job], analyst: Analyst) -> Iterator[Outcome]:
    """Outcomes as they come. What a worker died of may have been the memory all took together: those calls are tried again alone."""
    died: list[Job] = []
    yield from _with_crew(jobs, analyst, analyst.settings.workers, died)
    again, died = died, []
    for job in again:
        yield from _with_crew([job], analyst, 1, died)
    for job in died:
        reason = f"{shown_path(job.path)}: the process that analysed it died, twice (out of memory?)"
        yield job.id, analyst.failed(job, VoicemonError(reason))


def _with_crew(jobs: Sequence[Job], analyst: Analyst, size: int, died: list[Job]) -> Iterator[Outcome]:
    """Outcomes of a crew of ``size``; a job whose worker died goes to ``died`` instead."""
    queue = deque(jobs)
    crew = [_Worker(analyst) for _ in range(min(size, len(jobs)))]
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
                elif message == _LATE:
                    yield job.id, analyst.failed(job, VoicemonError(_late_reason(job, worker.limit_s)))
                else:
                    died.append(job)
    finally:
        with _signals_held():  # a signal while one is ended must not leave the others
            for worker in crew:
                worker.end(at_once=bool(queue) or worker.job is not None)


def limit_of_s(length_s: float, factor: float) -> float:
    """How long a call of such a length may take."""
    return GRACE_S + factor * length_s


def _late_reason(job: Job, limit_s: float) -> str:
    return f"{shown_path(job.path)}: not finished within {limit_s / 60:.0f} min and given up; look into the file, or raise --call-limit"


def _ready(crew: Sequence[_Worker]) -> list[_Worker]:
    """The workers that have something to say, or have no more time."""
    busy = {worker.link: worker for worker in crew if worker.job is not None and worker.link is not None}
    left_s = min((worker.late_at - monotonic() for worker in busy.values()), default=0.0)
    spoken = set(wait(list(busy), timeout=min(WATCH_S, max(0.0, left_s))))
    return [worker for link, worker in busy.items() if link in spoken or monotonic() >= worker.late_at]


_DIED, _LATE = "died", "late"


class _Worker:
    """One process that does one call at a time; started when it is first given one, replaced when it died or was ended."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._factor = analyst.settings.call_limit
        self._process: BaseProcess | None = None
        self.link: Connection[Any, Any] | None = None
        self.job: Job | None = None
        self.limit_s = self.late_at = float("inf")

    def give(self, job: Job) -> None:
        """Hand over a call. Raises :class:`OSError` when no process can be started."""
        for attempt in range(STARTS_TRIED):
            if self._process is None:
                self._start()
            try:
                self._link().send(job)
                break
            except OSError:  # it died while it had nothing to do
                self.end(at_once=True)
                if attempt == STARTS_TRIED - 1:
                    raise
        self.job = job
        self._limit(0.0)

    def heard(self) -> Done | FailedCall | str | None:
        """What became of its call: the outcome, ``died`` or ``late``; ``None`` when it is still at work."""
        link = self._link()
        if not link.poll():
            if monotonic() < self.late_at:
                return None
            return self._given_up(_LATE)
        try:
            kind, value = link.recv()
        except (EOFError, OSError):
            return self._given_up(_DIED)
        if kind == "length":
            self._limit(value)
            return None
        self.job = None
        outcome: Done | FailedCall = value
        return outcome

    def end(self, at_once: bool) -> None:
        """End the process; one that has nothing to do ends by itself when nobody can talk to it any more."""
        process, link, self._process, self.link, self.job = self._process, self.link, None, None, None
        if link is not None:
            link.close()
        if process is None:
            return
        if not at_once:
            process.join(ENDING_S)
        process.kill()
        process.join()
        process.close()

    def _given_up(self, why: str) -> str:
        self.end(at_once=True)
        return why

    def _limit(self, length_s: float) -> None:
        if self._factor is not None:
            self.limit_s = limit_of_s(length_s, self._factor)
            self.late_at = monotonic() + self.limit_s

    def _link(self) -> Connection[Any, Any]:
        if self.link is None:
            raise RuntimeError("a worker was asked before it was started")
        return self.link

    def _start(self) -> None:
        # Spawned, not forked: CTranslate2's and OpenMP's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self.link, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._analyst), daemon=True)
        if os.name == "posix":
            resource_tracker.ensure_running()  # or starting it would let both signals through again
        with _signals_held():
            self._process.start()
        theirs.close()  # or its end would not be heard


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the block is left; what is started in it begins with both held back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(link: Connection[Any, Any], analyst: Analyst) -> None:
    """A worker's life: one call after the other, until nobody is there to give it another."""
    _end_with_parent()
    collect_rarely()
    # Ctrl-C stays held back: it goes to the whole group, and the run decides for all. SIGTERM is how an exiting run ends what is left.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    analyst.tell_length = lambda seconds: link.send(("length", seconds))
    with suppress(EOFError, OSError):
        while True:
            link.send(("done", analyst.analyse(link.recv())))


def _end_with_parent() -> None:
    """However the process that started this one ends, this one ends too: by the kernel on Linux, else by a thread that watches."""
    parent = multiprocessing.parent_process()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is None:
        return

    def watch(sentinel: Any) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()
