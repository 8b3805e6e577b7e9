"""Fits who speaks on one channel by the words: python benchmarks/word_speakers.py TRUTH_DIR [TEXTS...] [--heard DIR OUT]... [--write]

A logistic regression (``log_odds.py``) over the utterances of TRUTH_DIR's calls and of the same calls in other words (TEXTS,
``retold.py``; by default all of ``other_words``), as they are written and cut at their marks as a recogniser cuts at pauses, over the
examples of the shipped standards and the wordings they listen for, over ``dialogues``, and over what runs over DIR (truth and recordings)
heard in OUT, on one channel or two. Tested by leaving whole scenarios out on what was heard on one channel: exits with 1 where more
than 6 % of the speech of calls goes to the wrong party. ``--write`` stores ``voicemon/speech/word_speakers.json``.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from log_odds import Example, log_odds
from pack_words import wordings
from retold import PARTY_OF, fitting_arguments, read_texts

from voicemon.judge.examples import example_facts
from voicemon.known_standards import shipped_standards
from voicemon.records import AGENT, CUSTOMER, Utterance
from voicemon.serial import from_plain
from voicemon.speech.attribution import breath_groups
from voicemon.speech.text import normalise, numbers_as_read
from voicemon.speech.word_speakers import PARTIES, SpeakerWeights, features, inner_features, tell_speakers

DIALOGUES = Path(__file__).parent / "dialogues"
WEIGHTS = Path(__file__).parent.parent / "voicemon" / "speech" / "word_speakers.json"
FOLDS, CONFUSION_AT_MOST, SURE = 5, 0.06, (0.9, 0.95)
PENALTIES, PENALTY = {"s": 1.0, "-": 8.0, "+": 8.0}, 3.0
"""By what a feature begins with, and of all others: syllables are misheard least, neighbours tell least."""
OF_OTHERS, OF_WORDINGS = 1.5, 0.15
"""How much an utterance counts that belongs to no scenario, and a wording of a pack; one of CALLS or its like counts 1."""
LEAST_WEIGHT = 0.05
NO_SCENARIO = 0
WHOLE, FINELY = "utterances", "breath groups"
CUT_SHARE, CHARACTER_S = 45, 0.24  # of a hundred commas a pause that cuts; usual pace, where no time is known


@dataclass(frozen=True)
class Dialogue:
    """A call as its utterances: texts, who says each, its seconds; ``on_one``: what was heard of both parties on one channel, if it was, in
    which pieces."""

    scenario: int
    texts: tuple[str, ...]
    speakers: tuple[str, ...]
    seconds: tuple[float, ...]
    on_one: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    args = fitting_arguments(__doc__).parse_args(argv)
    calls = [*as_written(args.truth_dir, args.texts), *of_packs(),
             *(d for path in sorted(DIALOGUES.glob("*.txt")) for d in as_dialogues(path)),
             *(d for folder, out in args.heard for d in as_heard(folder, out))]
    wrong = confusion(calls)
    if args.write:
        WEIGHTS.write_text(as_json(fitted(calls)), encoding="utf-8")
    return 0 if wrong <= CONFUSION_AT_MOST else 1


def as_written(truth_dir: Path, texts: Sequence[Path]) -> Iterator[Dialogue]:
    """Every call twice: a line as one utterance, and cut at its marks."""
    truths = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(truth_dir.glob("*.truth.json"))]
    written = [(t["id"], [(u["speaker"], u["text"]) for u in t["utterances"]]) for t in truths]
    written += [(retold.call, list(retold.lines)) for path in texts for retold in read_texts(path)]
    for call, lines in written:
        yield _dialogue(call, lines)
        yield _dialogue(call, [(who, part) for i, (who, text) in enumerate(lines) for part in _cut(text, f"{call}{i}")])


def of_packs() -> Iterator[Dialogue]:
    """The little calls that stand as examples beside the rules of the shipped standards; they belong to no scenario."""
    examples = {line for standard in shipped_standards() for rule in standard.rules for lines in rule.examples.values() for line in lines}
    for line in sorted(examples):
        yield _dialogue(f"s{NO_SCENARIO}", [(u.speaker, u.text) for u in example_facts(line).transcript])


def as_dialogues(path: Path) -> Iterator[Dialogue]:
    """Calls written as breath groups: ``A 您好,`` or ``C 喂`` a line, calls parted by empty lines; they belong to no scenario."""
    for call in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.partition(" ") for line in call.splitlines() if line[:2] in ("A ", "C ")]
        yield _dialogue(f"s{NO_SCENARIO}", [(PARTY_OF[party], text) for party, _, text in lines])


def as_heard(truth_dir: Path, out: Path) -> Iterator[Dialogue]:
    """What was heard of each call, in order of time, each utterance by the party that speaks most of it in truth; and cut finely."""
    for path in sorted((out / "calls").glob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        truth = truth_dir / f"{path.stem}.truth.json"
        if truth.exists():
            spoken = json.loads(truth.read_text(encoding="utf-8"))["utterances"]
            heard = [from_plain({**u, "words": u.get("words", ())}, Utterance) for u in report["transcript"]]
            finely = [group for u in heard for group in breath_groups(u)]
            on_one = report["call"]["channels"] == 1
            yield _as_told(path.stem, heard, spoken, WHOLE if on_one else "")
            if len(finely) > len(heard):
                yield _as_told(path.stem, finely, spoken, FINELY if on_one else "")


def _as_told(call: str, heard: Sequence[Utterance], spoken: Sequence[Mapping[str, Any]], on_one: str) -> Dialogue:
    told = [(u.text, _owner(spoken, u)) for u in heard if normalise(u.text)]
    return _dialogue(call, [(who, text, seconds) for text, (who, seconds) in told if seconds > 0], on_one)


def _dialogue(call: str, lines: Sequence[Any], on_one: str = "") -> Dialogue:
    said = [(who, normalise(numbers_as_read(text)), *rest) for who, text, *rest in lines]
    said = [line for line in said if line[1]]
    seconds = tuple(line[2] if len(line) > 2 else CHARACTER_S * len(line[1]) for line in said)
    return Dialogue(_scenario(call), tuple(line[1] for line in said), tuple(line[0] for line in said), seconds, on_one)


def _scenario(call: str) -> int:
    found = re.search(r"s(\d+)", call)
    if found is None:
        raise SystemExit(f"{call}: the name of a call must hold its scenario as sNN")
    return int(found[1])


def _cut(text: str, key: str) -> list[str]:
    """``text`` cut behind its full stops, and behind some of its commas, always the same ones."""
    parts = [""]
    for i, character in enumerate(text):
        parts[-1] += character
        if character in "。？！?!；" or (character in "，," and zlib.crc32(f"{key}/{i}".encode()) % 100 < CUT_SHARE):
            parts.append("")
    return [part for part in parts if part]


def _owner(spoken: Iterable[Mapping[str, Any]], heard: Utterance) -> tuple[str, float]:
    shares = dict.fromkeys(PARTIES, 0.0)
    for u in spoken:
        shares[u["speaker"]] += max(0.0, min(u["end_s"], heard.end_s) - max(u["start_s"], heard.start_s))
    most = max(shares, key=lambda party: shares[party])
    return most, shares[most]


def fitted(calls: Iterable[Dialogue]) -> SpeakerWeights:
    """The weights that make the speakers of ``calls`` likeliest, each utterance by its words and its neighbours'."""
    examples = [Example(sorted(inner_features(normalise(numbers_as_read(text)))), party == AGENT, OF_WORDINGS)
                for text, party in wordings().items()]
    for call in calls:
        counts = OF_OTHERS if call.scenario == NO_SCENARIO else 1.0
        examples += [Example(features(call.texts, i), who != CUSTOMER, counts) for i, who in enumerate(call.speakers)]
    odds = log_odds(examples, lambda feature: PENALTIES.get(feature[0], PENALTY))
    return {f: round(w, 2) for f, w in sorted(odds.items()) if abs(w) >= LEAST_WEIGHT}


