#!/usr/bin/env python3
"""Make the samples from a folder of synthetic calls with truth: recordings, sidecars, and expected outcomes.

usage: make_samples.py TRUTH_DIR [--expected-only]

TRUTH_DIR holds NAME.flac and NAME.truth.json. A rule that the truth calls kept must not fail, one that it calls broken must
fail; `exceptions.json` beside this file holds what is agreed to be otherwise, with the reason. Needs what voicemon needs.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

HERE = Path(__file__).resolve().parent
RULES = HERE.parent / "voicemon" / "standards" / "rules.csv"
RATE_TOLERANCE, LEVEL_TOLERANCE_DB, RING_TOLERANCE_S, WAIT_TOLERANCE_S = 0.10, 1.0, 0.3, 0.5
FEWEST_CHARACTERS = 30
SHORTEST_WAIT_S = 2.3  # shorter ones may fall under the 2.0 s limit by the speech edges' own error


@dataclass(frozen=True)
class Sample:
    """A sample: its name, the call it is made from, how it is written, who the agent is, and whether the sidecar tells the channel."""

    name: str
    source: str
    form: str = "flac"
    agent_id: str = "1001"
    tells_channel: bool = True


SAMPLES = (
    Sample("zijin-kept-register", "dev-s33-kept", agent_id="1001", tells_channel=False),
    Sample("zijin-kept-hold", "dev-s35-kept", agent_id="1002"),
    Sample("zijin-kept-silent-line", "dev-s37-kept", agent_id="1001"),
    Sample("zijin-broken-hang-up", "dev-s34-broken", agent_id="1002"),
    Sample("zhonghuan-kept-damaged-parcel", "dev-s05-kept-b", agent_id="1003", tells_channel=False),
    Sample("zhonghuan-broken-talk-over", "dev-s04-broken", agent_id="1004"),
    Sample("zhonghuan-broken-mono", "dev-s01-broken", form="mono", agent_id="1004", tells_channel=False),
    Sample("taobao-kept-festival", "dev-s11-kept", form="mp3", agent_id="1003"),
    Sample("taobao-broken-silent-line", "dev-s12-tb-broken", agent_id="1004"),
    Sample("hotline-kept-mute", "dev-s28-kept", agent_id="1001"),
    Sample("hotline-broken-hands-free", "dev-s22-broken", agent_id="1002", tells_channel=False),
    Sample("counter-kept-hold", "dev-s40-kept", agent_id="1003"),
    Sample("counter-broken-no-ring", "dev-s38-broken", agent_id="1004"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--expected-only", action="store_true", help="leave recordings and sidecars as they are")
    options = parser.parse_args()
    exceptions = _read(HERE / "exceptions.json")
    direct = {row["id"] for row in csv.DictReader(RULES.open(encoding="utf-8")) if row["evidence"] == "direct"}
    for sample in SAMPLES:
        truth = _read(options.truth_dir / f"{sample.source}.truth.json")
        if not options.expected_only:
            _write_recording(options.truth_dir / f"{sample.source}.flac", sample)
            _write(HERE / f"{sample.name}.json", sidecar_of(truth, sample))
        _write(HERE / f"{sample.name}.expected.json", expected_of(truth, sample, direct, exceptions.get(sample.name, {})))
    print(len(SAMPLES), "samples")


def sidecar_of(truth: Mapping[str, Any], sample: Sample) -> dict[str, Any]:
    """What a telephone system would have known of the call."""
    sidecar = {name: truth[name] for name in ("standard", "direction", "started_at") if truth.get(name)}
    sidecar["agent_id"] = sample.agent_id
    if sample.tells_channel:
        sidecar["agent_channel"] = "left"
    return {**sidecar, **(truth.get("sidecar") or {})}


def expected_of(truth: Mapping[str, Any], sample: Sample, direct: set[str], agreed: Mapping[str, Any]) -> dict[str, Any]:
    """The expected file of a sample; ``agreed`` maps a rule or a value to ``{"must_be"|"must_not_be"|"value": …, "because": …}``."""
    must_be, must_not_be = {}, {}
    for rule in truth["expected"].get("kept") or ():
        if rule in direct:
            must_not_be[rule] = ["fail"]
    for rule in truth["expected"].get("broken") or ():
        if rule in direct:
            must_be[rule] = ["fail"] if sample.form != "mono" else ["fail", "unsure"]
    values = _values(truth, sample)
    for name, change in agreed.items():
        for section in (must_be, must_not_be, values):
            section.pop(name, None)
        if "must_be" in change:
            must_be[name] = change["must_be"]
        if "must_not_be" in change:
            must_not_be[name] = change["must_not_be"]
        if "value" in change:
            values[name] = {"value": change["value"], "tolerance": change.get("tolerance", 0.0)}
    waits = [{"start_s": start, "end_s": round(min(end, _release_s(truth)), 3), "tolerance_s": WAIT_TOLERANCE_S}
             for start, end in truth["silences_over_2s"] if end - start >= SHORTEST_WAIT_S]
    return {"must_be": must_be, "must_not_be": must_not_be, "values": values, "waits": waits}


def _release_s(truth: Mapping[str, Any]) -> float:
    """When the line was released: no wait lasts longer, though the recording may."""
    after_s = (truth.get("sidecar") or {}).get("released_after_s")
    return truth["duration_s"] if after_s is None else max(u["end_s"] for u in truth["utterances"]) + after_s


def _values(truth: Mapping[str, Any], sample: Sample) -> dict[str, Any]:
    mono = sample.form == "mono"
    values: dict[str, Any] = {
        "call.channels": {"value": 1 if mono else 2}, "call.standard": {"value": truth["standard"]},
        "call.duration_s": {"value": round(truth["duration_s"], 2), "tolerance": 0.2},
        "roles.agent": {"value": "mono" if mono else "left"},
    }
    ring = truth.get("ring")
    values["measures.ring.source"] = {"value": "recording" if ring else None}
    values["measures.ring.count"] = {"value": ring["count"] if ring else None}
    if ring:
        values["measures.ring.ring_to_answer_s"] = {"value": ring["ring_to_answer_s"], "tolerance": RING_TOLERANCE_S}
    for party, speech in truth["speech"].items():
        level, rate = speech.get("active_level_dbov"), speech.get("characters_per_minute_of_turns")
        path = f"measures.level.{party}.active_level_dbov"
        if level is not None:
            values[path] = {"value": level, "tolerance": LEVEL_TOLERANCE_DB}
        path = f"measures.speaking_rate.{party}.per_minute_of_turns"
        if rate and speech["characters"] >= FEWEST_CHARACTERS:
            values[path] = {"value": rate, "tolerance": round(RATE_TOLERANCE * rate, 1)}
    return values


def _write_recording(source: Path, sample: Sample) -> None:
    if sample.form == "flac":
        shutil.copyfile(source, HERE / f"{sample.name}.flac")
        return
    with av.open(str(source)) as container:
        rate_hz = container.streams.audio[0].rate
        samples = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)])
    if sample.form == "mono":
        mixed = np.clip(samples.astype(np.int32).sum(axis=1), -32768, 32767).astype(np.int16)
        _encode(HERE / f"{sample.name}.flac", mixed[:, None], rate_hz, "flac")
    else:
        _encode(HERE / f"{sample.name}.mp3", samples, rate_hz, "libmp3lame")


def _encode(path: Path, samples: np.ndarray, rate_hz: int, codec: str) -> None:
    """Write int16 ``samples`` of shape ``(n, channels)``."""
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        if codec == "libmp3lame":
            stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate_hz,
                                      frame_size=stream.codec_context.frame_size or 4096)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
