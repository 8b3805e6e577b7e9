"""What happens when the first answer of the model is not good: a scripted model instead of a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicemon.records import Span
from voicemon.speech import engine
from voicemon.speech.models import ModelFiles
from voicemon.speech.whisper import AlignedWord, Decoded

SURE, DOUBTFUL, NOISE = -0.1, -1.8, -3.0
ONE_STRETCH = (Span(0.0, 3.0),)
FILES = ModelFiles("fake", Path("nowhere"), "0" * 64, "folder", False)


class ScriptedWhisper:
    """Gives the next (text, log-probability) of a script at every decoding, spread evenly over the sound of the window."""

    def __init__(self, script: list[tuple[str, float]]) -> None:
        self.script, self.windows_s, self.no_repeat = list(script), [], []

    def encode(self, sounds, window_s):
        self.windows_s.append(window_s)
        return len(sounds)

    def decode(self, encoded, caps, beam, no_repeat=0):
        self.no_repeat.append(no_repeat)
        self.current = [self.script.pop(0) for _ in range(encoded)]
        return tuple(Decoded(tuple(map(ord, text))[:cap], log_prob, len(text) > cap) for (text, log_prob), cap in
                     zip(self.current, caps, strict=True))

    def align(self, encoded, texts, seconds):
        rows = []
        for text, sound_s, (_, log_prob) in zip(texts, seconds, self.current, strict=True):
            step_s = (sound_s - engine.PackingSettings().gap_s) / max(1, len(text))
            rows.append(tuple(AlignedWord(chr(t), i * step_s, (i + 1) * step_s, log_prob, 1) for i, t in enumerate(text)))
        return tuple(rows)


@pytest.fixture
def hear(monkeypatch):
    def run(script, speech=ONE_STRETCH, noisy=False):
        fake, sound = ScriptedWhisper(script), np.zeros(16_000 * 30, np.float32)
        monkeypatch.setattr(engine, "Whisper", lambda *_, **__: fake)
        job = engine.Job(sound, speech, "agent", sound if noisy else None)
        return engine.Recogniser(FILES).transcribe_many([job])[0], fake

    return run


def text_of(heard) -> list[str]:
    return [u.text for u in heard.utterances]


def kinds_of(heard) -> list[str]:
    return [m.kind for m in heard.audit]


def test_a_good_answer_is_taken_at_once(hear):
    """One decoding, no mark."""
    heard, fake = hear([("请您稍等一下", SURE)])
    assert text_of(heard) == ["请您稍等一下"] and kinds_of(heard) == [] and len(fake.windows_s) == 1


def test_speech_without_words_is_asked_again_alone(hear):
    """A second try in a short window is enough when it gives words."""
    heard, fake = hear([("", SURE), ("请您稍等一下", SURE)])
    assert text_of(heard) == ["请您稍等一下"] and kinds_of(heard) == [] and fake.windows_s[1] < 30


def test_a_stutter_that_the_model_is_sure_of_is_asked_again_alone(hear):
    """Other words around it made the model fall into it; where it stays, it was said."""
    heard, fake = hear([("喂喂喂喂喂喂喂", SURE), ("请问您还有问题吗", -1.0)])
    assert text_of(heard) == ["请问您还有问题吗"] and len(fake.windows_s) == 2
    heard, fake = hear([("对对对对对对", SURE)] * 4)
    assert text_of(heard) == ["对对对对对对"] and kinds_of(heard) == [] and len(fake.windows_s) == 4


def test_of_doubtful_answers_a_stutter_is_the_last(hear):
    """However sure the model is of it."""
    heard, _ = hear([("喂喂喂喂喂喂喂", SURE)] + [("请问您还有问题吗", -1.3)] * 3)
    assert text_of(heard) == ["请问您还有问题吗"]


def test_speech_that_never_gets_words_is_marked(hear):
    """Nothing in any window: a mark over the stretch and no utterance."""
    heard, fake = hear([("", SURE)] * 4)
    assert text_of(heard) == [] and fake.windows_s[-2:] == [30.0, 30.0]
    assert [(m.kind, m.start_s, m.end_s, m.speaker) for m in heard.audit] == [("speech_without_words", 0.0, 3.0, "agent")]


def test_a_loop_is_decoded_without_repeats(hear):
    """The last try forbids repetition; its answer counts."""
    heard, fake = hear([("请稍等" * 7, SURE)] * 3 + [("请您稍等一下", SURE)])
    assert text_of(heard) == ["请您稍等一下"] and kinds_of(heard) == [] and fake.no_repeat == [0, 0, 0, 6]


def test_a_loop_that_stays_is_marked(hear):
    """Only loops: the words stay readable, marked as a loop."""
    heard, _ = hear([("请稍等" * 7, SURE)] * 4)
    assert kinds_of(heard) == ["loop"]


def test_a_ghost_is_marked_and_its_words_dropped(hear):
    """A subtitle credit is charged to nobody."""
    heard, _ = hear([("请不吝点赞订阅", SURE)] * 4)
    assert text_of(heard) == [] and kinds_of(heard) == ["ghost"]


def test_doubtful_words_are_kept_and_marked(hear):
    """Words below the limit of trust stay in the transcript under a mark."""
    heard, _ = hear([("请您稍等一下", DOUBTFUL)] * 4)
    assert text_of(heard) == ["请您稍等一下"] and kinds_of(heard) == ["speech_without_words"]


def test_words_over_noise_are_dropped_and_marked(hear):
    """Words hardly likelier than chance are no words."""
    heard, _ = hear([("请您稍等一下", NOISE)] * 4)
    assert text_of(heard) == [] and kinds_of(heard) == ["speech_without_words"]


def test_more_words_than_time_are_not_believed(hear):
    """Forty different characters in three seconds are marked."""
    heard, _ = hear([("".join(chr(0x4E00 + i) for i in range(50)), SURE)] * 4)
    assert kinds_of(heard) == ["words_over_silence"]


def test_each_stretch_gets_the_words_said_in_it(hear):
    """Of a window with two stretches, the words of the first half go to the first; only an empty stretch is asked again."""
    heard, _ = hear([("好的好呀再见再见", SURE)], (Span(1.0, 3.0), Span(8.0, 10.0)))
    assert text_of(heard) == ["好的好呀", "再见再见"]
    assert all(1.0 <= w.start_s < w.end_s <= 3.0 for w in heard.utterances[0].words)


FOUR_STRETCHES = tuple(Span(5.0 * i, 5.0 * i + 3.0) for i in range(4))
FULL, THIN = "请问还有什么可以帮您的呢，，，", "请，，，，稍，，，，，等，，，"  # as long as a stretch and its gap, at four a second


def test_far_fewer_words_than_the_speakers_own_pace_are_asked_for_again_alone(hear):
    """Words that were dropped where several stretches shared a window come back."""
    heard, fake = hear([(FULL + THIN + FULL + FULL, SURE), ("您好请问有什么能够帮您", SURE)], FOUR_STRETCHES)
    assert len(fake.windows_s) == 2 and fake.windows_s[1] == 6.0
    assert "您好请问有什么能够帮您" in text_of(heard)[1] and kinds_of(heard) == []


def test_slow_words_stay_as_they_are_after_one_more_try(hear):
    """好～～ is few words too: the same answer again is taken, without a mark."""
    heard, fake = hear([(FULL + THIN + FULL + FULL, SURE), ("请稍等", SURE)], FOUR_STRETCHES)
    assert len(fake.windows_s) == 2 and kinds_of(heard) == []
    assert text_of(heard)[1].replace("，", "") == "请稍等"


def test_more_words_that_are_doubted_do_not_replace_few_that_are_sure(hear):
    """A guess is no gain."""
    heard, _ = hear([(FULL + THIN + FULL + FULL, SURE), ("您好请问有什么能够帮您", DOUBTFUL)], FOUR_STRETCHES)
    assert text_of(heard)[1].replace("，", "") == "请稍等"


def test_two_stretches_tell_no_pace(hear):
    """A party that says little is not asked twice for being brief."""
    _, fake = hear([(FULL + THIN, SURE)], FOUR_STRETCHES[:2])
    assert len(fake.windows_s) == 1


@pytest.mark.parametrize(("as_it_is", "without_noise", "taken"), [
    (("请稍等一下", -0.5), ("请稍等一夏", -0.3), "请稍等一夏"),
    (("请稍等一下", -0.5), ("请稍等一夏", -0.45), "请稍等一下"),
    (("请稍等一下", -0.5), ("请稍等一夏", -0.9), "请稍等一下"),
])
def test_of_a_noisy_line_the_clearly_likelier_hearing_counts(hear, as_it_is, without_noise, taken):
    """A little likelier is not enough: the sound as it is has the last word."""
    heard, fake = hear([as_it_is, without_noise], noisy=True)
    assert text_of(heard) == [taken] and kinds_of(heard) == [] and fake.script == []


def test_each_stretch_of_a_noisy_line_has_its_own_better_hearing(hear):
    long = "您好请问一下这是什么事情呢我想知道我的包裹今天到了哪里谢谢您帮忙"
    script = [("请稍等一下", -0.5), (long, -0.2), ("请稍等一夏", -0.1), (long[:-1], -0.4)]
    heard, _ = hear(script, (Span(0.0, 3.0), Span(3.6, 29.6)), noisy=True)  # a window each, the shorter one first
    assert text_of(heard) == ["请稍等一夏", long]


def test_a_hearing_without_noise_that_went_wrong_is_not_taken(hear):
    heard, _ = hear([("请稍等一下", -0.5), *[("谢谢" * 20, SURE)] * 4], noisy=True)
    assert text_of(heard) == ["请稍等一下"] and kinds_of(heard) == []


def test_a_stretch_that_only_the_hearing_without_noise_understands_is_not_marked(hear):
    heard, _ = hear([*[("哦哦啊哦", -2.0)] * 4, ("请稍等一下", -0.4)], noisy=True)
    assert text_of(heard) == ["请稍等一下"] and kinds_of(heard) == []


def test_a_quiet_line_is_heard_once(hear):
    heard, fake = hear([("请稍等一下", -0.5), ("请稍等一夏", -0.1)])
    assert text_of(heard) == ["请稍等一下"] and len(fake.windows_s) == 1


EARLY, LATE = "请您再次来电呀，，，，，", "，，，，，请您再次来电呀"  # of three seconds more than one is left without words


@pytest.mark.parametrize(("first", "whole"), [(EARLY, "请您再次来电呀谢谢再见"), (LATE, "谢谢再见请您再次来电呀")])
def test_a_long_beginning_or_end_without_words_is_asked_for_alone(hear, first, whole):
    """The model ends a sentence early, as before 谢谢再见; what was dropped is put where it was said."""
    heard, fake = hear([(first, SURE), ("谢谢再见", SURE)])
    assert [u.replace("，", "") for u in text_of(heard)] == [whole] and kinds_of(heard) == [] and len(fake.windows_s) == 2
    starts = [w.start_s for w in heard.utterances[0].words]
    assert starts == sorted(starts)


def test_an_end_that_stays_without_words_is_marked(hear):
    """What cannot be made out there may not count as not said; the words before it stay trusted."""
    heard, _ = hear([(EARLY, SURE), ("谢谢再见", NOISE)])
    assert [u.replace("，", "") for u in text_of(heard)] == ["请您再次来电呀"] and kinds_of(heard) == ["speech_without_words"]
    assert 1.5 < heard.audit[0].start_s < 2.0 and heard.audit[0].end_s == 3.0
