"""Calibrates the phrase check: can the likelihood of a phrase tell where it was said from where it only sounds alike?

usage: phrase_check.py TRUTH_DIR OUT… [--model base] [--dump FILE] [--from-dump FILE] [--write models/manifest.json]

``OUT`` are folders as written by `voicemon run` over the calls of TRUTH_DIR or variants of them (variants.py). Every call is judged
again, and every question that judging asks the sound is held against the words that were said. Weights and limits are fitted on all
questions and tested by leaving whole scenarios out. ``--write`` stores them under the model; what is asked then differs a little, so
a model that was never calibrated is calibrated twice.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voicemon.audio.decode import decode, resample
from voicemon.judge.asking import common_phrases
from voicemon.judge.dialogue import Stream, lay_out
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.thresholds import ALONES, RATIOS, Thresholds
from voicemon.phrase_limits import phrase_thresholds
from voicemon.probes import KeptVerifier
from voicemon.records import PARTIES, Facts
from voicemon.serial import dumps, to_plain, write_atomically
from voicemon.speech.engine import Recogniser
from voicemon.speech.models import find_model
from voicemon.speech.packing import RATE_HZ
from voicemon.speech.pinyin import syllables
from voicemon.speech.soundalike import SoundText
from voicemon.speech.text import normalise, numbers_as_read
from voicemon.speech.verifier import NO_SOUND, SILENCE_S, PhraseVerifier, Question, Verifier
from voicemon.store import Store

WRONGLY_ACCEPTED, STRICTLY_ACCEPTED, WRONGLY_REJECTED, LEFT_OPEN = 0.02, 0.01, 0.065, 0.01
FOLDS = 10
SHORT_PHRASE = 3


@dataclass(frozen=True)
class Place:
    """A question that judging asked: where, what was written, which phrase, the answers, and whether it was said there."""

    out: str
    scenario: str
    heard: str
    phrase: str
    similarity: float
    ratio: float
    alone: float
    doubtful: bool
    said: bool


@dataclass
class Noting:
    """Passes questions on and keeps them."""

    inner: PhraseVerifier
    asked: dict[Question, float | None] = field(default_factory=dict)

    def log_ratio(self, *question: Any) -> float | None:
        """See :class:`voicemon.speech.verifier.PhraseVerifier`."""
        self.asked[(*question, "")[:7]] = self.inner.log_ratio(*question)
        return self.asked[(*question, "")[:7]]


def path_to_reference(heard: str, said: str) -> list[int]:
    """For every position of ``heard`` the position of ``said`` it is aligned with (fewest edits)."""
    cost = np.zeros((len(heard) + 1, len(said) + 1), dtype=int)
    cost[:, 0], cost[0, :] = np.arange(len(heard) + 1), np.arange(len(said) + 1)
    for i in range(1, len(heard) + 1):
        for j in range(1, len(said) + 1):
            change = cost[i - 1, j - 1] + (heard[i - 1] != said[j - 1])
            cost[i, j] = min(change, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    i, j, path = len(heard), len(said), [len(said)] * (len(heard) + 1)
    while i > 0:
        if j > 0 and cost[i, j] == cost[i - 1, j - 1] + (heard[i - 1] != said[j - 1]):
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
        path[i] = j
    return path


def is_said(phrase: str, reference: str, start: int, end: int) -> bool | None:
    """Whether the phrase stands in the reference at ``[start, end)``, give or take a character; ``None``: it overlaps or is close."""
    at, close = reference.find(phrase), False
    while at >= 0:
        off = abs(at - start) + abs(at + len(phrase) - end)
        if off <= (1 if len(phrase) <= SHORT_PHRASE else 2):
            return True
        close = close or min(end, at + len(phrase)) - max(start, at) > -2
        at = reference.find(phrase, at + 1)
    return None if close else False


def places_of(call: str, truth: dict[str, Any], facts: Facts, live: PhraseVerifier, out: str) -> Iterator[Place]:
    """Every question about a call of OUT that the truth can answer."""
    verifier, limits = Noting(live), phrase_thresholds(facts) or Thresholds()
    judge(facts, load_standard(truth["standard"]), verifier, "en", limits)
    streams = lay_out(facts).streams
    said = {p: normalise("".join(numbers_as_read(u["text"]) for u in truth["utterances"] if u["speaker"] == p)) for p in PARTIES}
    paths = {p: path_to_reference(streams[p].text, said[p]) for p in PARTIES}
    for (party, start_s, _, before, heard, phrase, after), ratio in dict(verifier.asked).items():
        at = None if ratio is None or party == NO_SOUND else _position(streams[party], start_s, before + heard + after)
        if at is None or ratio is None:
            continue
        first, last = at + len(before), at + len(before) + len(heard)
        truly = is_said(phrase, said[party], paths[party][first], paths[party][last])
        alone = live.log_ratio(NO_SOUND, 0.0, SILENCE_S, before, heard, phrase, after)
        similarity = max((x.similarity for x in SoundText(syllables(heard)).places(phrase, 0.0)), default=0.0)
        rival = phrase in common_phrases(len(phrase)) and similarity < limits.propose  # asked only to be held against another
        if truly is not None and alone is not None and not rival:
            sure = streams[party].confidence[first:last]
            yield Place(out, truth["scenario"], heard, phrase, similarity, ratio, alone,
                        sum(sure) / len(sure) < limits.last_confidence, truly)


def _position(stream: Stream, start_s: float, text: str) -> int | None:
    """Where in the stream the utterances of a question begin."""
    at = stream.text.find(text)
    while at >= 0 and abs(stream.start_s[at] - start_s) > 1e-3:
        at = stream.text.find(text, at + 1)
    return at if at >= 0 else None


def live_verifier(recogniser: Recogniser, facts: Facts) -> PhraseVerifier:
    """The sound of a call with two channels."""
    recording = decode(Path(facts.call.path))
    sides = {p: {"left": 0, "right": 1}[str(getattr(facts.roles, p))] for p in PARTIES}
    return Verifier(recogniser, {p: resample(recording.channel(i), recording.sample_rate_hz, RATE_HZ) for p, i in sides.items()})


def questions(args: argparse.Namespace) -> list[Place]:
    """All questions about all calls of all OUTs; what is asked anew is kept there."""
    recogniser, places = Recogniser(find_model(args.model), threads=1), []
    for out in args.outs:
        store = Store(out)
        for path in sorted(args.truth_dir.glob("*.truth.json")):
            truth = json.loads(path.read_text(encoding="utf-8"))
            facts = store.load_facts(truth["id"])
            if facts is None or facts.roles.agent is None or facts.roles.agent == facts.roles.customer:
                continue
            kept = KeptVerifier(store.load_probes(truth["id"]), lambda facts=facts: live_verifier(recogniser, facts))  # type: ignore[misc]
            places += places_of(truth["id"], truth, facts, kept, out.name)
            store.save_probes(truth["id"], kept.answers())
    return places


def features(places: Sequence[Place]) -> np.ndarray:
    """Log-ratio per syllable, similarity, log-ratio without sound per syllable, 1; shape (places, 4)."""
    length = np.array([len(p.phrase) for p in places])
    ratio, alone = np.clip([p.ratio for p in places], *RATIOS) / length, np.clip([p.alone for p in places], *ALONES) / length
    return np.column_stack([ratio, [p.similarity for p in places], alone, np.ones(len(places))])


def regression(x: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Weights of a logistic regression (Newton's method with a slight ridge; converges in about ten steps)."""
    weights, ridge = np.zeros(x.shape[1]), 1e-2 * np.eye(x.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30, 30)))
        weights = weights + np.linalg.solve((x * (chance * (1 - chance))[:, None]).T @ x + ridge, x.T @ (said - chance) - ridge @ weights)
    return weights


