"""What ``fuzz.py`` feeds: per kind of input the seeds, how one is mutated, and what voicemon does with it.

A target gets one file and must end in a result (its name is returned) or a :class:`voicemon.errors.VoicemonError`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import av
import numpy as np
import soundfile
import yaml
from fuzz_mutations import as_bytes, json_bytes, mutate_bytes, mutate_lines, mutate_plain
from fuzz_reports import all_standards, feed_report, make_report, with_notes

from voicemon.audio.decode import Recording, decode
from voicemon.hearing import hear
from voicemon.judge.judge import judge
from voicemon.judge.lines import load_lines
from voicemon.judge.loader import PACK_KEYS, list_standards, load_standard
from voicemon.judge.rule_reader import RULE_KEYS
from voicemon.judge.score import score
from voicemon.judge.standard import Standard
from voicemon.keys import made_with
from voicemon.listening import CallInput, Stopwatch
from voicemon.playable import playable_copy
from voicemon.records import CallReport, Facts, ReviewEntry, Utterance
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_text
from voicemon.report.media import Media
from voicemon.review import APPEAL_KEYS, add_appeal
from voicemon.settings import Settings
from voicemon.sidecar import FIELDS, read_sidecar
from voicemon.speech.engine import Job, Transcription

ROOT = Path(__file__).parent.parent
SEED_S = 2.5  # of a sample; short, so that ten thousand take minutes
FORMATS = (  # ending, container, encoder, rate
    (".wav", "wav", "pcm_s16le", 8000), (".wav", "wav", "pcm_alaw", 8000), (".wav", "wav", "pcm_mulaw", 8000),
    (".wav", "wav", "pcm_u8", 8000),
    (".wav", "wav", "pcm_s24le", 16000), (".wav", "wav", "pcm_f32le", 16000), (".wav", "wav", "adpcm_ms", 8000),
    (".wav", "wav", "adpcm_ima_wav", 8000), (".w64", "w64", "pcm_s16le", 8000), (".mp3", "mp3", "libmp3lame", 16000),
    (".ogg", "ogg", "libopus", 48000), (".ogg", "ogg", "vorbis", 16000), (".flac", "flac", "flac", 8000),
    (".amr", "amr", "libopencore_amrnb", 8000), (".aac", "adts", "aac", 16000), (".m4a", "ipod", "aac", 16000),
    (".m4a", "mp4", "alac", 8000),
    (".3gp", "3gp", "libopencore_amrnb", 8000), (".mka", "matroska", "libopus", 48000), (".webm", "webm", "libopus", 48000),
    (".aiff", "aiff", "pcm_s16be", 8000), (".au", "au", "pcm_mulaw", 8000), (".caf", "caf", "pcm_s16le", 8000),
    (".wma", "asf", "wmav2", 16000),
)  # fmt: skip
SAID = "您好,紫金金行,请问有什么能够帮您?我的电话是一三六一二三四。请稍等,正在为您查询,谢谢您的来电,再见。"


@dataclass(frozen=True)
class Input:
    """One mutated file: its name (the ending may lie) and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Target:
    """``make(rng)`` gives an input, ``feed(path)`` hands it to voicemon and names the kind of result."""

    make: Callable[[Random], Input]
    feed: Callable[[Path], str]


class TalkingEar:
    """A recogniser without a model: the same words in every stretch of speech."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription(tuple(Utterance(j.speaker, s.start_s, s.end_s, SAID, 0.9) for s in j.speech), ()) for j in jobs)

    def describe(self) -> Mapping[str, Any]:
        return {"model": "none", "model_sha256": "0" * 64}


def _heard(recording: Recording, sidecar: Mapping[str, Any]) -> Facts:
    settings = Settings(agent_channel="left" if recording.channels == 2 else "auto")
    return hear(recording, CallInput("fuzz", sidecar, ("紫金金行",), "key"), TalkingEar(), settings, Stopwatch())


def _judged(facts: Facts, standard: Standard) -> CallReport:
    verdicts = judge(facts, standard, None, "zh")
    return CallReport(facts, standard.name, standard.version, verdicts, score(verdicts, standard), made_with(facts))


def _told(facts: Facts, standard: Standard) -> str:
    report = _judged(facts, standard)
    call_page(report, standard, Media(), "zh")
    json.loads(call_text(report, standard, "zh"))
    return "result"


@lru_cache(maxsize=1)
def _known_facts() -> Facts:
    return _heard(decode(ROOT / "tests" / "data" / "two-parties.flac"), {})


@lru_cache(maxsize=1)
def _recordings() -> tuple[Input, ...]:
    """The samples' first seconds in every format that this PyAV can write, in turn on one and two channels."""
    samples = sorted(p for p in (ROOT / "samples").iterdir() if p.suffix in (".flac", ".mp3"))
    seeds = []
    for i, (ending, container, codec, rate_hz) in enumerate(FORMATS):
        if codec in av.codecs_available:
            recording = decode(samples[i % len(samples)])
            first = recording.samples[:, : int(SEED_S * recording.sample_rate_hz)]
            stereo = "amr" not in codec and i % 3 != 1
            rates_hz = (recording.sample_rate_hz, rate_hz)
            seeds.append(Input(f"call{ending}", _encoded(first if stereo else first[:1], container, codec, rates_hz)))
    return (*seeds, Input("call.wav", _as_gsm(decode(samples[0]))))


