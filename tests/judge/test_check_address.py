"""``address``: surname and title, once the name is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say, utterance

from voicemon.errors import PackError
from voicemon.judge.judge import judge
from voicemon.judge.thresholds import Thresholds, Weights
from voicemon.records import Facts, Level

NAMED = '\n  named: {kind: says, by: customer, says: ["我姓王"]}'
CALIBRATED = Thresholds(weights=Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9), accept=-1.2, reject=-3.0, accept_strictly=-0.3)
RULE = 'when: named, check: address, titles: ["先生", "女士"], wrong_titles: ["小姐"]'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("王先生您好", "pass"),
        ("您好", "fail"),
        ("先生您好", "fail"),
        ("这位先生", "fail"),
        ("王小姐您好", "fail"),
        ("好的，王女士", "pass"),
        ("谢谢先生", "fail"),
        ("办好了，先生再见", "fail"),
        ("我马上就来办，先生再见", "fail"),
        ("请稍等，女士", "fail"),
    ],
)
def test_outcomes(bench: Bench, answer: str, outcome: str) -> None:
    """A title needs a surname before it; another title than those is wrong."""
    found = bench.outcome(RULE, f"C: 我姓王 / A: {answer}", events=NAMED)
    assert found == outcome or (outcome == "fail" and found == "unsure" and ("先生" in answer or "，女士" in answer))


def test_only_the_agent_and_only_after_the_name(bench: Bench) -> None:
    """Words of the customer, or before the name is known, do not satisfy."""
    assert bench.outcome(RULE, "A: 王先生 / C: 我姓王 / A: 好的", events=NAMED) == "fail"
    assert bench.outcome(RULE, "C: 我姓王，王先生 / A: 好的", events=NAMED) == "fail"
    assert bench.outcome(RULE, "C: 你好 / A: 好的", events=NAMED) == "not_applicable"


def test_so_many_times(bench: Bench) -> None:
    """Once is not twice."""
    assert bench.outcome(RULE + ", times: 2", "C: 我姓王 / A: 王先生好，王先生请讲", events=NAMED) == "pass"
    assert bench.outcome(RULE + ", times: 2", "C: 我姓王 / A: 王先生好", events=NAMED) != "pass"


def test_the_wrong_title_is_named(bench: Bench) -> None:
    """With what was said."""
    verdict = bench.verdict(RULE, "C: 我姓王 / A: 王小姐您好", events=NAMED)
    assert verdict.outcome == "fail" and "王小姐" in verdict.reason


def test_doubt_is_unsure(bench: Bench) -> None:
    """What sounds like a title, or a stretch that cannot be trusted."""
    assert bench.outcome(RULE, "C: 我姓王 / A: 王鲜生您好", events=NAMED) == "unsure"
    assert bench.outcome(RULE, "C: 我姓王 / A: 王鲜生您好", Scripted({"先生": 1.0}), events=NAMED) == "pass"
    assert bench.outcome(RULE, doubt(say("C: 我姓王 / A: 好的"), 1.5, 2.5), events=NAMED) == "unsure"


@pytest.mark.parametrize(("ratio", "outcome"), [(1.0, "pass"), (-5.0, "unsure"), (-20.0, "fail")])
def test_a_title_is_heard_with_the_surname_before_it(bench: Bench, ratio: float, outcome: str) -> None:
    """隔一世 for 葛女士: alone, 女士 is too little to tell by the sound, with the character before it the recogniser can be asked."""
    heard = replace(say("C: 我姓王 / A: 隔一世您好"), sidecar={})
    assert bench.outcome(RULE, heard, Scripted({"女士": -20.0, "隔女士": ratio}), events=NAMED) == outcome
    assert bench.outcome(RULE, "C: 我姓王 / A: 您一世", Scripted({"您女士": 1.0}), events=NAMED) == "fail"  # 您 is no surname
    assert bench.outcome(RULE, "C: 我姓王 / A: 我的解释您是否清楚", Scripted({"释女士": 1.0}), events=NAMED) == "fail"  # 释 is none either


@pytest.mark.parametrize(("confidence", "outcome"), [(0.95, "fail"), (0.6, "unsure")])
def test_sure_words_that_are_little_alike_are_no_title(bench: Bench, confidence: float, outcome: str) -> None:
    """温馨, surely heard, is not asked whether it was 温先生."""
    said = utterance("agent", 3.0, "温 馨 提 示")
    sure = replace(said, words=tuple(replace(w, confidence=confidence) for w in said.words))
    heard = replace(say("C: 我姓王"), transcript=(*say("C: 我姓王").transcript, sure))
    assert bench.outcome(RULE, heard, Scripted({"温先生": -5.0}), events=NAMED) == outcome


def test_unknown_voices_and_a_silent_agent_are_not_checked(bench: Bench) -> None:
    """Nobody can be charged."""
    assert bench.outcome(RULE, mono(say("C: 我姓王 / A: 好")), events=NAMED) == "not_checked"
    assert bench.outcome(RULE, "C: 我姓王", events=NAMED) == "not_checked"


def test_the_last_character_of_another_sentence_is_no_surname(bench: Bench) -> None:
    """A pause lies between 上课 and 先生再见."""
    assert bench.outcome(RULE, "C: 我姓王 / A: 周六上课 / C: 好 / A: 先生再见", events=NAMED) == "unsure"
    assert bench.outcome(RULE, "C: 我姓王 / A: 周六上课 / C: 好 / A: 王先生再见", events=NAMED) == "pass"


def test_what_is_no_surname_is_a_word_list_that_a_pack_may_change(bench: Bench) -> None:
    """A company may have a customer called 那, and 收到 may end its sentences; lists that it does not write are the common ones."""
    call, reply = "C: 我姓王 / A: {}先生您好", "C: 我姓王 / A: 都收到先生再见"
    own = 'words: {no_surnames: "的|位", ends_before_title: "收到|谢谢"}'
    assert bench.outcome(RULE, call.format("那"), events=NAMED) != "pass"
    assert bench.outcome(RULE, call.format("那"), events=NAMED, more=own) == "pass"
    assert bench.outcome(RULE, call.format("那"), events=NAMED, more="extends: _common\n" + own) == "pass"
    assert bench.outcome(RULE, call.format("这位"), events=NAMED, more=own) != "pass"
    assert bench.outcome(RULE, reply, events=NAMED) == "pass"
    assert bench.outcome(RULE, reply, events=NAMED, more=own) != "pass"
    assert bench.outcome(RULE + ', no_surnames: ["的"]', call.format("那"), events=NAMED) == "pass"


def test_a_list_of_words_takes_no_wildcards(bench: Bench) -> None:
    """What is no surname is one word or another."""
    with pytest.raises(PackError, match=r"small\.yaml:\d+: rule \"R\": no_surnames: '\{any:1-3\}' is more than a word"):
        bench.outcome(RULE, "A: 好", events=NAMED, more='words: {no_surnames: "的|{any:1-3}"}')


def test_the_greeting_before_a_title_is_no_surname_on_record(bench: Bench) -> None:
    """郝先生 may be written 好先生, but not in 您好,先生; a pack may add its own greetings."""
    rule, more = RULE + ", surname_field: known.surname", 'words: {greets_before_title: "您好|都好"}'
    named, known = NAMED.replace("王", "郝"), {"known": {"surname": "郝"}}

    def outcome(words: str, **pack: str) -> str:
        return bench.outcome(rule, replace(say(f"C: 我姓郝 / A: {words}"), sidecar=known), events=named, **pack)

    assert outcome("好先生请讲") == "pass"
    assert outcome("您好先生请讲") != "pass"
    assert outcome("都好先生请讲") == "pass" and outcome("都好先生请讲", more=more) != "pass"


def told(bench: Bench, answer: str, ratios: dict[str, float | None], facts: Facts | None = None) -> str:
    """Outcome where titles are told by the sound, with log-ratios by wording."""
    standard = bench.standard(RULE, events=NAMED)
    return judge(facts or say(f"C: 我姓王 / A: {answer}"), standard, Scripted(ratios), "en", CALIBRATED)[0].outcome


@pytest.mark.parametrize(("ratio", "outcome"), [(4.0, "pass"), (-3.0, "unsure"), (-20.0, "fail")])
def test_a_title_that_was_hardly_heard_is_left_open(bench: Bench, ratio: float, outcome: str) -> None:
    """Its presence alone keeps the rule: 隔一世 is 葛女士 only where the sound is sure of it."""
    assert told(bench, "隔一世您可以来", {"隔女士": ratio}) == outcome


def test_hours_and_what_is_stuttered_are_no_title(bench: Bench) -> None:
    """四小时 sounds like 肖女士, however much the sound would speak for it; of one character over and over nothing is sure."""
    assert told(bench, "二十四小时内回复", {"小女士": 9.0}) == "fail"
    assert told(bench, "我们小时您好", {"小女士": 9.0}) == "unsure"
    assert told(bench, "生生生生您好", {"生先生": 9.0}) == "unsure"


def test_on_a_noisy_line_sure_words_hide_a_title_too(bench: Bench) -> None:
    """There the recogniser is sure of wrong ones; on a quiet line the sound is not asked about them."""
    facts = say("C: 我姓王 / A: 好的，为余地您请说")
    noisy = replace(facts, measures=replace(facts.measures, level={"agent": Level(active_level_dbov=-26.0, snr_db=8.0)}))
    ratios: dict[str, float | None] = {"为女士": 9.0}
    assert (told(bench, "", ratios, facts), told(bench, "", ratios, noisy)) == ("fail", "pass")