def auc(values: np.ndarray, said: np.ndarray) -> float:
    """Area under the ROC curve: how often a said place scores above one that is not."""
    pooled = np.sort(np.concatenate([values[said], values[~said]]))
    ranks = (np.searchsorted(pooled, values[said], "left") + np.searchsorted(pooled, values[said], "right") + 1) / 2
    positives, negatives = int(said.sum()), int((~said).sum())
    return float((ranks.sum() - positives * (positives + 1) / 2) / (positives * negatives))


def choose(odds: np.ndarray, said: np.ndarray, doubtful: np.ndarray) -> dict[str, float]:
    """Limits: ``accept`` lets through 2 % of what was not said (``accept_strictly`` 1 %), ``reject`` refuses 6.5 % of what was,
    ``last`` leaves 1 % of the doubtful words open that hide nothing.

    Chosen by the verdicts that come of them: nearly all convictions right, most broken rules found.
    """
    reject = float(np.quantile(odds[said], WRONGLY_REJECTED, method="lower"))
    unsaid = odds[~said]
    accept, strictly = (float(np.quantile(unsaid, 1 - share, method="higher")) for share in (WRONGLY_ACCEPTED, STRICTLY_ACCEPTED))
    last = float(np.quantile(odds[~said & doubtful], 1 - LEFT_OPEN, method="higher"))
    least = reject + 0.1
    return {"accept": max(accept, least), "accept_strictly": max(strictly, least), "reject": reject, "last": last}


