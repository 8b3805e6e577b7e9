"""The last hearing before a phrase counts as missing, similarity and likelihood together, and words that convict nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from judge.builders import Bench, Scripted, doubt, phrase, say, utterance

from voicemon.judge.asking import Asker, common_phrases, is_stutter
from voicemon.judge.dialogue import TURN_BREAK, lay_out
from voicemon.judge.finder import ABSENT, MAYBE, SAID, Finder
from voicemon.judge.thresholds import Thresholds, Weights
from voicemon.judge.trust import is_foreign_guess, too_few_words, too_many_words
from voicemon.records import AuditMark, Facts, Level, TurnLevel, Utterance, Word
from voicemon.speech.confusions import Confusions, pair
from voicemon.speech.pinyin import syllables
from voicemon.speech.verifier import NO_SOUND

ALL = (0.0, 1e9)
WANTED = "请挂机"
WEIGHTS = Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9)
CALIBRATED = Thresholds(weights=WEIGHTS, accept=-1.2, reject=-3.0, accept_strictly=-0.3, last_odds=-3.5)
RULE = 'check: must_say, say: ["请挂机"], where: call'


def heard(text: str, confidence: float, speaker: str = "agent") -> Facts:
    """A call in which an agent says 感谢您的来电, then ``text`` with that confidence of every character."""
    start_s = 5.0
    words = tuple(Word(c, start_s + 0.4 * k, start_s + 0.4 * (k + 1), confidence) for k, c in enumerate(text))
    said = Utterance(speaker, start_s, start_s + 0.4 * len(text), text, confidence, words)
    facts = say("A: 感谢您的来电 / C: 没有了")
    return replace(facts, transcript=(*facts.transcript, said))


@dataclass(frozen=True)
class Sound:
    """A recogniser with other log-ratios for the words alone than for the sound; 0 for all others."""

    heard: dict[str, float]
    alone: dict[str, float]

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        answers = self.alone if party == NO_SOUND else self.heard
        return answers.get(phrase, 0.0)


def last(facts: Facts, ratios: dict[str, float | None], noisy: frozenset[str] = frozenset()) -> str:
    """State of 请挂机 at the last hearing, with log-ratios by phrase (−20 for all others)."""
    scripted = Scripted({**dict.fromkeys(common_phrases(3), -20.0), **ratios})
    finder = Finder(lay_out(facts), Thresholds(), scripted, noisy)
    return finder.best_of("agent", (phrase(WANTED),), ALL, last_hearing=True).state


@pytest.mark.parametrize(
    ("ratios", "state"),
    [
        ({WANTED: 2.0}, SAID),
        ({WANTED: -2.5}, MAYBE),
        ({WANTED: -1.0, "没关系": 3.0}, MAYBE),
        ({WANTED: -2.8, "没关系": 3.0}, ABSENT),
        ({WANTED: -8.0}, ABSENT),
    ],
)
def test_a_doubtful_place_is_held_against_common_phrases(ratios: dict[str, float], state: str) -> None:
    """Said if the sound prefers it to all; perhaps if it is not denied; missing if another phrase explains the sound."""
    assert last(heard("请快点", 0.5), ratios) == state


def test_confident_words_are_left_alone() -> None:
    """What the recogniser is sure of is not asked about again."""
    assert last(heard("请快点", 0.95), {WANTED: 2.0}) == ABSENT


def test_a_guess_on_a_noisy_line_leaves_the_phrase_open_where_the_sound_is_gone() -> None:
    """Also for a calibrated model, and although the words are little alike: nobody can ask."""
    finder = Finder(lay_out(heard("那当然", 0.45)), CALIBRATED, Scripted({}), frozenset(("agent",)))
    assert finder.best_of("agent", (phrase(WANTED),), ALL, last_hearing=True).state == MAYBE


@pytest.mark.parametrize(("words", "confidence", "asked"), [("那当然", 0.7, False), ("那当然", 0.3, True), ("请快点", 0.7, True)])
def test_unlike_words_that_lack_little_are_not_asked_about(words: str, confidence: float, asked: bool) -> None:
    """Not even all the probability they lack would make them the phrase; of hardly believed words anything may be true."""
    verifier = Scripted({WANTED: -20.0})
    finder = Finder(lay_out(heard(words, confidence)), CALIBRATED, verifier)
    finder.best_of("agent", (phrase(WANTED),), ALL, last_hearing=True)
    assert (WANTED in [question[5] for question in verifier.asked if question[4] == words]) == asked


class Told(Scripted):
    """A verifier that is told beforehand what it will be asked."""

    told: list[str]

    def __init__(self, ratios: dict[str, float]) -> None:
        super().__init__(ratios)
        object.__setattr__(self, "told", [])

    def prepare(self, questions: list[tuple[str, ...]]) -> None:
        self.told.extend(question[5] for question in questions)


def test_a_last_hearing_tells_its_questions_together() -> None:
    """The places of a phrase, and the common phrases it is held against, are prepared before they are asked."""
    verifier = Told({**dict.fromkeys(common_phrases(3), -20.0), WANTED: 2.0})
    finder = Finder(lay_out(heard("请快点", 0.5)), Thresholds(), verifier)
    assert finder.best_of("agent", (phrase(WANTED),), ALL, last_hearing=True).state == SAID
    assert {WANTED, *common_phrases(3)} - set(verifier.told) == set()


def test_guessed_words_are_no_ground_for_a_miss() -> None:
    """Where the recogniser hardly believes itself, and a character is shared, the phrase may have been said."""
    assert last(heard("请放心", 0.1), {WANTED: -12.0}) == MAYBE
    assert last(heard("请放心", 0.6), {WANTED: -12.0}) == ABSENT


def test_on_a_noisy_line_that_cannot_be_asked_half_a_doubt_is_enough() -> None:
    """The same words convict on a clean line only."""
    assert last(heard("请放心", 0.45), {WANTED: None}) == ABSENT
    assert last(heard("请放心", 0.45), {WANTED: None}, frozenset(("agent",))) == MAYBE


@pytest.mark.parametrize(
    ("from_sound", "without_sound", "state"),
    [
        (-3.0, -9.0, MAYBE),  # the recogniser expects anything but these words, and the sound hardly speaks against them
        (-3.0, 9.0, ABSENT),  # what speaks for the phrase is only how common it is
        (-25.0, -9.0, ABSENT),  # the sound speaks against it
        (8.0, -9.0, SAID),
    ],
)
def test_how_likely_words_are_by_themselves_counts_too(from_sound: float, without_sound: float, state: str) -> None:
    """A rare phrase is not held against itself, a common one not for itself."""
    scripted = Sound({WANTED: from_sound}, {WANTED: without_sound})
    finder = Finder(lay_out(heard("请放心", 0.45)), CALIBRATED, scripted)
    assert finder.best_of("agent", (phrase(WANTED),), ALL, last_hearing=True).state == state


@pytest.mark.parametrize(("ratio", "asked"), [(-6.0, True), (-2.0, False), (-16.5, False)])
def test_the_words_alone_are_not_asked_about_where_they_could_change_nothing(ratio: float, asked: bool) -> None:
    """A log-ratio that clearly accepts or refuses does so whatever the words are by themselves."""
    sound = Scripted({WANTED: ratio})
    limits = replace(CALIBRATED, weights=replace(WEIGHTS, alone=-0.17))
    Finder(lay_out(heard("请挂金", 0.6)), limits, sound).best_of("agent", (phrase(WANTED),), ALL)
    assert any(question[0] == NO_SOUND for question in sound.asked) == asked


def test_a_long_phrase_may_miss_more_than_a_short_one() -> None:
    """Likelihood counts by the syllable."""
    assert WEIGHTS.log_odds(8, 0.9, -12.0, 0.0) > 0 > WEIGHTS.log_odds(2, 0.9, -12.0, 0.0)


@pytest.mark.parametrize(
    ("between", "confidence", "state"),
    [("水心心情", 0.4, MAYBE), ("水心心情", 0.95, ABSENT), ("我", 0.4, ABSENT), ("水心心情今天天气真的很好", 0.4, ABSENT)],
)
def test_doubtful_words_between_the_neighbours_of_a_phrase_leave_it_open(between: str, confidence: float, state: str) -> None:
    """Something of its length was said where it belongs, and nobody knows what; sure words, too few or too many are none of it."""
    facts = heard(f"您好{between}有什么能帮您", confidence)
    sure = tuple(replace(w, confidence=1.0) if i < 2 or i >= 2 + len(between) else w for i, w in enumerate(facts.transcript[-1].words))
    facts = replace(facts, transcript=(*facts.transcript[:-1], replace(facts.transcript[-1], words=sure)))
    finder = Finder(lay_out(facts), CALIBRATED, Sound({"紫金金行": -20.0}, {}))
    assert finder.best_of("agent", (phrase("您好 … 紫金金行 … 帮您"),), ALL, last_hearing=True).state == state


@pytest.mark.parametrize(("ratio", "state"), [(-1.0, MAYBE), (-20.0, ABSENT)])
def test_sure_words_that_just_fill_the_place_of_a_missing_part_are_asked_about(ratio: float, state: str) -> None:
    """请挂机 is sometimes surely written 请快点: between its neighbours the sound tells."""
    finder = Finder(lay_out(heard("祝您愉快请快点再见", 0.95)), CALIBRATED, Sound({"请挂机": ratio}, {}))
    assert finder.best_of("agent", (phrase("祝您愉快 … 请挂机 … 再见"),), ALL, last_hearing=True).state == state


def misheard(others: float) -> Facts:
    """我会马上反映到有关部门, of which 再应 was written, all else with that confidence."""
    facts = heard("我会马上再应到有关部门尽快给您处理", others)
    last_said = facts.transcript[-1]
    words = tuple(replace(w, confidence=0.3) if w.text in "再应" else w for w in last_said.words)
    return replace(facts, transcript=(*facts.transcript[:-1], replace(last_said, words=words)))


@pytest.mark.parametrize(
    ("others", "ratio", "state"),
    [(0.5, -1.0, MAYBE), (0.5, -9.0, ABSENT), (1.0, -1.0, ABSENT)],
)
def test_a_missing_part_may_hide_near_the_others_where_little_was_understood(others: float, ratio: float, state: str) -> None:
    """Of a party who is well understood 再应 is no 反映, of another it may be."""
    finder = Finder(lay_out(misheard(others)), replace(CALIBRATED, last_odds=-0.5), Sound({"反映": ratio}, {}))
    assert finder.best_of("agent", (phrase("反映 + 尽快给您处理"),), ALL, last_hearing=True).state == state


@pytest.mark.parametrize(("other", "state"), [("有关部门", MAYBE), ("再应到", ABSENT), ("马上再应", ABSENT)])
def test_a_missing_part_hides_in_no_words_that_surely_are_another_part(other: str, state: str) -> None:
    """Both were not said at once."""
    limits = replace(CALIBRATED, last_odds=-0.5, propose=1.0, propose_short=1.0)
    finder = Finder(lay_out(misheard(0.6)), limits, Sound({"反映": -1.0}, {}))
    assert finder.best_of("agent", (phrase(f"反映 + {other}"),), ALL, last_hearing=True).state == state


def test_of_a_party_of_whom_hardly_anything_was_understood_nothing_is_missed(bench: Bench) -> None:
    """The words may be there; what was surely said still counts."""
    understood, hardly = (heard("很恶心中午午安心我以为", confidence) for confidence in (0.8, 0.4))
    assert (bench.outcome(RULE, understood), bench.outcome(RULE, hardly)) == ("fail", "unsure")
    assert bench.outcome('check: must_not_say, say: ["很恶心"], where: call', hardly) == "fail"


def test_what_was_surely_only_a_part_is_not_the_phrase() -> None:
    """帮您, written surely, is not 帮您查: there is no sound left for the rest. Doubtful, it may be."""
    scripted = Sound({"帮您查": -9.0}, {"帮您查": -9.0})
    askers = (Asker(lay_out(heard("帮您", sure)).streams, CALIBRATED, scripted) for sure in (0.95, 0.5))
    states = [asker.state("agent", (7, 9), "帮您查", 0.73, False) for asker in askers]
    assert states == [ABSENT, MAYBE]


@pytest.mark.parametrize(
    ("written", "confidence", "asked"),
    [("请挂心", 0.9, False), ("请挂心", 0.8, True), ("挂机", 0.9, False), ("情挂机", 0.9, True),
     ("请发集", 0.8, False), ("请发集", 0.6, True)],
)
def test_sure_words_that_are_little_alike_accuse_nobody(written: str, confidence: float, asked: bool) -> None:
    """A short phrase, or one of which a part is written, is asked about where the recogniser was not sure or it sounds the same, where
    it sounds half alike only if what is written is unlikely; on a noisy line, for a model without calibration and where it is no
    accusation always."""
    facts, wanted = heard(written, confidence), phrase(WANTED)
    noisy = frozenset(("agent",))
    cases = {(CALIBRATED, frozenset(), True): asked, (CALIBRATED, noisy, True): True, (Thresholds(), frozenset(), True): True,
             (CALIBRATED, frozenset(), False): True}
    for (limits, lines, accusing), expected in cases.items():
        verifier = Scripted({WANTED: -20.0})
        finder = Finder(lay_out(facts), limits, verifier, lines)
        finder.all_accusing("agent", wanted, ALL) if accusing else finder.all_hits("agent", wanted, ALL, strictly=True)
        assert (WANTED in [q[5] for q in verifier.asked]) == expected, (limits, lines, accusing)


@pytest.mark.parametrize(
    ("written", "confidence", "outcome"),
    [("您挂门电话吧", 0.9, "unsure"), ("您挂门电话吧", 0.5, "fail"), ("您挂电花吧", 0.9, "fail")],
)
def test_words_of_another_length_that_are_sure_convict_nobody(bench: Bench, written: str, confidence: float, outcome: str) -> None:
    """A recogniser that is sure of six characters did not hear the five of a forbidden sentence, whatever it says when asked."""
    rule = 'check: must_not_say, say: ["您挂电话吧"], where: call'
    assert bench.outcome(rule, heard(written, confidence), Scripted({"您挂电话吧": 1.0})) == outcome


def test_a_stutter_of_the_recogniser_is_never_taken_for_the_phrase() -> None:
    """Anything is likelier than 晶晶晶: perhaps, not said."""
    assert last(heard("晶晶晶", 0.99), {WANTED: 9.0}) == MAYBE
    assert is_stutter("晶晶晶") and is_stutter("二二三三") and not is_stutter("请放心") and not is_stutter("你好你")


def test_similarity_counts_beside_the_likelihood() -> None:
    """The same log-ratio is accepted where the words sound nearly the same and not where they hardly do."""
    streams = lay_out(say("A: 请瓜机")).streams
    asker = Asker(streams, CALIBRATED, Sound({WANTED: -7.0}, {}))
    states = [asker.state("agent", (0, 3), WANTED, similarity, False) for similarity in (0.95, 0.82, 0.65)]
    assert states == [SAID, MAYBE, ABSENT]


def test_what_the_model_confuses_counts_beside_the_likelihood() -> None:
    """The same log-ratio is accepted where the model is known to write 快 for 挂, left open or refused where it is not."""
    heard = (("挂快", 40), ("挂挂", 60), ("快快", 60), ("请请", 90), ("机机", 90), ("白白", 90))
    counts = {pair(*syllables(both)): times for both, times in heard}
    weights = Weights(ratio=1.3, similarity=0.0, alone=-0.45, bias=4.0, misheard=1.0)
    limits = replace(CALIBRATED, weights=weights, confusions=Confusions(counts))
    sound = Sound({WANTED: -8.0}, {})
    askers = [Asker(lay_out(say(f"A: {text}")).streams, limits, sound) for text in ("请快机", "请白机")]
    states = [asker.state("agent", (0, 3), WANTED, 0.8, False) for asker in askers]
    assert states == [SAID, ABSENT]


def test_no_phrase_reaches_across_the_other_partys_turn() -> None:
    """谢谢你 and, after the customer, 好 are not 你好; a short 嗯 in between does not part them."""
    assert Finder(lay_out(say("A: 谢谢你 / C: 我知道了 / A: 好再见")), Thresholds()).find("agent", phrase("你好"), ALL).state == ABSENT
    assert Finder(lay_out(say("A: 谢谢你 / C: 嗯 / A: 好再见")), Thresholds()).find("agent", phrase("你好"), ALL).state == SAID
    stream = lay_out(say("A: 谢谢你 / C: 我知道了 / A: 好再见")).streams["agent"]
    assert stream.text == f"谢谢你{TURN_BREAK}好再见" and len(stream.sounds) == len(stream.text)


def test_words_in_a_marked_stretch_convict_nobody(bench: Bench) -> None:
    """A forbidden word that the audit does not trust is for a person to hear."""
    facts = say("A: 你好没办法处理 / C: 好")
    rule = 'check: must_not_say, say: ["没办法处理"]'
    assert bench.outcome(rule, facts) == "fail"
    assert bench.outcome(rule, replace(facts, audit=(AuditMark("loop", 1.0, 2.0, "agent"),))) == "unsure"
    assert bench.outcome(rule, replace(facts, audit=(AuditMark("loop", 1.0, 2.0, "customer"),))) == "fail"


def test_too_few_words_for_the_sound_leave_a_miss_open(bench: Bench) -> None:
    """One character in a second and a half hides words; a drawn-out 好 does not."""
    assert too_few_words(utterance("agent", 0.0, "问", 1.5)) and not too_few_words(utterance("agent", 0.0, "好", 1.5))
    facts = say("A: 您好 / C: 没有了")
    hiding = replace(facts, transcript=(*facts.transcript, utterance("agent", 5.0, "问", 7.0)))
    assert (bench.outcome(RULE, facts), bench.outcome(RULE, hiding)) == ("fail", "unsure")


def test_a_syllable_said_twice_too_slowly_hides_words() -> None:
    """晶晶 over a second and a half was 请问您贵姓; 谢谢 takes half a second, 好好 may be drawn out."""
    assert too_few_words(utterance("agent", 0.0, "晶 晶", 1.5))
    assert not too_few_words(utterance("agent", 0.0, "谢 谢", 0.6)) and not too_few_words(utterance("agent", 0.0, "好 好", 1.5))


@pytest.mark.parametrize(
    ("repeated", "outcome"),
    [("晶晶晶", "unsure"), ("好好好", "fail"), ("八八八", "fail"), ("晶晶", "fail"), ("晶晶晶您是哪位", "fail")],
)
def test_on_a_noisy_line_words_in_which_the_recogniser_was_caught_leave_a_miss_open(bench: Bench, repeated: str, outcome: str) -> None:
    """However sure it was of them; on a quiet line, or where there is much else, such a syllable is a slip, and the rest is right."""
    facts = say("A: 您好 / C: 没有了")
    said = utterance("agent", 5.0, " ".join(f"这里是水{repeated}您说"), 8.0)
    facts = replace(facts, transcript=(*facts.transcript, said))
    noisy = replace(facts, measures=replace(facts.measures, level={"agent": Level(active_level_dbov=-26.0, snr_db=12.0)}))
    assert (bench.outcome(RULE, facts), bench.outcome(RULE, noisy)) == ("fail", outcome)


def test_more_words_than_can_be_said_leave_a_miss_open(bench: Bench) -> None:
    """A recogniser that went on by itself is no witness, however sure it was: nobody says fifteen characters in a second and a half."""
    made_up = " ".join("请问有什么能够帮您鱼晶晶晶晶")
    assert too_many_words(utterance("agent", 0.0, made_up, 1.2)) and not too_many_words(utterance("agent", 0.0, made_up, 1.6))
    facts = say("A: 您好 / C: 没有了")

    def with_it(lasting_s: float) -> Facts:
        return replace(facts, transcript=(*facts.transcript, utterance("agent", 5.0, made_up, 5.0 + lasting_s)))

    assert (bench.outcome(RULE, with_it(1.2)), bench.outcome(RULE, with_it(4.0))) == ("unsure", "fail")


def test_a_word_that_lasts_and_lasts_stands_for_others() -> None:
    """问 over three seconds hides what was said then; a drawn-out 好 is a drawn-out 好."""
    rest = Word("有什么可以帮您", 3.0, 5.0, 0.8)
    lasting = {c: Utterance("agent", 0.0, 5.0, c + rest.text, 0.8, (Word(c, 0.0, 3.0, 0.8), rest)) for c in "问好"}
    assert too_few_words(lasting["问"]) and not too_few_words(lasting["好"])


def test_a_doubtful_stretch_too_short_for_the_words_hides_nothing(bench: Bench) -> None:
    """Ten characters cannot be said in half a second."""
    rule = 'check: must_say, say: ["感谢您的来电祝您生活愉快"], where: call'
    facts = say("A: 您好 / C: 没有了")
    short, long = (replace(facts, audit=(AuditMark("speech_without_words", 0.0, end_s, "agent"),)) for end_s in (0.5, 2.5))
    assert (bench.outcome(rule, short), bench.outcome(rule, long)) == ("fail", "unsure")


def test_a_missing_record_leaves_the_rule_unchecked(bench: Bench) -> None:
    """Not said, and whether it was done otherwise is not on record."""
    rule = 'check: must_say, say: ["转接"], where: call, kept_when: recorded'
    assert bench.outcome(rule, "A: 您好 / C: 好") == "not_checked"
    assert bench.outcome(rule, "A: 您好 / C: 好 / S: recorded = false") == "fail"
    assert bench.outcome(rule, "A: 您好 / C: 好 / S: recorded = true") == "pass"


def test_faint_turns_trigger(bench: Bench) -> None:
    """Turns of at least a second below the limit, of that party only."""
    events = "\n  faint: {kind: turn_level, by: customer, below: -36.0}"
    rule = 'when: faint, check: must_say, say: ["声音太小"]'
    assert bench.outcome(rule, "A: 您好 / C: [-46]我想问一下 / A: 什么", events=events) == "fail"
    assert bench.outcome(rule, "A: [-46]您好您好 / C: 我想问一下 / A: 什么", events=events) == "not_applicable"
    facts = say("A: 您好 / C: 我想问一下")
    level = Level(turns=(TurnLevel(1.0, 1.5, -50.0),))
    brief = replace(facts, measures=replace(facts.measures, level={**facts.measures.level, "customer": level}))
    assert bench.outcome(rule, brief, events=events) == "not_applicable"


def test_a_guess_in_another_script_hides_words(bench: Bench) -> None:
    """You have, in which the recogniser hardly believes, may have been 您好; English that it is sure of is English."""
    calls = [heard("You have", confidence) for confidence in (0.45, 0.9)]
    assert [is_foreign_guess(call.transcript[-1]) for call in calls] == [True, False]
    assert [bench.outcome(RULE, call) for call in calls] == ["unsure", "fail"]
    assert not is_foreign_guess(heard("VIP客户", 0.45).transcript[-1]) and not is_foreign_guess(heard("138", 0.45).transcript[-1])


def test_a_short_doubtful_stretch_hides_the_short_part_that_is_missing(bench: Bench) -> None:
    """Two characters of a long sentence can be said in half a second."""
    rule = 'check: must_say, say: ["您好 … 感谢您的来电祝您生活愉快"], where: call'
    facts = doubt(say("A: 感谢您的来电祝您生活愉快 / C: 没有了"), 0.0, 0.5)
    assert (bench.outcome(rule, facts), bench.outcome(rule, replace(facts, audit=()))) == ("unsure", "fail")


def test_a_marked_syllable_by_itself_hides_nothing(bench: Bench) -> None:
    """嗯 that was not understood is no 请挂机 and no 再见; half a second may be. A mark of nobody's is part of other speech."""
    rule, facts = 'check: must_say, say: ["请|您"], where: call, fuzzy: false', say("A: 好的 / C: 没有了 / W: 3")
    assert bench.outcome(rule, doubt(facts, 6.0, 6.35)) == "fail"
    assert bench.outcome(rule, doubt(facts, 6.0, 6.5)) == "unsure"
    assert bench.outcome(rule, doubt(facts, 6.0, 6.35, "unknown")) == "unsure"


