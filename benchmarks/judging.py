#!/usr/bin/env python3
"""How fast kept facts are judged: calls per second, milliseconds of CPU per call, ratio to real time. Exits 1 above 100 ms.

usage: judging.py OUT [--standard NAME] [--most-ms 100]
       judging.py OUT --whole 1000 [--workers 2] [--most-s 60]
OUT is the output folder of a run. Answers about the sound come from what was kept beside the facts, if anything; no model is loaded.
Standards are loaded before the clock starts; reading facts is told apart.

With --whole the calls of OUT are laid out under new names, up to so many, in an OUT of their own that knows their facts but no judgement,
as after a change of all packs. Then the whole commands are timed on the clock, from their start to their end, pages and tables written:
voicemon run and voicemon judge. Exits 1 where one takes longer than --most-s. The recordings are stand-ins that nobody decodes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from voicemon.finding import find_recordings
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.score import score
from voicemon.judge.standard import Standard
from voicemon.planning import make_plan
from voicemon.records import Facts
from voicemon.settings import Settings
from voicemon.speech.models import find_model
from voicemon.speech.verifier import SavedVerifier
from voicemon.store import Store, existing, opened


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--standard", help="judge all calls by this one [each by the standard its sidecar names]")
    parser.add_argument("--most-ms", type=float, default=100.0, help="most CPU per call, reading included [100]")
    parser.add_argument("--whole", type=int, metavar="N", help="time the whole commands over N kept calls instead")
    parser.add_argument("--workers", default="2", help="their processes [2]")
    parser.add_argument("--most-s", type=float, default=60.0, help="most seconds for one of them [60]")
    options = parser.parse_args()
    if options.whole:
        took_s = whole(options.out, options.whole, options.workers, ["--standard", options.standard] if options.standard else [])
        sys.exit(1 if max(took_s) > options.most_s else 0)
    standards: dict[str, Standard] = {}
    calls, audio_s, read_s, judged_s = 0, 0.0, 0.0, 0.0
    start_s = process_time()
    for facts, verifier in kept(options.out):
        read_s += process_time() - start_s
        name = options.standard or facts.call.standard
        if not name:
            raise SystemExit(f"{facts.call.id}: names no standard; give one with --standard")
        if name not in standards:
            standards[name] = load_standard(name)
        start_s = process_time()
        score(judge(facts, standards[name], verifier), standards[name])
        judged_s += process_time() - start_s
        calls, audio_s = calls + 1, audio_s + facts.call.duration_s
        start_s = process_time()
    if not calls:
        raise SystemExit(f"{options.out}: there are no kept facts")
    per_call_ms = 1000 * (read_s + judged_s) / calls
    print(f"{calls} calls, {audio_s / 60:.1f} min, standards {', '.join(sorted(standards))}, CPU of one core")
    print(f"reading {1000 * read_s / calls:7.1f} ms a call")
    print(f"judging {1000 * judged_s / calls:7.1f} ms a call")
    print(f"both    {per_call_ms:7.1f} ms a call, {1000 / per_call_ms:.1f} calls a second, {audio_s / (read_s + judged_s):.0f} x real time")
    sys.exit(1 if per_call_ms > options.most_ms else 0)


def kept(out: Path) -> Iterator[tuple[Facts, SavedVerifier]]:
    """Facts of every call in OUT, with the kept answers about their sound."""
    store = existing(out)
    for call in store.known_calls():
        facts = store.load_facts(call.id)
        if facts is not None:
            yield facts, SavedVerifier(store.load_probes(call.id))


def whole(source: Path, calls: int, workers: str, more: list[str]) -> list[float]:
    """Seconds on the clock of ``voicemon run`` and of ``voicemon judge`` over so many calls that are kept and not judged."""
    with tempfile.TemporaryDirectory(prefix="voicemon-judging-") as temporary:
        folder, out = Path(temporary) / "calls", Path(temporary) / "out"
        fill(source, folder, out, calls)
        took_s = []
        for command in (["run", str(folder), "--out", str(out)], ["judge", str(out)]):
            with Store(out).database.write() as connection:
                for table in ("parts", "reports", "verdicts", "judgements", "state"):
                    connection.exec_driver_sql(f"DELETE FROM {table}")
            before, start_s = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
            subprocess.run([sys.executable, "-m", "voicemon", *command, "--workers", workers, "-q", *more], check=True)
            took_s.append(perf_counter() - start_s)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            lines = (out / "verdicts.jsonl").read_text(encoding="utf-8").count("\n")
            print(f"voicemon {command[0]}: {calls} calls, {lines} verdicts, {workers} workers: {took_s[-1]:.1f} s on the clock, "
                  f"{cpu_s:.1f} s of processor time, {1000 * cpu_s / calls:.1f} ms a call", flush=True)
    return took_s


def fill(source: Path, folder: Path, out: Path, calls: int) -> None:
    """An OUT that knows the facts of so many calls, copies of those in ``source``, and stand-ins for their recordings in ``folder``."""
    known, settings = existing(source), Settings()
    ids = [call.id for call in known.known_calls()]
    if not ids:
        raise SystemExit(f"{source}: there are no kept facts")
    folder.mkdir()
    origins = {f"{ids[i % len(ids)]}.{i // len(ids)}": ids[i % len(ids)] for i in range(calls)}
    facts = {call_id: known.load_facts(call_id) for call_id in ids}
    for name, origin in origins.items():
        (folder / f"{name}.wav").write_text(f"stands in for {name}", encoding="utf-8")
        (folder / f"{name}.json").write_text(json.dumps(dict(facts[origin].sidecar), ensure_ascii=False), encoding="utf-8")
    with opened(out) as store:
        for job in make_plan(find_recordings([folder], out), store, settings, find_model(settings.model).sha256).jobs:
            origin = origins[job.path.stem]
            call = replace(facts[origin].call, id=job.id, path=str(job.path), sha256=job.sha256)
            store.save_facts(replace(facts[origin], call=call, hearing={**facts[origin].hearing, "key": job.key}), known.load_media(origin))
            store.save_probes(job.id, known.load_probes(origin))


if __name__ == "__main__":
    main()