def left_out(places: Sequence[Place], said: np.ndarray, doubtful: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """Log-odds by weights of other scenarios, and shares by limits of other scenarios."""
    x, groups = features(places), np.array([p.scenario for p in places])
    names, odds = np.array(sorted(set(groups))), np.zeros(len(places))
    margins = {name: np.zeros(len(places)) for name in ("accept", "accept_strictly", "reject")}
    for fold in range(FOLDS):
        test = np.isin(groups, names[fold::FOLDS])
        weights = regression(x[~test], said[~test])
        odds[test] = x[test] @ weights
        for name, limit in choose(x[~test] @ weights, said[~test], doubtful[~test]).items():
            if name in margins:
                margins[name][test] = odds[test] - limit
    decided = {"accepted": margins["accept"] >= 0, "accepted_strictly": margins["accept_strictly"] >= 0, "rejected": margins["reject"] <= 0}
    return odds, {f"{kind}_{name}": round(float(hit[which].mean()), 3)
                  for kind, which in (("said", said), ("unsaid", ~said)) for name, hit in decided.items()}


def report(places: Sequence[Place]) -> dict[str, Any]:
    """Print what was found; return what belongs in the manifest."""
    said, doubtful = np.array([p.said for p in places]), np.array([p.doubtful for p in places])
    odds, tested = left_out(places, said, doubtful)
    for out in sorted({p.out for p in places}):
        here = np.array([p.out == out for p in places])
        ratio = np.array([p.ratio for p in places])
        print(f"{out}: {here.sum()} questions, said {said[here].sum()}; AUC of the log-ratio alone {auc(ratio[here], said[here]):.3f}, "
              f"of all with scenarios left out {auc(odds[here], said[here]):.3f}")
    weights = regression(features(places), said)
    limits = {name: round(limit, 2) for name, limit in choose(features(places) @ weights, said, doubtful).items()}
    names = ("ratio_weight", "similarity_weight", "alone_weight", "bias")
    limits |= {name: round(float(w), 3) for name, w in zip(names, weights, strict=True)}
    print(f"limits {limits}; scenarios left out: {tested}")
    basis = {"questions": len(places), "said": int(said.sum()), "scenarios": len({p.scenario for p in places})}
    return {**limits, "auc": round(auc(odds, said), 3), "scenarios_left_out": tested, "calibrated_on": basis}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("outs", type=Path, nargs="*")
    parser.add_argument("--model", default="base")
    parser.add_argument("--write", type=Path, help="manifest to store the limits in")
    parser.add_argument("--from-dump", type=Path, help="places of an earlier --dump: only the limits are chosen anew")
    parser.add_argument("--dump", type=Path, help="JSON of every question and its answers")
    args = parser.parse_args()
    places = [Place(**row) for row in json.loads(args.from_dump.read_text(encoding="utf-8"))] if args.from_dump else questions(args)
    if args.dump:
        args.dump.write_text(dumps([to_plain(p) for p in places]), encoding="utf-8")
    found = report(places)
    if args.write:
        manifest = json.loads(args.write.read_text(encoding="utf-8"))
        write_atomically(args.write, dumps({**manifest, args.model: {**manifest[args.model], "phrase_check": found}}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