def confusion(calls: Sequence[Dialogue]) -> float:
    """Share of the speech heard on one channel that goes to the wrong party, scenarios left out; prints it and what is certain, for
    utterances and, where people answer at once, breath groups."""
    models = [fitted(c for c in calls if c.scenario % FOLDS != fold or c.scenario == NO_SCENARIO) for fold in range(FOLDS)]
    shares = {pieces: _confusion([c for c in calls if c.on_one == pieces and c.texts], models, pieces) for pieces in (WHOLE, FINELY)}
    return shares[WHOLE]


def _confusion(calls: Sequence[Dialogue], models: Sequence[SpeakerWeights], pieces: str) -> float:
    if not calls:
        raise SystemExit("nothing heard on one channel: --heard DIR OUT of recordings with one channel (variants.py --condition mono)")
    p = np.array([chance for c in calls for chance in tell_speakers(c.texts, weights=models[c.scenario % FOLDS]).agent])
    agent = np.array([who != CUSTOMER for c in calls for who in c.speakers])
    s = np.array([seconds for c in calls for seconds in c.seconds])
    wrong = (p > 0.5) != agent
    print(f"{len(p)} {pieces} heard on one channel, scenarios left out: {_share(wrong, s):.3f} of speech at the wrong door")
    for least in SURE:
        sure = np.maximum(p, 1 - p) >= least
        print(f"  at {least:g} and more certain: {_share(~sure, s):.3f} is nobody's, {_share(sure & wrong, s):.4f} at the wrong door")
    return _share(wrong, s)


def _share(chosen: Any, seconds: Any) -> float:
    return float(seconds[chosen].sum() / seconds.sum())


def as_json(weights: SpeakerWeights) -> str:
    """The weights as they are stored: a line for all features that begin with the same two characters."""
    lines = (_compact(dict(group))[1:-1] for _, group in groupby(sorted(weights.items()), key=lambda item: item[0][:2]))
    return '{"agent":{\n' + ",\n".join(lines) + "\n}}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
