"""Watching folders: recordings are analysed as they are completely written, until somebody stops it. What is kept is OUT, nothing else.

Folders are looked at again and again; events of the system (inotify) do not come from network shares, where recordings mostly lie.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from traceback import clear_frames
from typing import Any

from .arrivals import Arrivals, Item, Pace
from .audio.allocator import give_back
from .crew import Crew, Keeping
from .errors import InUseError, OutputError, SettingsError
from .finding import find_recordings
from .folder import Progress, RunResult, do_found, show
from .known_standards import standard_named
from .names import shown_path
from .pipeline import Ear
from .redact.facts import mask_path
from .settings import Settings
from .speech.models import find_model
from .store import opened

AGE_CHECK_S = 3600.0
CREW_IDLE_S = 900.0
"""After so long without a recording worker processes are ended: loading their models takes seconds, but each holds half a gigabyte."""
MOST_OVERVIEW_SHARE = 0.05  # of the time: tables and pages about all calls cost time for each call in OUT, however few are new


class Watch:
    """One watched set of folders. ``tell`` gets the account of each batch, ``warn`` what went wrong and is tried again."""

    def __init__(
        self, paths: Sequence[Path], out: Path, settings: Settings, make_ear: Callable[[], Ear], pace: Pace | None = None
    ) -> None:
        self.paths, self.out, self.settings, self.pace = tuple(paths), out, settings, pace or Pace()
        self._make_ear = _OneEar(make_ear)
        self._arrivals = Arrivals(self.pace)
        self._crew = Crew()
        self._worked_s = float("-inf")
        self._not_before_s = self._aged_s = self._show_at_s = float("-inf")
        self._unshown = False

    def until(self, stop: Event, progress: Progress, tell: Callable[[RunResult], None], warn: Callable[[str], None]) -> None:
        """Watch until ``stop`` is set.

        Raises :class:`SettingsError`, :class:`PackError`, :class:`ModelError` or :class:`OutputError` when it cannot even begin; what
        goes wrong later is told and tried again.
        """
        if self.settings.standard:
            standard_named(self.settings.standard)
        model_sha256 = find_model(self.settings.model).sha256
        find_recordings(self.paths, self.out)
        with suppress(InUseError), opened(self.out, self.settings.store):
            pass
        try:
            while not stop.is_set():
                try:
                    result = self._look(model_sha256, progress, time.monotonic())
                    if result is not None:
                        tell(result)
                    if self._unshown and time.monotonic() >= max(self._show_at_s, self._not_before_s):
                        self._show()
                    if time.monotonic() - self._worked_s > CREW_IDLE_S:
                        self._crew.end()
                    if result is not None:
                        give_back()  # the process lives on, and what a call took in pieces would stay with it
                except InUseError:
                    self._pause()  # somebody decides about a verdict, or another run is there: what is ready stays ready
                except (OutputError, SettingsError) as err:
                    warn(str(err))
                    self._pause()
                stop.wait(self.pace.poll_s)
        except KeyboardInterrupt as stopped:
            clear_frames(stopped.__traceback__)  # a transaction that it fell into would hold the record until nobody knows of it
            raise
        finally:
            self._crew.end()
            self._show_last(warn)

    def _show(self) -> None:
        """Write the tables and pages about all calls; not again before that takes only a small share of the time."""
        begin_s = time.monotonic()
        with opened(self.out, self.settings.store) as store:
            show(store, self.settings)
        end_s = time.monotonic()
        self._unshown, self._show_at_s = False, end_s + (end_s - begin_s) / MOST_OVERVIEW_SHARE

    def _show_last(self, warn: Callable[[str], None]) -> None:
        if self._unshown:
            try:
                self._show()
            except (OutputError, SettingsError) as err:
                warn(str(err))

    def _pause(self) -> None:
        self._not_before_s = time.monotonic() + self.pace.retry_s

    def _look(self, model_sha256: str, progress: Progress, now_s: float) -> RunResult | None:
        """Look once and analyse what is ready; ``None`` when there is nothing to do."""
        if now_s < self._not_before_s:
            return None
        ready: list[Item] = self._arrivals.ready(find_recordings(self.paths, self.out), now_s)
        ages = self.settings.keep_days is not None and now_s - self._aged_s > AGE_CHECK_S
        if not ready and not ages:
            return None
        with opened(self.out, self.settings.store) as store:
            # No folder is said to be searched: a recording that is not in this batch is not gone.
            self._unshown = True
            result = do_found(ready, (), Keeping(store, self.settings, self._make_ear, self._crew), model_sha256, progress)
            self._worked_s = time.monotonic()
        self._aged_s = now_s
        again = {call.path for call in result.failed if call.passing}
        shown = mask_path if self.settings.redact else str  # as a failed call tells its path
        self._arrivals.take([item for item in ready if shown(shown_path(item.path)) not in again])
        if again:
            self._pause()
        return result if ready or result.removed else None


class _OneEar:
    """Makes an ear once and keeps it from batch to batch; a worker makes its own."""

    def __init__(self, make_ear: Callable[[], Ear]) -> None:
        self._make_ear = make_ear
        self._ear: Ear | None = None

    def __call__(self) -> Ear:
        if self._ear is None:
            self._ear = self._make_ear()
        return self._ear

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ear": None}
