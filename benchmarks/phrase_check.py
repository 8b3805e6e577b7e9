"""Calibrates the phrase check: can the likelihood of a phrase tell where it was said from where it only sounds alike?

usage: phrase_check.py TRUTH_DIR OUT… [--also DIR OUT]… [--model base] [--dump FILE] [--from-dump FILE] [--write models/manifest.json]

``OUT`` are folders as written by `voicemon run` over the calls of TRUTH_DIR or variants of them (variants.py). Every call is judged
again, and every question that judging asks the sound is held against the words that were said. Weights and limits are fitted on all
questions and tested by leaving whole scenarios out, among which what the model mishears is counted too (``confusions.py``, which stores
those counts; ``--also``: further recordings for them). ``--write`` stores weights and limits under the model; what is asked then differs
a little, so a model that was never calibrated is calibrated twice.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from confusions import Pairs, fitted, pairs_of, scenarios_apart

from voicemon.audio.decode import decode, resample
from voicemon.judge.asking import common_phrases
from voicemon.judge.dialogue import Stream, lay_out
from voicemon.judge.foretelling import log_odds_of_others
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.thresholds import ALONES, RATIOS
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

WRONGLY_ACCEPTED = {"accept": 0.05, "accept_strictly": 0.03, "accept_surely": 0.008, "accept_most_surely": 0.0035, "last_said": 0.012}
"""Share of what was not said that each limit lets through."""
WRONGLY_REJECTED = {"reject": 0.04, "last": 0.08, "part": 0.015, "opening": 0.035}
"""Share of what was said that each limit refuses; the last three leave doubtful words open that may hide a phrase."""
RIGHTLY_REJECTED = {"slot": 0.1}
"""Share of what was not said that is refused where a phrase must be if it was said, between its neighbours."""
FORETOLD_MARGIN = 1.65
"""Standard deviations under a limit from which the sound is spared."""
LEAST_OPEN = 0.1  # between what is refused and what is accepted
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
    said: bool
    others: float = 0.0
    """:func:`voicemon.judge.foretelling.log_odds_of_others` of what was written."""


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
    verifier, limits = Noting(live), replace(phrase_thresholds(facts), foretelling=None)  # what is spared would be missing
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
            others = log_odds_of_others(streams[party].confidence[first:last])
            yield Place(out, truth["scenario"], heard, phrase, similarity, ratio, alone, truly, others)


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


def features(places: Sequence[Place], misheard: np.ndarray) -> np.ndarray:
    """Log-ratio per syllable, what is misheard, log-ratio without sound per syllable, syllables, 1; shape (places, 5)."""
    length = np.array([len(p.phrase) for p in places])
    ratio, alone = np.clip([p.ratio for p in places], *RATIOS) / length, np.clip([p.alone for p in places], *ALONES) / length
    return np.column_stack([ratio, misheard, alone, length, np.ones(len(places))])


def misheard_of(places: Sequence[Place], pairs: Pairs) -> np.ndarray:
    """Log-likelihood per syllable of what is written at each place, by what was misheard in the other scenarios; shape (places,)."""
    found = np.zeros(len(places))
    for part in scenarios_apart(pairs):
        known = fitted(pairs, part)
        for i, place in enumerate(places):
            if place.scenario in part:
                found[i] = known.log_likelihood(syllables(place.phrase), syllables(place.heard))
    return found


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


def choose(odds: np.ndarray, said: np.ndarray) -> dict[str, float]:
    """Limits by the shares of :data:`WRONGLY_ACCEPTED`, :data:`WRONGLY_REJECTED` and :data:`RIGHTLY_REJECTED`.

    Those were chosen by the verdicts that come of them: nearly all convictions right, most broken rules found.
    """
    limits = {name: float(np.quantile(odds[~said], 1 - share, method="higher")) for name, share in WRONGLY_ACCEPTED.items()}
    limits |= {name: float(np.quantile(odds[said], share, method="lower")) for name, share in WRONGLY_REJECTED.items()}
    limits |= {name: float(np.quantile(odds[~said], share, method="lower")) for name, share in RIGHTLY_REJECTED.items()}
    return {name: max(limit, limits["reject"] + LEAST_OPEN) if name in WRONGLY_ACCEPTED else limit for name, limit in limits.items()}


def foretold(places: Sequence[Place], misheard: np.ndarray, odds: np.ndarray) -> dict[str, float]:
    """The line that foretells the log-odds before the sound is asked (:class:`voicemon.judge.foretelling.Foretelling`)."""
    others = np.array([p.others / len(p.phrase) for p in places])
    x = np.column_stack([np.ones(len(places)), misheard, others])
    line = np.linalg.lstsq(x, odds, rcond=None)[0]
    return dict(zip(("foretold_bias", "foretold_misheard", "foretold_others", "foretold_margin"),
                    [round(float(w), 3) for w in (*line, FORETOLD_MARGIN * np.std(odds - x @ line))], strict=True))


def left_out(x: np.ndarray, groups: np.ndarray, said: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """Log-odds by weights of other scenarios, and shares by limits of other scenarios."""
    names, odds = np.array(sorted(set(groups))), np.zeros(len(x))
    margins = {name: np.zeros(len(x)) for name in ("accept", "accept_strictly", "accept_surely", "reject")}
    for fold in range(FOLDS):
        test = np.isin(groups, names[fold::FOLDS])
        weights = regression(x[~test], said[~test])
        odds[test] = x[test] @ weights
        for name, limit in choose(x[~test] @ weights, said[~test]).items():
            if name in margins:
                margins[name][test] = odds[test] - limit
    decided = {name.replace("accept", "accepted"): margin >= 0 for name, margin in margins.items() if name != "reject"}
    decided["rejected"] = margins["reject"] <= 0
    return odds, {f"{kind}_{name}": round(float(hit[which].mean()), 3)
                  for kind, which in (("said", said), ("unsaid", ~said)) for name, hit in decided.items()}


def report(places: Sequence[Place], pairs: Pairs) -> dict[str, Any]:
    """Print what was found; return what belongs in the manifest."""
    said = np.array([p.said for p in places])
    misheard = misheard_of(places, pairs)
    x, groups = features(places, misheard), np.array([p.scenario for p in places])
    odds, tested = left_out(x, groups, said)
    for out in sorted({p.out for p in places}):
        here = np.array([p.out == out for p in places])
        ratio = np.array([p.ratio for p in places])
        print(f"{out}: {here.sum()} questions, said {said[here].sum()}; AUC of the log-ratio alone {auc(ratio[here], said[here]):.3f}, "
              f"of all with scenarios left out {auc(odds[here], said[here]):.3f}")
    weights = regression(x, said)
    limits = {name: round(limit, 2) for name, limit in choose(x @ weights, said).items()}
    names = ("ratio_weight", "misheard_weight", "alone_weight", "length_weight", "bias")
    limits |= {name: round(float(w), 3) for name, w in zip(names, weights, strict=True)}
    limits |= foretold(places, misheard, x @ weights)
    print(f"limits {limits}; scenarios left out: {tested}")
    basis = {"questions": len(places), "said": int(said.sum()), "scenarios": len({p.scenario for p in places})}
    return {**limits, "auc": round(auc(odds, said), 3), "scenarios_left_out": tested, "calibrated_on": basis}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("outs", type=Path, nargs="*")
    parser.add_argument("--also", type=Path, nargs=2, action="append", default=[], metavar=("DIR", "OUT"))
    parser.add_argument("--model", default="base")
    parser.add_argument("--write", type=Path, help="manifest to store the limits in")
    parser.add_argument("--from-dump", type=Path, help="places of an earlier --dump: only weights and limits are chosen anew")
    parser.add_argument("--dump", type=Path, help="JSON of every question and its answers")
    args = parser.parse_args()
    places = [Place(**row) for row in json.loads(args.from_dump.read_text(encoding="utf-8"))] if args.from_dump else questions(args)
    if args.dump:
        args.dump.write_text(dumps([to_plain(p) for p in places]), encoding="utf-8")
    heard = [*((args.truth_dir, out) for out in args.outs), *args.also]
    found = report(places, [pair for folder, out in heard for pair in pairs_of(folder, out)])
    if args.write:
        manifest = json.loads(args.write.read_text(encoding="utf-8"))
        write_atomically(args.write, dumps({**manifest, args.model: {**manifest[args.model], "phrase_check": found}}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