def trigger(text: str, wanted: str, ratio: float, confidence: float = 0.5, noisy: bool = True) -> bool:
    """Whether a trigger of the words ``wanted`` is found by its text where ``text`` is written, with that log-ratio of the sound."""
    party = frozenset(("agent",)) if noisy else frozenset()
    finder = Finder(lay_out(heard(text, confidence)), CALIBRATED, Scripted({wanted: ratio}), party)
    found = finder.all_surely("agent", phrase(wanted), ALL)
    assert all(f.state == SAID for f in found)
    return bool(found)


def test_a_trigger_on_a_noisy_line_is_found_where_the_sound_surely_agrees() -> None:
    """大错电化 is written for 打错电话; what the sound does not surely agree with sets nothing off, not even perhaps."""
    assert trigger("大错电化", "打错电话", 4.0)
    assert not trigger("大错电化", "打错电话", -8.0)


@pytest.mark.parametrize(("confidence", "ratio", "found"), [(0.8, -4.0, True), (0.9, -4.0, False), (0.9, 4.0, True), (0.99, 4.0, True)])
def test_words_on_a_noisy_line_that_the_recogniser_was_sure_of_are_refuted_surely(confidence: float, ratio: float, found: bool) -> None:
    """It is sure of wrong words there: 变化是多少 for 电话是多少."""
    assert trigger("大错电化", "打错电话", ratio, confidence) == found


