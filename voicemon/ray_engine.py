"""Calls spread over a Ray cluster: a pool of actors that hold the model, and one writer of OUT, which is this process.

An actor is given few calls ahead, so that what waits on other machines stays bounded. One that is lost is replaced; the call it
was at is done again once, and those that only waited behind it are handed to others.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from . import __version__
from .collector import collect_rarely
from .crew import Outcome
from .errors import ModelError, SettingsError, VoicemonError
from .judge.standard import Standard
from .keys import judging_code
from .known_standards import standard_named
from .ledger import Kept, Ledger, Write, kept_of, write_down
from .names import printable, shown_path
from .pipeline import Analyst, Done, Ear, Job
from .records import FailedCall
from .settings import Settings
from .speech.models import find_model

AHEAD_PER_WORKER = 2  # the call in work and the next one: no worker waits for this process, and little is on its way
LOSSES_OF_A_CALL = 2  # of the worker that was at it: then the call is to blame
FAILED_STARTS = 3  # of workers that were lost before they could do a call
OBJECT_STORE_BYTES = 256 << 20  # of a Ray of our own: results of the calls on their way, a few MB each

Result = tuple[Done | FailedCall, tuple[Write, ...]]


def work_on_cluster(jobs: Sequence[Job], analyst: Analyst) -> Generator[Outcome, None, None]:
    """Yield ``(id, outcome)`` of every job as it is finished and written. Raises :class:`SettingsError` when no worker can be had."""
    if not jobs:
        return
    with _connected(analyst.settings) as ray:
        pool = _Pool(ray, analyst)
        try:
            yield from pool.work(jobs)
        finally:
            pool.close()


class Worker:
    """What runs on the cluster: the model of one process, loaded when its first call needs it."""

    def __init__(self, settings: Settings, make_ear: Callable[[], Ear]) -> None:
        self._settings, self._make_ear = settings, make_ear
        self._ear: Ear | None = None
        collect_rarely()

    def versions(self) -> tuple[str, str]:
        """Of voicemon with its judging code, and the hash of the model, as this machine has them. Raises :class:`ModelError`."""
        return _versions(self._settings)

    def analyse(self, job: Job, standard: Standard, kept: Kept) -> Result:
        ledger = Ledger(kept)
        outcome = Analyst(ledger, self._settings, self._own_ear, {job.standard: standard}).analyse(job)
        return outcome, ledger.writes

    def _own_ear(self) -> Ear:
        if self._ear is None:
            self._ear = self._make_ear()
        return self._ear


@dataclass(eq=False)
class _Seat:
    """One actor and what it was given, in the order in which it does it; ``None`` is the question for its versions."""

    actor: Any
    queue: deque[tuple[Any, Job | None]] = field(default_factory=deque)
    started: bool = False


class _Pool:
    """Seats, what each was given, and how often calls lost their worker."""

    def __init__(self, ray: Any, analyst: Analyst) -> None:
        self._ray, self._analyst = ray, analyst
        settings = analyst.settings
        sent = replace(settings, store=None)  # it may hold a password, and only this process writes
        kind = ray.remote(Worker).options(num_cpus=settings.threads_per_worker, num_gpus=settings.num_gpus, max_restarts=0)
        self._hire = lambda: kind.remote(sent, analyst.make_ear)
        self._versions = _versions(settings)
        self._standards: dict[str, Any] = {}
        self._lost: Counter[str] = Counter()
        self._failed_starts = 0
        self._seats: list[_Seat] = []

    def work(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        waiting = deque(jobs)
        for _ in range(min(self._analyst.settings.workers, len(jobs))):
            self._open_seat()
        while waiting or any(job for seat in self._seats for _, job in seat.queue):
            yield from self._hand_out(waiting)
            first = {seat.queue[0][0]: seat for seat in self._seats if seat.queue}
            if not first:
                continue
            for ref in self._ray.wait(list(first), num_returns=1)[0]:
                yield from self._take(first[ref], waiting)

    def close(self) -> None:
        """Let all workers go, whatever they are at."""
        for seat in self._seats:
            self._ray.kill(seat.actor)
        self._seats = []

    def _open_seat(self) -> None:
        seat = _Seat(self._hire())
        seat.queue.append((seat.actor.versions.remote(), None))
        self._seats.append(seat)

    def _hand_out(self, waiting: deque[Job]) -> Iterator[Outcome]:
        """Give every worker that has started its next calls; those with the fewest first."""
        while waiting:
            free = [seat for seat in self._seats if seat.started and len(seat.queue) < AHEAD_PER_WORKER]
            if not free:
                return
            seat, job = min(free, key=lambda seat: len(seat.queue)), waiting.popleft()
            try:
                kept = kept_of(self._analyst.store, job.id)
                ref = seat.actor.analyse.remote(job, self._standard(job.standard), kept)
            except VoicemonError as err:
                yield job.id, self._analyst.failed(job, err)
                continue
            seat.queue.append((ref, job))

    def _take(self, seat: _Seat, waiting: deque[Job]) -> Iterator[Outcome]:
        """The result of the first thing a worker was given, or what follows from its loss."""
        ref, job = seat.queue[0]
        try:
            found = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as err:
            if job is None:
                raise SettingsError(_no_start(err)) from err
            seat.queue.popleft()
            yield job.id, self._analyst.failed(job, VoicemonError(f"{job.path}: a fault of the cluster ({_kind(err)}); please report it"))
            return
        except self._ray.exceptions.RayError as err:
            yield from self._lose(seat, waiting, err)
            return
        seat.queue.popleft()
        if job is None:
            self._check(found)
            seat.started = True
            return
        yield job.id, self._written(job, *found)

    def _written(self, job: Job, outcome: Done | FailedCall, writes: tuple[Write, ...]) -> Done | FailedCall:
        try:
            write_down(self._analyst.store, writes)
        except VoicemonError as err:
            return self._analyst.failed(job, err)
        return outcome

    def _lose(self, seat: _Seat, waiting: deque[Job], err: Exception) -> Iterator[Outcome]:
        """Replace a lost worker. The call it was at is done once more, alone in a new one; those behind it lost nothing."""
        self._seats.remove(seat)
        self._ray.kill(seat.actor)
        jobs = [job for _, job in seat.queue if job is not None]
        if seat.started:
            at = jobs.pop(0)
            self._lost[at.id] += 1
            if self._lost[at.id] < LOSSES_OF_A_CALL:
                jobs.insert(0, at)
            else:
                reason = f"{shown_path(at.path)}: the worker that analysed it was lost {LOSSES_OF_A_CALL} times (out of memory?)"
                yield at.id, self._analyst.failed(at, VoicemonError(f"{reason}; give workers more memory, or run it alone"))
        else:
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS and not any(other.started for other in self._seats):
                raise SettingsError(_no_start(err)) from err
        waiting.extendleft(reversed(jobs))
        if waiting and (seat.started or self._failed_starts < FAILED_STARTS):
            self._open_seat()

    def _standard(self, name: str) -> Any:
        """A pack travels whole, and once: its file need not be on the other machines."""
        if name not in self._standards:
            self._standards[name] = self._ray.put(standard_named(name))
        return self._standards[name]

    def _check(self, versions: tuple[str, str]) -> None:
        """Facts made by another voicemon or model would be kept under a key that says otherwise."""
        if tuple(versions) != self._versions:
            (theirs, their_model), (ours, our_model) = versions, self._versions
            raise SettingsError(f"--engine ray: a machine of the cluster has voicemon {theirs} with model {their_model[:12]}, this one "
                                f"voicemon {ours} with model {our_model[:12]}; install the same on all")


def _versions(settings: Settings) -> tuple[str, str]:
    return f"{__version__} (judging code {judging_code()[:8]})", find_model(settings.model).sha256


@contextmanager
def _connected(settings: Settings) -> Iterator[Any]:
    """Ray, connected to the cluster at the address or to a new one on this machine; left as it was found."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read by Ray when it starts: nothing is reported to anybody
    import ray

    if ray.is_initialized():
        yield ray
        return
    address = settings.address or os.environ.get("RAY_ADDRESS")
    quiet: Mapping[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", num_cpus=settings.workers * settings.threads_per_worker, include_dashboard=False,
                     object_store_memory=OBJECT_STORE_BYTES, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as err:
        where = printable(address) if address else "this machine"
        raise SettingsError(f"--engine ray: no Ray on {where} ({_first_line(err)}); "
                            "check --address, and that Ray and Python are of the same versions there") from err
    try:
        _check_room(ray, settings)
        yield ray
    finally:
        ray.shutdown()


def _check_room(ray: Any, settings: Settings) -> None:
    """A cluster that can never hold one worker would be waited for without end."""
    needed = {"CPU": settings.threads_per_worker, "GPU": settings.num_gpus}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(all(node.get(name, 0) >= amount for name, amount in needed.items()) for node in nodes):
        raise SettingsError(f"--engine ray: no machine of the cluster has {needed['CPU']} CPU and {needed['GPU']:g} GPU for a worker; "
                            "give another --num-gpus, or start such a machine first")


def _no_start(err: Exception) -> str:
    cause = getattr(err, "cause", None)
    if isinstance(cause, ModelError):
        return f"--engine ray: a worker cannot start: {cause}"
    return (f"--engine ray: no worker could be started ({_kind(err)}); install the same voicemon and Python on every machine of the "
            "cluster, and see Ray's logs there")


def _kind(err: Exception) -> str:
    return type(getattr(err, "cause", None) or err).__name__


def _first_line(err: Exception) -> str:
    return printable((str(err).strip() or type(err).__name__).splitlines()[0][:160])
