#!/usr/bin/env python3
"""What one more call costs where there are many already: processor time when OUT holds 100, 1,000, 10,000 calls.

usage: large.py [--calls 100,1000,10000] [--new 40]
Each OUT is analysed for its first 50 calls and filled up with copies of them: recordings, sidecars, rows and pages of their own, as a
run would have left them, but not analysed. Then, with the stand-in of scaling.py for the recogniser: a run with nothing to do; a run
over so many new calls (the analysis of each, and all else together); one decision of a person; one look of the watch at the folder;
all tables and pages about all calls from nothing. Exits with 1 where the analysis of a call costs more than 10 % over the smallest
OUT, or a run with nothing to do over --most-s.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import scaling

import voicemon.database.engine
import voicemon.folder
from voicemon.arrivals import Arrivals, Pace
from voicemon.finding import find_recordings
from voicemon.folder import RunResult, run
from voicemon.planning import make_plan
from voicemon.resume import job_key
from voicemon.review import Decision, decide
from voicemon.settings import Settings
from voicemon.speech.models import find_model
from voicemon.store import Store, opened

BASE = 50
SETTINGS = Settings(agent_channel="left", threads=1)


@dataclass(frozen=True)
class Cost:
    """Processor seconds at an OUT of ``calls`` calls; ``analysis_s`` per new call."""

    calls: int
    nothing_s: float
    analysis_s: float
    others_s: float
    review_s: float
    look_s: float
    tables_s: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", default="100,1000,10000")
    parser.add_argument("--new", type=int, default=40)
    parser.add_argument("--most-s", type=float, default=5.0)
    options = parser.parse_args()
    voicemon.folder.Analyst = scaling.Timed  # type: ignore[misc]
    print("| calls in OUT | nothing to do | analysis of a new call | all else of that run | a review | a look of the watch "
          "| all tables and pages |\n|---|---|---|---|---|---|---|")
    costs = []
    measure(2 * BASE, 5)  # what is loaded once belongs to none
    for calls in (int(n) for n in options.calls.split(",")):
        c = measure(calls, options.new)
        costs.append(c)
        print(f"| {c.calls:,} | {c.nothing_s:.2f} s | {1000 * c.analysis_s:.0f} ms | {c.others_s:.2f} s | {c.review_s:.2f} s "
              f"| {1000 * c.look_s:.0f} ms | {c.tables_s:.1f} s |", flush=True)
    growth = costs[-1].analysis_s / costs[0].analysis_s
    print(f"a call costs {growth:.2f} times as much at {costs[-1].calls:,} calls as at {costs[0].calls:,}")
    return int(growth > scaling.GROWTH or costs[-1].nothing_s > options.most_s)


def measure(calls: int, new: int) -> Cost:
    with tempfile.TemporaryDirectory(prefix="voicemon-large-") as temporary:
        folder, out = Path(temporary) / "calls", Path(temporary) / "out"
        fill(folder, out, calls)
        time.sleep(2.5)  # what was only just written is read again on purpose
        again(folder, out)  # writes the tables
        nothing_s = cpu_s(lambda: again(folder, out))
        scaling.lay_out(folder / "new", new, 20, first=calls)
        scaling.Timed.spent_s = 0.0
        whole_s = cpu_s(lambda: again(folder, out))
        analysis_s = scaling.Timed.spent_s
        review_s = cpu_s(lambda: decide(out, Decision("call-000000", "ZJ-7.1a", False, "A", "b", "pass")))
        arrivals = Arrivals(Pace())
        arrivals.ready(find_recordings([folder], out), 0.0)
        look_s = cpu_s(lambda: arrivals.ready(find_recordings([folder], out), 1.0))
        with opened(out) as store:
            store.set_state("overview", None)
            store.set_state("agents", None)
            with store.database.write() as connection:
                connection.exec_driver_sql("DELETE FROM parts")
        tables_s = cpu_s(lambda: again(folder, out))
    return Cost(calls, nothing_s, analysis_s / new, whole_s - analysis_s, review_s, look_s, tables_s)


def fill(folder: Path, out: Path, calls: int) -> None:
    """An OUT as a run over ``calls`` recordings would have left it."""
    scaling.lay_out(folder, calls, 20)
    again(folder, out, sorted(folder.glob("*.wav"))[:BASE])
    pragmas, voicemon.database.engine.PRAGMAS = voicemon.database.engine.PRAGMAS, ("journal_mode=WAL", "synchronous=OFF")
    try:
        with opened(out) as store:
            plan = make_plan(find_recordings([folder], out), store, SETTINGS, find_model(SETTINGS.model).sha256)
            done = [job.id for job in plan.jobs[:BASE]]
            for i, job in enumerate(plan.jobs[BASE:]):
                copy(store, done[i % BASE], job)
    finally:
        voicemon.database.engine.PRAGMAS = pragmas


def copy(store: Store, source: str, job: Any) -> None:
    """The call of ``job`` as a copy of ``source``."""
    facts, judged, report = store.load_facts(source), store.load_judged(source), store.report(source)
    if facts is None or judged is None or report is None:
        raise SystemExit(f"{source} was not analysed")
    own = {"id": job.id, "path": str(job.path), "sha256": job.sha256, "agent_id": job.sidecar["agent_id"]}
    store.save_facts(replace(facts, call=replace(facts.call, **own), hearing={**facts.hearing, "key": job.key}), store.load_media(source))
    store.save_judged(job.id, replace(judged, key=job_key(job, SETTINGS)))
    store.save_report(job.id, {**report, "call": {**report["call"], **own}})
    for ending in (".json", ".html"):
        os.link(store.out / f"calls/{source}{ending}", store.out / f"calls/{job.id}{ending}")


def again(folder: Path, out: Path, paths: list[Path] | None = None) -> RunResult:
    result = run(paths or [folder], out, SETTINGS, scaling.StandIn, lambda *_: None)
    if result.failed or result.found != result.accounted:
        raise SystemExit(f"{len(result.failed)} calls failed, {result.found} found, {result.accounted} accounted for")
    return result


def cpu_s(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    sys.exit(main())
