"""Fits what the words of a call tell about who is the agent: python benchmarks/role_cues.py TRUTH_DIR [TEXTS...] [--heard DIR OUT]...

Logistic regression over the characters and pairs of characters that only one of both parties says, on the words of TRUTH_DIR's calls and
of the same calls in other words (TEXTS, ``retold.py``; by default all of ``other_words``), and on lines on which nobody answers
(``one_sided.txt``). Tested by leaving whole scenarios out, and with
``--heard`` on what a run over DIR (TRUTH_DIR or recordings of the texts) heard of them. ``--write`` stores ``voicemon/role_cues.yaml``.
Exits with 1 where more than one call in a
hundred is told wrongly. Needs scikit-learn, which librosa brings (extra ``bench``).
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from retold import PARTY_OF, fitting_arguments, read_texts
from scipy.sparse import csr_matrix, vstack

from voicemon.records import AGENT, CUSTOMER
from voicemon.roles import LEAST_ODDS, role_words
from voicemon.store import existing

ONE_SIDED = Path(__file__).parent / "one_sided.txt"
WEIGHTS = Path(__file__).parent.parent / "voicemon" / "role_cues.yaml"
FIRST = "first"
FOLDS, LEAST_CALLS, LEAST_WEIGHT = 8, 3, 0.03
MOST_WRONG = 0.01
ONE_SIDED_WEIGHT = 0.2  # of a call: what so few words tell alone must not outweigh what they tell among many


@dataclass(frozen=True)
class Words:
    """Who says what in a call; ``first`` is 1 where the agent speaks first, -1 the customer, 0 where that tells nothing."""

    scenario: int
    agent: str
    customer: str
    first: int
    weight: float = 1.0

    def difference(self) -> dict[str, float]:
        """What only the agent says (1) and what only the customer says (-1)."""
        agent, customer = role_words(self.agent), role_words(self.customer)
        return {**dict.fromkeys(agent - customer, 1.0), **dict.fromkeys(customer - agent, -1.0), FIRST: float(self.first)}


def main(argv: Sequence[str] | None = None) -> int:
    args = fitting_arguments(__doc__).parse_args(argv)
    written = list(as_written(args.truth_dir, args.texts))
    kept = [tell("as written", written, written), *(tell(str(out), written, list(as_heard(folder, out))) for folder, out in args.heard)]
    if args.write:
        WEIGHTS.write_text(as_yaml(fitted(written)), encoding="utf-8")
    return 0 if all(kept) else 1


def as_written(truth_dir: Path, texts: Sequence[Path]) -> Iterator[Words]:
    """The calls of TRUTH_DIR and of the texts, as if every word were understood."""
    truths = {t["id"]: t for t in (json.loads(p.read_text(encoding="utf-8")) for p in sorted(truth_dir.glob("*.truth.json")))}
    for truth in truths.values():
        yield words_of(truth["id"], truth["direction"], [(u["speaker"], u["text"]) for u in truth["utterances"]])
    for path in texts:
        for retold in read_texts(path):
            yield words_of(retold.call, truths[retold.call]["direction"], retold.lines)
    for i, line in enumerate(ONE_SIDED.read_text(encoding="utf-8").splitlines()):
        party, _, text = line.partition(" ")
        if party in PARTY_OF:
            yield replace(words_of(f"s{i}", None, [(PARTY_OF[party], text)]), first=0, weight=ONE_SIDED_WEIGHT)


def as_heard(folder: Path, out: Path) -> Iterator[Words]:
    """The calls of a run; by the truth's times, not by the roles that were found, is told who spoke."""
    store = existing(out)
    for path in sorted(folder.glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        facts = store.load_facts(truth["id"])
        if facts is not None:
            yield words_of(truth["id"], truth["direction"], [(_speaker(truth, u.start_s, u.end_s), u.text) for u in facts.transcript])


def _speaker(truth: Mapping[str, object], start_s: float, end_s: float) -> str:
    """Who speaks longest between two times by the truth, whatever the run made of it."""
    said = truth["utterances"]
    assert isinstance(said, list)
    return str(max(said, key=lambda u: min(u["end_s"], end_s) - max(u["start_s"], start_s))["speaker"])


def words_of(call: str, direction: str | None, lines: Sequence[tuple[str, str]]) -> Words:
    scenario = re.search(r"s(\d+)", call)
    first = 0 if direction == "outbound" or not lines else 1 if lines[0][0] == AGENT else -1
    texts = {party: "".join(text for who, text in lines if who == party) for party in (AGENT, CUSTOMER)}
    return Words(int(scenario[1]) if scenario else 0, texts[AGENT], texts[CUSTOMER], first)


def tell(name: str, written: Sequence[Words], asked: Sequence[Words]) -> bool:
    """Print how often the agent is told by what the other scenarios teach; whether hardly ever wrongly."""
    odds: list[float] = []
    for fold in range(FOLDS):
        weights = fitted([w for w in written if w.scenario % FOLDS != fold])
        odds += [sum(weights.get(k, 0.0) * v for k, v in w.difference().items()) for w in asked if w.scenario % FOLDS == fold]
    found = np.array(odds)
    wrong, open_ = int(np.sum(found <= -LEAST_ODDS)), int(np.sum(np.abs(found) < LEAST_ODDS))
    print(f"{name}: {len(found)} calls, scenarios left out: wrong {wrong}, not known {open_}, "
          f"log-odds 1st percentile {np.quantile(found, 0.01):.1f}, median {np.median(found):.1f}")
    return wrong <= MOST_WRONG * len(found)


def fitted(calls: Sequence[Words]) -> dict[str, float]:
    """Log-odds of the agent by what is said, :data:`FIRST` among them."""
    from sklearn.linear_model import LogisticRegression  # only who fits needs it

    rows = [call.difference() for call in calls]
    seen = Counter(key for row in rows for key in row)
    place = {key: i for i, key in enumerate(sorted(key for key, times in seen.items() if times >= LEAST_CALLS))}
    cells = [(i, place[key], value) for i, row in enumerate(rows) for key, value in row.items() if key in place]
    at, columns, values = zip(*cells, strict=True)
    known = csr_matrix((values, (at, columns)), shape=(len(rows), len(place)))
    truth, weights = np.repeat([1, 0], len(rows)), np.tile([call.weight for call in calls], 2)
    # each call as it is, and with its parties swapped: neither side is likelier
    model = LogisticRegression(fit_intercept=False, max_iter=2000).fit(vstack([known, -known]), truth, weights)
    return {key: float(model.coef_[0][i]) for key, i in place.items()}


def as_yaml(weights: Mapping[str, float]) -> str:
    kept = {k: round(v, 2) for k, v in weights.items() if abs(v) >= LEAST_WEIGHT and k != FIRST}
    lines = ["# What agents say and what customers say, in natural-log odds, as fitted by benchmarks/role_cues.py: characters and pairs of",
             "# characters that only one of both says in a call. What else helps in your calls: the `cues` of your own standard.",
             f"first_speaker: {weights[FIRST]:.2f}"]
    for party, sign in ((AGENT, 1), (CUSTOMER, -1)):
        own = sorted((-abs(v), k) for k, v in kept.items() if v * sign > 0)
        lines += [f"{party}:", *(f'  "{k}": {-v:.2f}' for v, k in own)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
