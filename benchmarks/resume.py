#!/usr/bin/env python3
"""What a second run costs that has nothing to do, what one new call and one review cost: seconds, for OUT of many calls.

usage: resume.py [--calls 1000] [--seconds 3] [--standard zijin-400] [--store postgresql://…] [--most-s 5]
The calls are short and differ in one sample; a fake recogniser hears the same words in each, so that only voicemon's own work is
measured. Exits 1 when the run with nothing to do takes --most-s or longer (wall clock and CPU time are both told).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fakes import FakeEarFactory, a_call, write_wav  # noqa: E402

from voicemon.folder import RunResult, run  # noqa: E402
from voicemon.review import Decision, decide  # noqa: E402
from voicemon.settings import Settings  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a call [3]")
    parser.add_argument("--standard", default="zijin-400")
    parser.add_argument("--store", help="keep the record in this database")
    parser.add_argument("--most-s", type=float, default=5.0)
    options = parser.parse_args()
    settings = Settings(standard=options.standard, agent_channel="left", store=options.store)
    with tempfile.TemporaryDirectory(prefix="voicemon-resume-") as temporary:
        folder, out = Path(temporary) / "calls", Path(temporary) / "out"
        make_calls(folder, options.calls, options.seconds)
        time.sleep(2.5)  # what was only just written is read again on purpose
        first = timed("first run", lambda: again(folder, out, settings))
        again(folder, out, settings)  # fills the caches of this process and of the system
        second = timed("nothing to do", lambda: again(folder, out, settings))
        write_wav(folder / "new.wav", a_call(options.seconds + 1))
        timed("one new call", lambda: again(folder, out, settings))
        decision = Decision("call-00000", "ZJ-7.1a", False, "A", "b", "pass")
        timed("one review", lambda: decide(out, decision, None, options.store))
        size = sum(path.stat().st_size for path in out.glob("voicemon.db*"))
        print(f"{options.calls} calls, record {size / 1e6:.1f} MB in OUT, {size / options.calls / 1e3:.1f} kB a call")
    print(f"nothing to do costs {second / first:.2%} of the first run")
    sys.exit(1 if second >= options.most_s else 0)


def make_calls(folder: Path, count: int, seconds: float) -> None:
    """``count`` recordings that differ in one sample, by 20 agents."""
    samples = a_call(seconds)
    for i in range(count):
        samples[0, i % samples.shape[1]] += 1e-3
        write_wav(folder / f"call-{i:05d}.wav", samples)
        (folder / f"call-{i:05d}.json").write_text(f'{{"agent_id": "{i % 20}"}}', encoding="utf-8")


def again(folder: Path, out: Path, settings: Settings) -> RunResult:
    result = run([folder], out, settings, FakeEarFactory(), lambda *_: None)
    if result.found != result.accounted or result.failed:
        raise SystemExit(f"not accounted for: {result.found} found, {result.accounted} told, {len(result.failed)} failed")
    return result


def timed(what: str, work: Callable[[], Any]) -> float:
    start_s, cpu_s = time.perf_counter(), time.process_time()
    done = work()
    wall_s, cpu_s = time.perf_counter() - start_s, time.process_time() - cpu_s
    told = f"{len(done.analysed)} analysed, {len(done.skipped)} skipped" if isinstance(done, RunResult) else ""
    print(f"{what:14} {wall_s:8.2f} s, CPU {cpu_s:8.2f} s  {told}", flush=True)
    return wall_s


if __name__ == "__main__":
    main()
