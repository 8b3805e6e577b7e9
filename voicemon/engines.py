"""Who does the calls of a run: worker processes of this machine, or a Ray cluster. All give the same results."""

from __future__ import annotations

import importlib.util
from collections.abc import Generator, Sequence

from .crew import Outcome
from .crew import work_through as work_here
from .errors import SettingsError
from .pipeline import Analyst, Job
from .settings import Settings


def check_engine(settings: Settings) -> None:
    """Raise :class:`SettingsError` when the engine that was asked for is not installed."""
    if settings.engine == "ray" and importlib.util.find_spec("ray") is None:
        raise SettingsError("--engine ray: Ray is not installed: pip install 'voicemon[ray]', here and on every machine of the cluster")


def work_through(jobs: Sequence[Job], analyst: Analyst) -> Generator[Outcome, None, None]:
    """Yield ``(id, outcome)`` of every job, by the engine of the analyst's settings."""
    if analyst.settings.engine == "ray":
        from .ray_engine import work_on_cluster

        return work_on_cluster(jobs, analyst)
    return work_here(jobs, analyst)