@pytest.mark.parametrize(("confidence", "found"), [(0.5, True), (0.95, False)])
def test_of_a_party_hardly_understood_triggers_are_sought_by_sound_too(confidence: float, found: bool) -> None:
    """A faint voice over little noise is heard as badly as another over much."""
    finder = Finder(lay_out(heard("这个那个" * 10 + "大错电化", confidence)), CALIBRATED, Scripted({"打错电话": 4.0}))
    assert bool(finder.all_surely("agent", phrase("打错电话"), ALL)) == found


@pytest.mark.parametrize(
    ("text", "wanted", "confidence", "noisy"),
    [
        ("大错电化", "打错电话", 0.95, False),  # a quiet line: words that the recogniser was sure of are right
        ("妈窝", "骂我", 0.5, True),  # two syllables are part of too many words
        ("好的知道", "打错电话", 0.5, True),  # nothing sounds alike
    ],
)
def test_a_trigger_by_its_text_is_not_sought_by_sound_elsewhere(text: str, wanted: str, confidence: float, noisy: bool) -> None:
    """Only words on a badly heard line that sound nearly the same are asked about."""
    assert not trigger(text, wanted, 9.0, confidence, noisy)


def test_every_saying_of_a_trigger_is_found_once() -> None:
    """Written right, and before and after it misheard."""
    finder = Finder(lay_out(heard("大错电化了打错电话了打措电话", 0.5)), CALIBRATED, Scripted({"打错电话": 4.0}), frozenset(("agent",)))
    assert [f.hits[0].quote for f in finder.all_surely("agent", phrase("打错电话"), ALL)] == ["大错电化", "打错电话", "打措电话"]


def test_without_calibration_a_trigger_counts_by_its_text_only() -> None:
    """The log-ratio alone is not sure enough."""
    finder = Finder(lay_out(heard("大错电化", 0.5)), Thresholds(), Scripted({"打错电话": 9.0}), frozenset(("agent",)))
    assert not finder.all_surely("agent", phrase("打错电话"), ALL)
