"""A worker process as the run sees it: it is given a call, heard, and ended; and no signal comes between the ending of several."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from .pipeline import Analyst, Done, Job
from .records import FailedCall
from .serving import serve

GRACE_S = 300.0
"""What every call may take whatever its length: decoding, loading the model, writing."""
ENDING_S = 2.0
STARTS_TRIED = 3
DIED, LATE = "died", "late"
"""What became of a call that its worker did not finish."""


class Worker:
    """One process that does one call at a time; started when it is first given one, replaced when it died or was ended."""

    analyst: Analyst

    def __init__(self) -> None:
        self._told: Analyst | None = None
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
                if self._told is not self.analyst:
                    self._link().send(self.analyst)
                    self._told = self.analyst
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
            return self._given_up(LATE)
        try:
            kind, value = link.recv()
        except (EOFError, OSError):
            return self._given_up(DIED)
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
        factor = self.analyst.settings.call_limit
        if factor is not None:
            self.limit_s = limit_of_s(length_s, factor)
            self.late_at = monotonic() + self.limit_s

    def _link(self) -> Connection[Any, Any]:
        if self.link is None:
            raise RuntimeError("a worker was asked before it was started")
        return self.link

    def _start(self) -> None:
        # Spawned, not forked: CTranslate2's and OpenMP's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self.link, theirs = context.Pipe()
        self._process, self._told = context.Process(target=serve, args=(theirs, self.analyst), daemon=True), self.analyst
        if os.name == "posix":
            resource_tracker.ensure_running()  # or starting it would let both signals through again
        with signals_held():
            self._process.start()
        theirs.close()  # or its end would not be heard


def limit_of_s(length_s: float, factor: float) -> float:
    """How long a call of such a length may take."""
    return GRACE_S + factor * length_s


@contextmanager
def signals_held() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the block is left; what is started in it begins with both held back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
