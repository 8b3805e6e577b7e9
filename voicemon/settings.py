"""What a run can be told. One frozen value goes down the chain; what changes the facts of a call is marked as such."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import SettingsError

DEFAULT_STANDARD = "zijin-400"
DEFAULT_MODEL = "base"
AGENT_CHANNELS = ("auto", "left", "right")
LANGUAGES = ("zh", "en")
ENGINES = ("local", "ray")
MUTATIONS = ("phrase", "wait", "rate", "level")
DEFAULT_CALL_LIMIT = 10.0
WORKER_BYTES = 1_200_000_000  # what a call of three hours takes at most, model included (benchmarks/memory.py)
CGROUP = Path("/sys/fs/cgroup")
# Raised whenever hearing would give other facts for the same recording: kept facts of an older revision are heard again.
HEARING_REVISION = 16


@dataclass(frozen=True)
class Settings:
    """Settings of a run.

    ``standard`` is a shipped name or the path of a pack; ``None`` leaves it to the sidecar, then to :data:`DEFAULT_STANDARD`.
    ``agent_channel``: ``auto``, ``left`` or ``right``. ``lang`` is the language of reasons and reports, not of the calls.
    ``workers`` processes share ``threads`` CPU threads. ``compute_type`` is CTranslate2's. ``store`` is the address of the database
    that keeps the record (``None``: a file in OUT). ``redact``: what is personal is masked in all that is written.
    ``retry_failed`` and ``include_forgotten`` analyse what is passed over otherwise; calls of more than ``keep_days`` ago are forgotten.
    ``engine``: who does the calls, this machine or a Ray cluster at ``address`` (``None``: one of its own on this machine), each
    worker with ``num_gpus``; a worker of a cluster has one thread unless ``threads`` are given.
    """

    standard: str | None = None
    model: str = DEFAULT_MODEL
    agent_channel: str = "auto"
    lang: str = "zh"
    workers: int = 1
    threads: int = 0
    compute_type: str = "int8"
    beam_size: int = 5
    store: str | None = field(default=None, repr=False)  # may hold a password
    redact: bool = False
    call_limit: float | None = None
    retry_failed: bool = False
    include_forgotten: bool = False
    keep_days: int | None = None
    engine: str = "local"
    address: str | None = None
    num_gpus: float = 0.0

    def __post_init__(self) -> None:
        _one_of("--agent-channel", self.agent_channel, AGENT_CHANNELS)
        _one_of("--lang", self.lang, LANGUAGES)
        if self.keep_days is not None and self.keep_days < 1:
            raise SettingsError(f"--keep-days: {self.keep_days} makes no sense: give 1 or more")
        _one_of("--engine", self.engine, ENGINES)
        if self.engine != "ray" and (self.address or self.num_gpus):
            raise SettingsError("--address and --num-gpus are for --engine ray; add that, or leave them out")
        if not 0 <= self.num_gpus < math.inf:
            raise SettingsError(f"--num-gpus: {self.num_gpus:g} makes no sense: give 0 or more")
        for option, value, least in (("--workers", self.workers, 1), ("--threads", self.threads, 0), ("beam size", self.beam_size, 1)):
            if value < least:
                raise SettingsError(f"{option}: {value} makes no sense: give {least} or more")

        if self.call_limit is not None and not self.call_limit > 0:
            raise SettingsError(f"--call-limit: {self.call_limit} makes no sense: give more than 0")

    @property
    def threads_per_worker(self) -> int:
        """Threads that each worker's model gets: all that the machine has, shared evenly, at least one.

        Two of the small model ``base`` wait for each other longer than they save: 0.77 of the calls of one (benchmarks/workers.py).
        """
        if self.engine == "ray" and not self.threads:
            return 1  # what this machine has says nothing about the others; many calls at once make up for it
        share = (self.threads or usable_cores()) // self.workers
        return 1 if share == 2 and not self.threads and self.model == DEFAULT_MODEL else max(1, share)

    @property
    def device(self) -> str:
        """Where the model computes, as CTranslate2 names it."""
        return "cuda" if self.num_gpus else "cpu"

    @property
    def agent_option(self) -> str | None:
        """The agent's channel as the user fixed it, or ``None`` when it is to be found."""
        return None if self.agent_channel == "auto" else self.agent_channel

    def for_hearing(self) -> Mapping[str, Any]:
        """The settings that change facts; part of the key under which facts are kept. Workers and threads do not."""
        return {"revision": HEARING_REVISION, "agent_channel": self.agent_channel, "compute_type": self.compute_type,
                "beam_size": self.beam_size}

    def with_standard(self, standard: str) -> Settings:
        """The same settings with another standard."""
        return replace(self, standard=standard)


def usable_cores() -> int:
    """CPU cores that this process may use (a container or ``taskset`` may allow fewer than there are)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def usable_memory_bytes() -> int | None:
    """Memory that is free for this process now, or that its container still allows; ``None`` where that cannot be told."""
    found = [_free_bytes()]
    for limit, used in ((CGROUP / "memory.max", CGROUP / "memory.current"),
                        (CGROUP / "memory/memory.limit_in_bytes", CGROUP / "memory/memory.usage_in_bytes")):
        with suppress(OSError, ValueError):
            found.append(int(limit.read_text()) - int(used.read_text()))
    return min((n for n in found if n is not None), default=None)


def _free_bytes() -> int | None:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1])
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None


def default_workers() -> int:
    """As many as the cores allow, shared evenly, and the memory, if every worker should meet a long call at once."""
    cores, memory_bytes = usable_cores(), usable_memory_bytes()
    most = cores if memory_bytes is None else max(1, min(cores, memory_bytes // WORKER_BYTES))
    return max(n for n in range(1, most + 1) if cores % n == 0)


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{option}: {value!r} is not one of {', '.join(allowed)}")