def _as_gsm(recording: Recording) -> bytes:
    """GSM 6.10 in WAV, which PyAV reads and cannot write."""
    buffer = io.BytesIO()
    first = recording.samples[0, : int(SEED_S * recording.sample_rate_hz)]
    soundfile.write(buffer, first, recording.sample_rate_hz, format="WAV", subtype="GSM610")
    return buffer.getvalue()


def _encoded(samples: Any, container: str, codec: str, rates_hz: tuple[int, int]) -> bytes:
    (from_hz, to_hz), layout = rates_hz, "stereo" if samples.shape[0] == 2 else "mono"
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=to_hz, layout=layout)
        stream.codec_context.options = {"strict": "experimental"}
        if codec == "wmav2":
            stream.codec_context.bit_rate = 48_000  # has no default that works
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = from_hz
        wanted = stream.codec_context
        fitting = av.AudioResampler(format=wanted.format, layout=layout, rate=to_hz, frame_size=wanted.frame_size)
        for piece in (*fitting.resample(frame), *fitting.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def _make_recording(rng: Random) -> Input:
    seeds = _recordings()
    seed = rng.choice(seeds)
    name = seed.name if rng.random() < 0.9 else rng.choice(seeds).name
    return Input(name, mutate_bytes(seed.content, [s.content for s in seeds], rng))


def _feed_recording(path: Path) -> str:
    recording = decode(path)
    list(playable_copy(recording)[1])
    _heard(recording, {})
    return "result"


@lru_cache(maxsize=1)
def _sidecars() -> tuple[Any, ...]:
    paths = [p for p in sorted((ROOT / "samples").glob("*.json")) if not p.name.endswith(".expected.json") and p.stem != "exceptions"]
    return tuple(json.loads(p.read_text(encoding="utf-8")) for p in paths)


def _make_sidecar(rng: Random) -> Input:
    seed = rng.choice(_sidecars())
    if rng.random() < 0.4:
        whole = {**seed, **{k: v for k, v in rng.choice(_sidecars()).items()}}
        return Input("call.json", mutate_bytes(json_bytes(whole, rng), [b'{"a": 1}', b"\xff\xfe{\0}\0"], rng))
    return Input("call.json", json_bytes(mutate_plain(seed, sorted(FIELDS), rng), rng))


def _feed_sidecar(path: Path) -> str:
    sidecar = read_sidecar(path.with_suffix(".flac"))
    facts = replace(_known_facts(), sidecar=sidecar, call=replace(_known_facts().call, **{
        name: sidecar.get(name) for name in ("standard", "direction", "started_at", "agent_id", "agent_name")}))
    hear_again = _heard(decode(ROOT / "tests" / "data" / "two-parties.flac"), sidecar) if len(sidecar) % 4 == 0 else None
    names = list_standards()
    return _told(hear_again or facts, load_standard(names[len(sidecar) % len(names)]))


def _make_table(rng: Random) -> Input:
    rows = ["file,standard,agent_id,ring_count,ring_s,direction,started_at,archived", "call.flac,zijin-400,1023,2,7.5,inbound,,是",
            'other.flac,hotline,"a,b",,,,2026-03-12T10:15:00+08:00,']
    text = as_bytes(mutate_lines("\n".join(rows), rng))
    return Input("calls.csv", mutate_bytes(text, [b'"""', "您好".encode("gb18030")], rng) if rng.random() < 0.5 else text)


def _feed_table(path: Path) -> str:
    return "row" if read_sidecar(path.with_name("call.flac")) else "no row"


@lru_cache(maxsize=1)
def _packs() -> tuple[tuple[dict[str, Any], list[Any]], ...]:
    """Every shipped pack as its head and its rules."""
    packs = []
    folder = ROOT / "voicemon" / "standards"
    common = load_lines(folder / "_common.yaml")  # not YAML's own reading, to which yes is true
    for path in sorted(folder.glob("[a-z]*.yaml")):
        plain: dict[str, Any] = dict(load_lines(path))
        if plain.pop("extends", None):  # read with it every time, only the common pack would be tried
            plain.update({name: {**common.get(name, {}), **plain.get(name, {})} for name in ("events", "words", "settings")})
        packs.append(({k: v for k, v in plain.items() if k not in ("rules", "drop", "unobservable")}, plain.get("rules") or []))
    return tuple(packs)


def _make_pack(rng: Random) -> Input:
    """A pack with a few of its rules, so that a mutation is not alone among hundreds of rules that did not change."""
    head, rules = rng.choice([pack for pack in _packs() if pack[1]])
    small = _dumpable(_pruned({**head, "rules": rng.sample(rules, min(3, len(rules)))}))
    if rng.random() < 0.6:
        changed = mutate_plain(small, sorted(PACK_KEYS | RULE_KEYS), rng)
        return Input("pack.yaml", as_bytes(_yaml(_dumpable(changed))))
    text = _yaml(small)
    if rng.random() < 0.6:
        return Input("pack.yaml", as_bytes(mutate_lines(text, rng)))
    return Input("pack.yaml", mutate_bytes(text.encode(), [b"&a [*a]", b"%YAML 9\n---\n"], rng))


def _pruned(pack: Any) -> Any:
    """``pack`` without the events and word lists that none of its rules leads to."""
    head = {k: v for k, v in pack.items() if k not in ("events", "words")}
    used = json.dumps(head, ensure_ascii=False)
    kept: dict[str, dict[str, Any]] = {"events": {}, "words": {}}
    grown = True
    while grown:
        grown = False
        for section, found in kept.items():
            for name, value in (pack.get(section) or {}).items():
                if name not in found and name in used:
                    found[name] = value
                    used += json.dumps(value, ensure_ascii=False)
                    grown = True
    return {**head, **kept}


def _yaml(plain: Any) -> str:
    return yaml.dump(plain, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


def _dumpable(plain: Any) -> Any:
    """Half characters cannot be written by a YAML library; they are tried as bytes."""
    return json.loads(json.dumps(plain, ensure_ascii=True).replace("\\ud800", "?"))


def _feed_pack(path: Path) -> str:
    return _told(_known_facts(), load_standard(path))


def _make_appeal(rng: Random) -> Input:
    appeal = {"format": "voicemon-appeal", "version": 1, "call_id": "fuzz", "rule": "ZJ-7.1a", "agent_id": "1023", "note": "我说了您好。"}
    if rng.random() < 0.4:
        return Input("appeal.json", mutate_bytes(json_bytes(appeal, rng), [b"\xff", b"[[[["], rng))
    return Input("appeal.json", json_bytes(mutate_plain(appeal, APPEAL_KEYS, rng), rng))


def _feed_appeal(path: Path) -> str:
    add_appeal(path, path.parent)
    return "result"


@lru_cache(maxsize=1)
def _reports() -> tuple[CallReport, ...]:
    said = ReviewEntry("fuzz", "", "appeal", "1023", "2026-03-12T10:15:00+00:00", "我说了您好。", "fail")
    reports = (with_notes(_judged(_known_facts(), standard)) for standard in all_standards().values())
    return tuple(replace(r, reviews={v.rule: (replace(said, rule=v.rule),) for v in r.verdicts[:3]}) for r in reports)


def _make_report(rng: Random) -> Input:
    return Input("report.json", make_report(_reports(), rng))


def _feed_report(path: Path) -> str:
    return feed_report(path, all_standards())


TARGETS: Mapping[str, Target] = {
    "recordings": Target(_make_recording, _feed_recording),
    "sidecars": Target(_make_sidecar, _feed_sidecar),
    "tables": Target(_make_table, _feed_table),
    "packs": Target(_make_pack, _feed_pack),
    "appeals": Target(_make_appeal, _feed_appeal),
    "reports": Target(_make_report, _feed_report),
}
