"""Who speaks by the words: chances, the labellings drawn of a call, what an utterance tells by itself."""

from __future__ import annotations

import math
from itertools import product

import pytest

from voicemon.records import AGENT, CUSTOMER
from voicemon.speech.text import normalise
from voicemon.speech.word_speakers import (
    DRAWN,
    LEAST_DRAWN,
    SpeakerWeights,
    features,
    inner_features,
    one_speakers_odds,
    own_odds,
    speaker_weights,
    tell_speakers,
)

CALL = ("您好,中环国际,很高兴为您服务,请问有什么可以帮助您的吗", "你好我想查一下我的快递到哪了", "请您提供一下运单号", "七七二零一九四五",
        "谢谢您,请您稍等,您的快件正在派送当中", "今天能送到吗", "能的,派送员下午会给您打电话", "好的谢谢你啊", "不用客气,感谢您的来电,再见")
SPEAKERS = (AGENT, CUSTOMER) * 4 + (AGENT,)
NEW = {"0甲": 1.2, "0乙": -0.7, "-甲": -0.4}


def all_labellings(texts: tuple[str, ...], weights: SpeakerWeights) -> dict[tuple[str, ...], float]:
    """Chance of each labelling, by adding up every one."""
    said = [normalise(t) for t in texts]
    odds = [sum(weights.get(f, 0.0) for f in features(said, i)) for i in range(len(said))]
    scores = {}
    for path in product((0, 1), repeat=len(said)):
        scores[tuple((AGENT, CUSTOMER)[p] for p in path)] = math.exp(sum(o for o, p in zip(odds, path, strict=True) if p == 0))
    return {path: score / sum(scores.values()) for path, score in scores.items()}


def test_a_plain_call_is_shared_between_agent_and_customer() -> None:
    chances = [p if speaker == AGENT else 1 - p for p, speaker in zip(tell_speakers(CALL).agent, SPEAKERS, strict=True)]
    assert min(chances) > 0.1 and sum(p > 0.9 for p in chances) >= 7


@pytest.mark.parametrize("texts", [("甲",), ("甲", "乙", "丙"), ("乙", "甲", "甲", "丙", "乙")])
def test_chances_are_those_of_all_labellings_added_up(texts: tuple[str, ...]) -> None:
    every = all_labellings(texts, NEW)
    expected = [sum(p for path, p in every.items() if path[i] == AGENT) for i in range(len(texts))]
    assert tell_speakers(texts, weights=NEW).agent == pytest.approx(expected)


def test_readings_are_drawn_as_often_as_they_are_likely() -> None:
    texts = ("甲", "丙")
    every, told = all_labellings(texts, NEW), tell_speakers(texts, weights=NEW)
    assert sum(r.share for r in told.readings) == pytest.approx(1.0)
    for reading in told.readings:
        likely = every[reading.speakers]
        assert reading.share == pytest.approx(likely, abs=3.5 * math.sqrt(likely * (1 - likely) / DRAWN))
    assert [r.share for r in told.readings] == sorted((r.share for r in told.readings), reverse=True)


def test_a_call_of_hours_is_read_fewer_times() -> None:
    assert len(tell_speakers(["甲", "丙"] * 5, weights=NEW).readings) > LEAST_DRAWN
    assert len(tell_speakers(["甲", "丙"] * 2000, weights=NEW).readings) == LEAST_DRAWN


def test_the_same_words_are_always_read_alike() -> None:
    assert tell_speakers(CALL) == tell_speakers(CALL)


def test_words_that_may_be_both_parties_are_read_as_either() -> None:
    told = tell_speakers(CALL, {0})
    assert 0.2 < told.agent[0] < 0.8 and {r.speakers[0] for r in told.readings} == {AGENT, CUSTOMER}
    assert tell_speakers(CALL).agent[0] > 0.99


def test_of_no_words_nothing_is_told() -> None:
    assert tell_speakers(()) == tell_speakers([]) and tell_speakers(()).readings == ()


def test_what_an_utterance_tells_by_itself() -> None:
    assert own_odds("请问有什么可以帮您") > 2 and own_odds("我想查一下我的快递") < -2


def test_numerals_and_characters_are_weighed_as_they_are_read() -> None:
    assert tell_speakers(["单号是301"]).agent == tell_speakers(["單號是三零一"]).agent


def test_a_syllable_that_recognisers_confuse_tells_the_same() -> None:
    assert {"sgao.xin", "shen.gao.xin", "s^hen.gao", "sgao.xin$"} <= set(features(["很高兴"], 0))
    assert {f for f in features(["张老师"], 0) if f[0] == "s"} == {f for f in features(["脏脑丝"], 0) if f[0] == "s"}


def test_what_is_said_anywhere_is_known_without_its_edges_and_neighbours() -> None:
    inner, whole = inner_features("我姓王"), set(features(["好", "我姓王", "好"], 1))
    assert inner < whole and {"0我姓王", "sxin.uan"} <= inner and not {f for f in inner if f[0] in "-+pe" or f[-1] == "$" or f[1] in "^#"}


def test_neighbours_tell_by_how_they_begin_and_end() -> None:
    found = set(features(["请问贵姓", "我姓王", "好的谢谢"], 1))
    assert {"-贵姓$", "-^请问", "-#2", "+^好的", "+谢$", "+#2", "0姓王$", "p1", "e1"} <= found
    assert not {f for f in features(["我姓王"], 0) if f[0] in "-+"}


def test_odds_of_one_speaker_are_those_of_two_labellings() -> None:
    texts = ("您好请问有什么可以帮您", "喂你好", "没有声音")
    every = all_labellings(texts, speaker_weights())
    assert one_speakers_odds(texts) == pytest.approx(math.log(every[(AGENT,) * 3] / every[(CUSTOMER,) * 3]))
