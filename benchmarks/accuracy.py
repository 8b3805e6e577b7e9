#!/usr/bin/env python3
"""Hold call reports against truth: verdicts by standard, speaking rate, level, ring, silences, character error rate.

usage: accuracy.py TRUTH_DIR OUT [--list] [--json FILE]
TRUTH_DIR holds NAME.truth.json, OUT is a folder written by `voicemon run`. Needs only the standard library.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RULES = Path(__file__).resolve().parent.parent / "voicemon" / "standards" / "rules.csv"
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
FEWEST_CHARACTERS = 30
SHORTEST_SILENCE_S = 2.3
PARTIES = ("agent", "customer")
Call = tuple[Mapping[str, Any], Mapping[str, Any]]  # truth and report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--list", action="store_true", help="every verdict that is not as it should be")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    calls, missing = read_calls(options.truth_dir, options.out)
    if missing:
        print(f"{len(missing)} calls without a report: {', '.join(missing[:8])}")
    direct = {row["id"] for row in csv.DictReader(RULES.open(encoding="utf-8")) if row["evidence"] == "direct"}
    tally, wrong = verdict_tally(calls, direct)
    figures = {"verdicts": print_verdicts(tally), "measures": print_measures(calls)}
    if options.list:
        print("\n".join(wrong))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def read_calls(truth_dir: Path, out: Path) -> tuple[list[Call], list[str]]:
    """``(truth, report)`` of every call that has both, and the ids that have no report."""
    calls, missing = [], []
    for path in sorted(truth_dir.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        report = out / "calls" / f"{truth['id']}.json"
        if report.exists():
            calls.append((truth, json.loads(report.read_text(encoding="utf-8"))))
        else:
            missing.append(truth["id"])
    return calls, missing


def verdict_tally(calls: Sequence[Call], direct: set[str]) -> tuple[dict[str, Counter[Any]], list[str]]:
    """Counts of (wanted, got) per standard over direct rules, and the lines of those that differ."""
    tally: dict[str, Counter[Any]] = defaultdict(Counter)
    wrong = []
    for truth, report in calls:
        got = {v["rule"]: v for v in report["verdicts"]}
        kept, broken = (set(truth["expected"].get(name) or ()) for name in ("kept", "broken"))
        for rule in sorted((kept | broken | set(got)) & direct):
            want = "broken" if rule in broken else "kept" if rule in kept else "other"
            outcome = got.get(rule, {}).get("outcome", "absent")
            tally[truth["standard"]][want, outcome] += 1
            if (want != "broken" and outcome == "fail") or (want == "broken" and outcome != "fail"):
                wrong.append(f"{truth['id']:24s} {rule:10s} {want:7s} {outcome:14s} {got.get(rule, {}).get('reason', '')}")
    return tally, wrong


def print_verdicts(tally: Mapping[str, Counter[Any]]) -> dict[str, Any]:
    """A row per standard and one for all. Precision is over fails on rules of which the truth says something."""
    print(f"{'standard':12s} {'precision':>10s} {'recall':>8s} {'kept passed':>12s} "
          f"{'fails unlisted':>15s} {'unsure':>7s} {'not checked':>12s}")
    total: Counter[Any] = sum(tally.values(), Counter())
    figures = {}
    for standard, count in [*sorted(tally.items()), ("all", total)]:
        right, all_broken = count["broken", "fail"], sum(n for (want, _), n in count.items() if want == "broken")
        passed, all_kept = count["kept", "pass"], sum(n for (want, _), n in count.items() if want == "kept")
        row = {"precision": _share(right, right + count["kept", "fail"]), "recall": _share(right, all_broken),
               "kept_passed": _share(passed, all_kept), "fails_unlisted": count["other", "fail"]}
        known = [n for (want, got), n in count.items() if want != "other" and got == "unsure"]
        unchecked = [n for (want, got), n in count.items() if want != "other" and got == "not_checked"]
        print(f"{standard:12s} {_show(row['precision']):>10s} {_show(row['recall']):>8s} {_show(row['kept_passed']):>12s} "
              f"{row['fails_unlisted']:>15d} {sum(known):>7d} {sum(unchecked):>12d}")
        figures[standard] = row
    return figures


def print_measures(calls: Sequence[Call]) -> dict[str, Any]:
    """Errors of every measure over all calls."""
    errors: dict[str, list[float]] = defaultdict(list)
    rings: Counter[str] = Counter()
    edits = characters = 0
    for truth, report in calls:
        for name, error in measure_errors(truth, report):
            errors[name].append(error)
        rings[ring_result(truth, report)] += 1
        for party in PARTIES:
            spoken, heard = _han(truth["utterances"], party), _han(report["transcript"], party)
            edits, characters = edits + edit_distance(heard, spoken), characters + len(spoken)
    figures: dict[str, Any] = {"ring": dict(rings), "character_error_rate": _share(edits, characters)}
    for name in ("rate, relative", "characters, relative", "level, dB", "ring to answer, s", "silence edges, s"):
        found = sorted(errors[name])
        if found:
            p90 = found[int(0.9 * (len(found) - 1))]
            row = figures[name] = {"median": statistics.median(found), "p90": p90, "max": found[-1], "n": len(found)}
            print(f"{name:24s} median {row['median']:.3f}  p90 {row['p90']:.3f}  max {row['max']:.3f}  (n={row['n']})")
    print("ring                    ", ", ".join(f"{name} {n}" for name, n in sorted(rings.items())))
    print(f"character error rate     {_show(figures['character_error_rate'])} ({characters} characters, per speaker)")
    return figures


def measure_errors(truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """``(measure, error)`` of one call. A silence that was not found counts as 99 s."""
    measures = report["measures"]
    for party in PARTIES:
        want, got = truth["speech"].get(party) or {}, measures["speaking_rate"].get(party) or {}
        if (want.get("characters") or 0) >= FEWEST_CHARACTERS and got.get("per_minute_of_turns"):
            yield "rate, relative", abs(got["per_minute_of_turns"] / want["characters_per_minute_of_turns"] - 1)
            yield "characters, relative", abs(got["characters"] / want["characters"] - 1)
        level = (measures["level"].get(party) or {}).get("active_level_dbov")
        if want.get("active_level_dbov") is not None and level is not None:
            yield "level, dB", abs(level - want["active_level_dbov"])
    ring = measures["ring"]
    if truth.get("ring") and ring["source"] == "recording" and ring["ring_to_answer_s"] is not None:
        yield "ring to answer, s", abs(ring["ring_to_answer_s"] - truth["ring"]["ring_to_answer_s"])
    for start, end in truth["silences_over_2s"]:
        if end - start >= SHORTEST_SILENCE_S:
            edges = (max(abs(w["start_s"] - start), abs(w["end_s"] - end)) for w in measures["waits"])
            yield "silence edges, s", min(edges, default=99.0)


def ring_result(truth: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    ring, heard = report["measures"]["ring"], report["measures"]["ring"]["source"] == "recording"
    if not truth.get("ring"):
        return "invented" if heard and ring["count"] else "rightly none"
    if not heard:
        return "missed"
    return "right" if ring["count"] == truth["ring"]["count"] else "miscounted"


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def _han(utterances: Sequence[Mapping[str, Any]], party: str) -> list[str]:
    text = "".join(u["text"] for u in utterances if u["speaker"] == party)
    return [c for c in text.translate(DIGITS) if "\u4e00" <= c <= "\u9fff"]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
