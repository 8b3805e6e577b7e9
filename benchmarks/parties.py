"""Who is the agent, and how two channels relate: python benchmarks/parties.py TRUTH_DIR OUT [--every N]

Roles: the transcripts of the finished reports in OUT (of TRUTH_DIR's recordings), with the channels given in shuffled order and without
sidecar or option. Channels: TRUTH_DIR's recordings as they are (two parties, nothing to report), one channel on both sides, the other
party's channel 15 dB down in each, and one side silent. Exits with 1 outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tolerance import Limits, recordings, report

from voicemon.audio.channels import ChannelReport, compare_channels
from voicemon.known_standards import cues_with, standard_named
from voicemon.records import AGENT, CUSTOMER
from voicemon.roles import RoleContext, assign_roles

ROLES_LEAST = 0.99
BLEED_DB, BLEED = -15.0, Limits(max_=2.0)
DELAY_S = 0.005


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=1, help="channels of only so many calls")
    args = parser.parse_args(argv)
    tally = roles(args.truth_dir, args.out)
    if not tally:
        print(f"{args.out}: no report of a call of {args.truth_dir}", file=sys.stderr)
        return 2
    total = sum(tally.values())
    share = tally["right"] / total
    print(f"agent found: {tally['right']} of {total} ({share:.1%}, ≥ {ROLES_LEAST:.0%})")
    print(f"agent wrong: {tally['wrong']}, not known: {tally['unknown']}")
    counts, bleeds = channels(args.truth_dir, args.every)
    kept = [share >= ROLES_LEAST, report(f"bleed of {BLEED_DB:g} dB, as found, dB", bleeds, BLEED)]
    for name in ("two parties", "same audio twice", "bleed", "silent channel"):
        total = counts[name, True] + counts[name, False]
        print(f"{name}: recognised {counts[name, True]} of {total}")
        kept.append(counts[name, False] == 0)
    return 0 if all(kept) else 1


def roles(truth_dir: Path, out: Path) -> Counter[str]:
    """How often the agent's channel is found from what is said alone."""
    rng, tally = np.random.default_rng(0), Counter[str]()
    for path in sorted(truth_dir.glob("*.truth.json")):
        told = out / "calls" / (path.name.removesuffix(".truth.json") + ".json")
        if not told.is_file():
            continue
        truth, call = json.loads(path.read_text(encoding="utf-8")), json.loads(told.read_text(encoding="utf-8"))
        if set(truth.get("channels", {}).values()) != {AGENT, CUSTOMER} or call["roles"]["agent"] not in ("left", "right"):
            tally["unknown"] += 1
            continue
        # The report names parties; its roles say which channel each is, so the words go back to their channels.
        channel = {AGENT: call["roles"]["agent"], CUSTOMER: call["roles"]["customer"]}
        order = list(rng.permutation(["left", "right"]))
        shuffled = dict(zip(("left", "right"), order, strict=True))
        texts = {shuffled[name]: "".join(u["text"] for u in call["transcript"] if channel.get(u["speaker"]) == name) for name in shuffled}
        texts = {name: texts[name] for name in order}
        spoken = [u for u in call["transcript"] if u["speaker"] in channel]
        first = shuffled[channel[spoken[0]["speaker"]]] if spoken else None
        found = assign_roles(texts, cues_with(standard_named(truth["standard"])), context=RoleContext(truth["direction"], first))
        due = shuffled[next(side for side, party in truth["channels"].items() if party == AGENT)]
        tally["unknown" if found.agent is None else "right" if found.agent == due else "wrong"] += 1
    return tally


def channels(truth_dir: Path, every: int) -> tuple[Counter[tuple[str, bool]], list[float]]:
    """For each relation of two channels how often it was recognised (and nothing else); errors of the level of the bleed in dB."""
    counts, bleeds = Counter[tuple[str, bool]](), []
    for truth, recording in recordings(truth_dir, every):
        left, right, rate_hz = recording.channel(0), recording.channel(1), recording.sample_rate_hz
        if len({u["speaker"] for u in truth["utterances"]}) < 2:
            continue
        gain, delay = np.float32(10 ** (BLEED_DB / 20)), round(DELAY_S * rate_hz)
        idle = (0.0003 * np.random.default_rng(0).standard_normal(left.size)).astype(np.float32)
        found = {
            "two parties": compare_channels(left, right, rate_hz),
            "same audio twice": compare_channels(left, np.float32(0.9) * left, rate_hz),
            "bleed": compare_channels(left + gain * np.roll(right, delay), right, rate_hz),
            "silent channel": compare_channels(left, idle, rate_hz),
        }
        for name, told in found.items():
            counts[name, _kind(told) == name] += 1
        if found["bleed"].bleed_db is not None:
            bleeds.append(found["bleed"].bleed_db - BLEED_DB)
    return counts, bleeds


def _kind(told: ChannelReport) -> str:
    if told.silent:
        return "silent channel" if told.silent == ("right",) else "another channel is silent"
    if told.same_audio:
        return "same audio twice"
    return "two parties" if told.bleed_db is None else "bleed"


if __name__ == "__main__":
    sys.exit(main())
