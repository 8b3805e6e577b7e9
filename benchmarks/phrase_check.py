"""Calibrates the phrase check: can the likelihood of a phrase tell where it was said from where it only sounds alike?

usage: phrase_check.py TRUTH_DIR [--model base] [--every N] [--transcripts DIR] [--write models/manifest.json]

Recognises the calls (or takes the transcripts that recognition.py --keep left), lists the places where a script phrase sounds alike
but is not what was written, asks the verifier about each, and holds the answers against the words that were said. The limits are
chosen on all calls and tested by leaving whole scenarios out. ``--write`` stores them under the model.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recognition import Call, load_calls, transcribe

from voicemon.judge.asking import LEAST_SIMILARITY, LEVEL_SIMILARITY
from voicemon.records import PARTIES
from voicemon.serial import dumps, to_plain, write_atomically
from voicemon.speech.engine import Recogniser
from voicemon.speech.models import find_model
from voicemon.speech.pinyin import all_matches, syllables
from voicemon.speech.text import normalise
from voicemon.speech.verifier import Verifier

LEAST_ALIKE = 0.7
WRONGLY_ACCEPTED, STRICTLY_ACCEPTED, WRONGLY_REJECTED = 0.0125, 0.005, 0.02
SCRIPT = """
您好 紫金金行 中环国际 很高兴为您服务 请问您贵姓 感谢您的来电 请挂机 再见 请稍等 请您稍等 让您久等了 不客气 不用客气 我会尽快回复您
我会尽快为您查询 对不起 请您换一部电话 请问有什么可以帮助您的吗 请问有什么可以帮您 请您提供一下运单号 您的快件正在派送当中
很快就可送达 非常抱歉 给您带来不便 这是我们应该做的 请您谅解 请问您还有其他问题吗 祝您生活愉快 欢迎致电 工号 请您不要挂机
听不清您的声音 请您大声一点 麻烦您 谢谢您 感谢您的支持 感谢您的配合 请您留下联系方式 请放心 请您放心 正在为您查询 请问怎么称呼您
先生 女士 请您记录一下 欢迎光临 有什么可以帮您 请您核对 请慢走 我帮您查一下 转接 投诉 建议 抱歉 请您耐心等待 感谢您的建议 请您重复一遍
您的快件 我会尽快 请问有什么需要帮助 客服代表 客户服务热线 请您提供 为您服务 可以帮助您 运单号 收件地址 还有什么可以帮您 谢谢您的等待
"""
PHRASES = tuple(SCRIPT.split())


@dataclass(frozen=True)
class Place:
    """A place where ``phrase`` sounds alike what was written, and whether it was said there."""

    scenario: str
    party: str
    span: tuple[float, float]
    before: str
    heard: str
    after: str
    phrase: str
    similarity: float
    said: bool


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


def is_said(phrase: str, reference: str, start: int, end: int) -> bool:
    """Whether the phrase stands in the reference over at least half of ``[start, end)``."""
    at = reference.find(phrase)
    while at >= 0:
        if min(end, at + len(phrase)) - max(start, at) >= 0.5 * len(phrase):
            return True
        at = reference.find(phrase, at + 1)
    return False


def places_of(call: Call, utterances: Sequence[Mapping[str, Any]], party: str) -> Iterable[Place]:
    reference = normalise(call.reference(party))
    plain_texts = [normalise(u["text"]) for u in utterances]
    path = path_to_reference("".join(plain_texts), reference)
    offset = 0
    for utterance, plain in zip(utterances, plain_texts, strict=True):
        sounds = syllables(plain)
        if len(plain) == len(sounds) > 0:  # numerals have more syllables than characters: left out here
            for phrase in PHRASES:
                for start, end, similarity in all_matches(syllables(phrase), sounds, LEAST_ALIKE):
                    if phrase in plain[max(0, start - 1) : end + 1]:
                        continue
                    said = is_said(phrase, reference, path[offset + start], path[offset + end])
                    yield Place(call.truth["scenario"], party, (utterance["start_s"], utterance["end_s"]), plain[:start], plain[start:end],
                                plain[end:], phrase, similarity, said)
        offset += len(plain)


def questions(recogniser: Recogniser, args: argparse.Namespace) -> tuple[list[Place], list[dict[str, float]], float]:
    """All places, their scores by kind of question, and the mean seconds of one question."""
    places, scores, asked, seconds = [], [], 0, 0.0
    for call in load_calls(args.truth_dir, args.every):
        kept = args.transcripts / f"{call.id}.json" if args.transcripts else None
        heard = json.loads(kept.read_text(encoding="utf-8")) if kept else \
            {p: [to_plain(u) for u in t.utterances] for p, t in transcribe(recogniser, call, {p: call.speech(p) for p in PARTIES}).items()}
        verifier = Verifier(recogniser, call.audio)
        for place in [p for party in PARTIES for p in places_of(call, heard[party], party)]:
            started = time.perf_counter()
            whole = verifier.log_ratio(place.party, *place.span, place.before, place.heard, place.phrase, place.after)
            seconds, asked = seconds + time.perf_counter() - started, asked + 1
            if whole is not None:
                places.append(place)
                scores.append({"similarity": place.similarity, "log-ratio": whole, "log-ratio per syllable": whole / len(place.phrase)})
    return places, scores, seconds / max(1, asked)


def auc(values: np.ndarray, said: np.ndarray) -> float:
    """Area under the ROC curve: how often a said place scores above one that is not."""
    pooled = np.sort(np.concatenate([values[said], values[~said]]))
    ranks = (np.searchsorted(pooled, values[said], "left") + np.searchsorted(pooled, values[said], "right") + 1) / 2
    positives, negatives = int(said.sum()), int((~said).sum())
    return float((ranks.sum() - positives * (positives + 1) / 2) / (positives * negatives))


def choose(values: np.ndarray, said: np.ndarray) -> dict[str, float]:
    """Limits: ``accept`` lets through 1.25 % of what was not said (``accept_strictly`` 0.5 %), ``reject`` refuses 2 % of what was."""
    reject = float(np.quantile(values[said], WRONGLY_REJECTED, method="lower"))
    accept = float(np.quantile(values[~said], 1 - WRONGLY_ACCEPTED, method="higher"))
    strictly = float(np.quantile(values[~said], 1 - STRICTLY_ACCEPTED, method="higher"))
    return {"accept": max(accept, reject + 0.1), "accept_strictly": max(strictly, reject + 0.1), "reject": reject}


def leave_out(values: np.ndarray, said: np.ndarray, groups: np.ndarray, folds: int = 10) -> dict[str, float]:
    """Shares when the limits come from other scenarios than those they are tested on."""
    names = np.array(sorted(set(groups)))
    margins = {name: np.zeros(len(values)) for name in ("accept", "accept_strictly", "reject")}
    for fold in range(folds):
        test = np.isin(groups, names[fold::folds])
        if test.any() and said[~test].any() and (~said[~test]).any():
            for name, limit in choose(values[~test], said[~test]).items():
                margins[name][test] = values[test] - limit
    decided = {"accepted": margins["accept"] >= 0, "accepted_strictly": margins["accept_strictly"] >= 0, "rejected": margins["reject"] <= 0}
    return {f"{kind}_{name}": round(float(hit[which].mean()), 3)
            for kind, which in (("said", said), ("unsaid", ~said)) for name, hit in decided.items()}


def is_twin(place: Place) -> bool:
    """Written and asked differ only by 您/你: for them the similarity says nothing, and rules about 您 ask the sound another way."""
    return not place.said and place.heard.replace("你", "您") == place.phrase.replace("你", "您")


def similarity_weight(ratios: np.ndarray, similarities: np.ndarray, said: np.ndarray) -> float:
    """How many units of log-ratio one unit of similarity is worth: the ratio of the two weights of a logistic regression."""
    x = np.column_stack([np.clip(ratios, -25.0, 10.0), similarities, np.ones(len(ratios))])
    weights = np.zeros(3)
    for _ in range(50):  # Newton's method with a slight ridge; converges in about ten steps
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (said - chance) - 1e-3 * weights
        weights = weights + np.linalg.solve((x * (chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(3), gradient)
    return float(weights[1] / weights[0])


def report(args: argparse.Namespace, places: Sequence[Place], scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Print what was found; return what belongs in the manifest."""
    said, groups = np.array([p.said for p in places]), np.array([p.scenario for p in places])
    for kind in scores[0]:
        print(f"AUC {kind:34s} {auc(np.array([s[kind] for s in scores]), said):.3f}")
    keep = np.array([not is_twin(p) for p in places])
    ratios, similarities = (np.array([s[kind] for s in scores]) for kind in ("log-ratio", "similarity"))
    weight = round(similarity_weight(ratios[keep], similarities[keep], said[keep]), 1)
    values = (ratios + weight * (np.maximum(similarities, LEAST_SIMILARITY) - LEVEL_SIMILARITY))[keep]
    said, groups = said[keep], groups[keep]
    print(f"AUC {'both, without twins of 您/你':30s} {auc(values, said):.3f}")
    limits = {"similarity_weight": weight, **{name: round(limit, 2) for name, limit in choose(values, said).items()}}
    tested = leave_out(values, said, groups)
    print(f"limits {limits}; scenarios left out: {tested}")
    basis = {"places": len(places), "said": int(said.sum()), "scenarios": len(set(groups)), "similarity_at_least": LEAST_ALIKE}
    return {**limits, "auc": round(auc(values, said), 3), "scenarios_left_out": tested, "calibrated_on": basis}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--transcripts", type=Path, help="folder of recognition.py --keep")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=Path, help="manifest to store the limits in")
    parser.add_argument("--from-dump", type=Path, help="places and scores of an earlier --dump: only the limits are chosen anew")
    parser.add_argument("--dump", type=Path, help="JSON of every place and its scores")
    args = parser.parse_args()
    if args.from_dump:
        rows = json.loads(args.from_dump.read_text(encoding="utf-8"))
        places = [Place(**{name: row[name] for name in Place.__dataclass_fields__}) for row in rows]
        scores, seconds = [{k: v for k, v in row.items() if k not in Place.__dataclass_fields__ or k == "similarity"} for row in rows], 0.0
    else:
        places, scores, seconds = questions(Recogniser(find_model(args.model), threads=args.threads), args)
    print(f"{len(places)} places of {len(PHRASES)} phrases, said at {sum(p.said for p in places)}; {1000 * seconds:.0f} ms a question")
    found = report(args, places, scores)
    if args.dump:
        args.dump.write_text(dumps([to_plain(p) | s for p, s in zip(places, scores, strict=True)]), encoding="utf-8")
    if args.write:
        manifest = json.loads(args.write.read_text(encoding="utf-8"))
        write_atomically(args.write, dumps({**manifest, args.model: {**manifest[args.model], "phrase_check": found}}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
