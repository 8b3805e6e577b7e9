"""The mutation check: recordings are changed so that kept rules are broken, and the verdicts that must flip have to flip.

The whole pipeline hears and judges each changed recording, in a folder of its own that is thrown away.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from . import serial
from .audio.decode import decode
from .errors import VoicemonError
from .folder import Progress, run
from .judge.standard import Standard
from .known_standards import standard_named
from .mutations import KINDS, Mutation, Original, Target
from .pipeline import Ear
from .settings import DEFAULT_STANDARD, Settings
from .store import Store

NOT_ANALYSED = "not analysed"


@dataclass(frozen=True)
class Flip:
    """One verdict that a mutation must change: ``before`` and ``after`` are outcomes, ``wanted`` the one it must become."""

    call: str
    kind: str
    done: str
    rule: str
    before: str
    after: str
    wanted: str
    reason: str = ""

    @property
    def doubted(self) -> bool:
        """Whether the pass became a call to listen, where a surer tool would have seen the breach."""
        return self.after == "unsure" != self.wanted

    @property
    def flipped(self) -> bool:
        """Whether the breach no longer passes: a doubt is an answer too, a pass or a rule that no longer applies is none."""
        return self.after == self.wanted or (self.doubted and self.wanted == "fail")


@dataclass(frozen=True)
class MutationCheck:
    """Every verdict that had to flip, in order of calls and kinds; ``impossible``: kinds for which no recording gave an occasion."""

    flips: tuple[Flip, ...]
    impossible: tuple[str, ...] = ()
    columns: ClassVar[tuple[str, ...]] = ("call", "mutation", "what was done", "rule", "before", "after", "flipped")

    @property
    def stuck(self) -> tuple[Flip, ...]:
        """Those that did not flip."""
        return tuple(f for f in self.flips if not f.flipped)

    @property
    def summary(self) -> str:
        """How many had to flip, how many did not, and what no recording allowed."""
        never = "".join(f"; no recording allowed a mutation of the kind {kind}" for kind in self.impossible)
        doubted = sum(f.doubted for f in self.flips)
        only = f" ({doubted} only to unsure)" if doubted else ""
        return f"{len(self.flips)} verdicts had to flip, {len(self.stuck)} did not{only}{never}"

    def rows(self, stuck_only: bool = False) -> list[tuple[str, ...]]:
        """A row of :attr:`columns` per verdict that had to flip, those that did not first."""
        shown = sorted(self.stuck if stuck_only else self.flips, key=lambda f: f.flipped)
        return [(f.call, f.kind, f.done, f.rule, f.before, f.after, "yes" if f.flipped else f"no: {f.reason}")
                for f in shown]


def check_mutations(
    out: Path, calls: Sequence[str], kinds: Sequence[str], settings: Settings, make_ear: Callable[[], Ear], progress: Progress
) -> MutationCheck:
    """Change each of ``calls`` (ids in ``out``, heard and judged there) in each of ``kinds`` and tell what flipped.

    A recording that is no longer there gives no occasion. Raises as :func:`voicemon.folder.run` does.
    """
    with tempfile.TemporaryDirectory(prefix="voicemon-mutations-") as temporary:
        folder = Path(temporary)
        planned: list[_Planned] = []
        store = Store(out)
        for call in calls:
            original = _original(store, call, settings)
            mutations = [KINDS[kind](original) for kind in kinds] if original else []
            planned += [_plan(folder / "changed", call, m) for m in mutations if m is not None]
        store.database.close()
        flips = _run(planned, folder, settings, make_ear, progress) if planned else ()
    made = {plan.kind for plan in planned}
    return MutationCheck(flips, tuple(k for k in kinds if k not in made))


def _original(store: Store, call: str, settings: Settings) -> Original | None:
    facts, report = store.load_facts(call), store.report(call)
    if facts is None or report is None:
        return None
    judged = store.load_judged(call)
    try:
        recording = decode(Path(facts.call.path))
    except VoicemonError:
        return None
    standard = _standard(facts.sidecar, settings)
    verdicts = {v.rule: v for v in judged.verdicts} if judged else {}
    return Original(recording, facts, standard, verdicts)


def _standard(sidecar: Mapping[str, Any], settings: Settings) -> Standard:
    return standard_named(settings.standard or sidecar.get("standard") or DEFAULT_STANDARD)


@dataclass(frozen=True)
class _Planned:
    """A mutation whose recording is written, without its sound: fifty recordings at once would fill the memory."""

    path: Path
    call: str
    kind: str
    done: str
    targets: tuple[Target, ...]


def _plan(folder: Path, call: str, mutation: Mutation) -> _Planned:
    path = folder / mutation.kind / f"{call}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(mutation.samples.shape[0])
        out.setsampwidth(2)
        out.setframerate(mutation.sample_rate_hz)
        out.writeframes(mutation.samples.T.astype("<i2").tobytes())
    serial.write_atomically(path.with_suffix(".json"), serial.dumps(dict(mutation.sidecar)))
    return _Planned(path, call, mutation.kind, mutation.done, mutation.targets)


def _run(
    planned: Sequence[_Planned], folder: Path, settings: Settings, make_ear: Callable[[], Ear], progress: Progress
) -> tuple[Flip, ...]:
    result = run([folder / "changed"], folder / "out", settings, make_ear, progress)
    store = Store(folder / "out")
    reports = {Path(report["call"]["path"]): report for _, report in store.reports()}
    store.database.close()
    failed = {Path(call.path): call.reason for call in result.failed}
    found: list[Flip] = []
    for plan in planned:
        verdicts = {v["rule"]: v for v in reports[plan.path]["verdicts"]} if plan.path in reports else {}
        for target in plan.targets:
            verdict = verdicts.get(target.rule) or {"outcome": NOT_ANALYSED, "reason": failed.get(plan.path, "")}
            found.append(Flip(plan.call, plan.kind, plan.done, target.rule, target.before, verdict["outcome"], target.wanted,
                              verdict["reason"]))
    return tuple(found)
