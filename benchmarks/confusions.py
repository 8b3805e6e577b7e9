"""Counts which syllables a model writes for which, on recordings whose words are known.

usage: confusions.py DIR OUT [DIR OUT ...] [--model base] [--write]

``DIR`` holds NAME.truth.json, ``OUT`` what `voicemon run` made of the recordings (or of variants of them, variants.py, or of the same
calls in other words, spoken_anew.py). Prints how well what is misheard in a scenario is foretold by the others. ``--write`` stores the
counts in ``models/`` and names them in the manifest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from voicemon.records import Utterance
from voicemon.serial import dumps, write_atomically
from voicemon.speech.confusions import Confusions, Sound, as_table, pair
from voicemon.speech.pinyin import GAP_COST, Syllable, distance, syllables
from voicemon.store import existing

MODELS = Path(__file__).parent.parent / "models"
FOLDS = 10
MOST_DIFFERENT = 3  # syllables too many or too few, from which an utterance was not heard at all
NEAR_S = 0.15
SHOWN = 12

Pairs = list[tuple[str, tuple[Sound, Sound]]]
"""Scenario, and what was said and heard."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR OUT")
    parser.add_argument("--model", default="base")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    pairs = [found for folder, out in zip(args.folders[::2], args.folders[1::2], strict=True) for found in pairs_of(folder, out)]
    show(pairs)
    if args.write:
        write(pairs, args.model)


def pairs_of(folder: Path, out: Path) -> Iterator[tuple[str, tuple[Sound, Sound]]]:
    """Each syllable that was said in the recordings of a folder, with the one that was heard for it."""
    store = existing(out)
    for path in sorted(folder.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        facts = store.load_facts(truth["id"])
        for said in truth["utterances"] if facts else ():
            heard = "".join(u.text for u in facts.transcript if u.speaker == said["speaker"] and _overlap(u, said))
            yield from ((truth["scenario"], both) for both in aligned(syllables(said["text"]), syllables(heard)))


def _overlap(heard: Utterance, said: dict[str, float]) -> bool:
    return heard.start_s < said["end_s"] - NEAR_S and heard.end_s > said["start_s"] + NEAR_S


def aligned(said: Sequence[Syllable], heard: Sequence[Syllable]) -> Iterator[tuple[Sound, Sound]]:
    """Syllables that stand for each other, by the least costs; none where hardly anything was heard."""
    if not said or not heard or abs(len(said) - len(heard)) > MOST_DIFFERENT:
        return
    costs = [[GAP_COST * j for j in range(len(heard) + 1)]]
    for i, one in enumerate(said, 1):
        row = [GAP_COST * i]
        for j, other in enumerate(heard, 1):
            row.append(min(costs[-1][j - 1] + distance(one, other), costs[-1][j] + GAP_COST, row[-1] + GAP_COST))
        costs.append(row)
    i, j = len(said), len(heard)
    while i and j:
        if costs[i][j] == costs[i - 1][j - 1] + distance(said[i - 1], heard[j - 1]):
            i, j = i - 1, j - 1
            yield pair(said[i], heard[j])
        elif costs[i][j] == costs[i - 1][j] + GAP_COST:
            i -= 1
        else:
            j -= 1


def fitted(pairs: Pairs, without: frozenset[str] = frozenset()) -> Confusions:
    """What was misheard but in some scenarios."""
    return Confusions(Counter(both for scenario, both in pairs if scenario not in without))


def scenarios_apart(pairs: Pairs) -> list[frozenset[str]]:
    """The scenarios in :data:`FOLDS` parts."""
    names = sorted({scenario for scenario, _ in pairs})
    return [frozenset(names[fold::FOLDS]) for fold in range(FOLDS)]


def show(pairs: Pairs) -> None:
    """Print what is misheard, and how well it is foretold with scenarios left out."""
    misheard = Counter(both for _, both in pairs if both[0] != both[1])
    print(f"{len(pairs)} syllables, {1 - misheard.total() / len(pairs):.3f} as said but for the tone; written for others most:")
    print("  " + ", ".join(f"{''.join(said)} {''.join(heard)} {times}" for (said, heard), times in misheard.most_common(SHOWN)))
    gains: list[float] = []
    for part in scenarios_apart(pairs):
        known = fitted(pairs, part)
        gains += [known.gain(*both) for scenario, both in pairs if scenario in part and both[0] != both[1]]
    print(f"by the other scenarios, what is misheard is written e^{sum(gains) / len(gains):.2f} times as often as by chance")


def write(pairs: Pairs, model: str) -> None:
    """Store the counts beside the manifest, which names them."""
    manifest = json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))
    rows = (f"{json.dumps(said)}: {json.dumps(row)}" for said, row in as_table(Counter(both for _, both in pairs)).items())
    text = "{\n" + ",\n".join(rows) + "\n}\n"
    name = f"{model}-confusions.json"
    write_atomically(MODELS / name, text)
    listed = {"file": name, "sha256": hashlib.sha256(text.encode()).hexdigest(), "syllables": len(pairs)}
    write_atomically(MODELS / "manifest.json", dumps({**manifest, model: {**manifest[model], "confusions": listed}}) + "\n")


if __name__ == "__main__":
    main()
