"""Mono calls: two voices become agent and customer, or nobody is charged with anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes import RATE_HZ, FakeEar, silence, speech_like
from scipy.signal import resample_poly

from voicemon.audio.decode import decode
from voicemon.audio.speakers import Voices
from voicemon.hearing import _on_one_line, hear
from voicemon.judge.checks.manner import judge_interruptions
from voicemon.listening import CallInput, Stopwatch
from voicemon.records import AuditMark, Facts, Roles, Span, Utterance, Word
from voicemon.settings import Settings
from voicemon.spans import merge
from voicemon.speech.attribution import set_apart, unclear_marks
from voicemon.speech.engine import Job, Transcription

WORDS = {"voice_1": "您好，请问有什么可以帮您？请稍等", "voice_2": "喂，我想查一下我的快递", "unknown": "我是主管"}


@dataclass(frozen=True)
class VoiceEar(FakeEar):
    """Hears other words from each voice, once."""

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        return tuple(Transcription((Utterance(j.speaker, j.speech[0].start_s, j.speech[-1].end_s, WORDS.get(j.speaker, "您好"), 0.9),), ())
                     for j in jobs)


def voice(seconds: float, times: int) -> np.ndarray:
    """A voice with pitch and formants ``times``/10 of an ordinary one's."""
    return np.asarray(resample_poly(speech_like(seconds * times / 10 + 0.1), 10, times)[: int(seconds * RATE_HZ)], dtype=np.float32)


def talk(*turns: tuple[int, float]) -> np.ndarray:
    return np.concatenate([part for times, seconds in turns for part in (voice(seconds, times), silence(0.6))])


TWO = ((10, 3.0), (13, 3.0), (10, 2.5), (13, 2.0), (10, 2.0))


def heard(kit: Any, samples: np.ndarray) -> Facts:
    path = kit.call("call.wav", np.atleast_2d(samples))
    return hear(decode(path), CallInput("call", {}), VoiceEar(), Settings(), Stopwatch())


def test_two_voices_become_agent_and_customer_by_what_they_say(kit: Any) -> None:
    facts = heard(kit, talk(*TWO))
    assert (facts.roles.agent, facts.roles.customer, facts.roles.method) == ("mono", "mono", "voices")
    assert 0.4 <= facts.roles.margin <= 1.0
    assert [u.speaker for u in facts.transcript if u.text in WORDS.values()] == ["agent", "customer"]
    assert facts.speech["customer"][0].start_s == pytest.approx(3.6, abs=0.2)


@pytest.mark.parametrize(("of_words", "of_voices"), [(0.9, 0.5), (0.5, 0.9)])
def test_roles_on_one_line_are_no_surer_than_words_and_voices_both(of_words: float, of_voices: float) -> None:
    found = Roles("voice_1", "voice_2", "evidence", of_words)
    assert _on_one_line(found, Voices({"voice_1": (), "voice_2": ()}, margin=of_voices)).margin == 0.5


def test_measures_of_each_voice_are_its_own(kit: Any) -> None:
    x = talk(*TWO)
    x[int(3.3 * RATE_HZ) : int(6.8 * RATE_HZ)] *= np.float32(0.25)
    x[int(9.9 * RATE_HZ) : int(12.5 * RATE_HZ)] *= np.float32(0.25)
    level = heard(kit, x).measures.level
    agent, customer = level["agent"], level["customer"]
    assert agent.active_level_dbov - customer.active_level_dbov == pytest.approx(12.0, abs=1.0)
    assert agent.noise_dbov is not None and agent.noise_dbov < -60, "the other voice is no noise"


def test_a_sound_at_the_end_of_a_mono_call_is_nobodys_receiver(kit: Any) -> None:
    x = np.concatenate([talk(*TWO), silence(1.0)])
    x[-1600:-1560] = 0.9
    assert heard(kit, x).measures.receiver_bang_dbov is None


def test_one_voice_with_few_words_is_not_made_two(kit: Any) -> None:
    facts = heard(kit, talk(*((10, s) for _, s in TWO)))
    assert facts.readings == ()
    assert facts.roles.agent is None and facts.roles.method == "unknown" and facts.roles.reason
    assert set(facts.speech) == {"unknown"} and facts.measures.level["agent"].active_level_dbov is None


class ReadingEar(FakeEar):
    """Hears a conversation, one utterance in each stretch of speech."""

    LINES = ("您好,中环国际,请问有什么可以帮助您的吗", "你好我想查一下我的快递", "请您提供一下运单号", "七七二零一九四五", "谢谢您请您稍等")

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        spans = merge(jobs[0].speech, gap_s=0.4)
        said = (Utterance(jobs[0].speaker, s.start_s, s.end_s, text, 0.9) for s, text in zip(spans, self.LINES, strict=True))
        return (Transcription(tuple(said), ()),)


def test_voices_too_alike_are_told_by_their_words(kit: Any) -> None:
    path = kit.call("call.wav", np.atleast_2d(talk(*((10, s) for _, s in TWO))))
    facts = hear(decode(path), CallInput("call", {}), ReadingEar(), Settings(), Stopwatch())
    assert (facts.roles.agent, facts.roles.customer, facts.roles.method) == ("mono", "mono", "words")
    assert [u.speaker for u in facts.transcript] == ["agent", "customer"] * 2 + ["agent"]
    assert facts.measures.speaking_rate["customer"].characters == 19 and len(facts.readings[0].speakers) == 5
    assert any("told by the words" in note for note in facts.notes)
    assert total(facts.speech["agent"]) == pytest.approx(7.5, abs=0.5) and total(facts.speech["customer"]) == pytest.approx(5.0, abs=0.5)


def test_rates_are_left_out_where_it_is_in_doubt_who_speaks(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kit.call("call.wav", np.atleast_2d(talk(*((10, s) for _, s in TWO))))
    monkeypatch.setattr(ReadingEar, "LINES", (*ReadingEar.LINES[:3], "嗯", "好"))
    facts = hear(decode(path), CallInput("call", {}), ReadingEar(), Settings(), Stopwatch())
    assert "unknown" in {u.speaker for u in facts.transcript}
    rate = facts.measures.speaking_rate["agent"]
    assert rate.per_minute_of_turns is None and rate.reason is not None and "not certain" in rate.reason


def test_the_same_audio_on_both_channels_is_told_apart_as_one_channel(kit: Any) -> None:
    facts = heard(kit, np.stack([talk(*TWO)] * 2))
    assert facts.roles.agent == "mono" and any("same audio" in note for note in facts.notes)


def test_a_third_voice_is_noted_and_its_words_are_nobodys(kit: Any) -> None:
    facts = heard(kit, talk((10, 4), (13, 4), (10, 4), (18, 2.5), (13, 4), (18, 2.5), (10, 4)))
    assert any("third voice" in note for note in facts.notes)
    assert [u.speaker for u in facts.transcript if u.text == WORDS["unknown"]] == ["unknown"]
    assert any(m.kind == "unclear_voice" and m.speaker == "unknown" for m in facts.audit) and total(facts.speech["unknown"]) > 4


def total(spans: Sequence[Span]) -> float:
    return sum(s.duration_s for s in spans)


def test_words_where_no_voice_fits_are_nobodys() -> None:
    words = (Word("您好", 0.0, 0.5, 0.9), Word("嗯", 0.5, 0.8, 0.5), Word("请讲", 0.8, 1.2, 0.7))
    own, apart = set_apart(Transcription((Utterance("voice_1", 0.0, 1.2, "您好嗯请讲", 0.8, words),), ()), [Span(0.5, 0.9)], "unknown")
    assert [u.text for u in own.utterances] == ["您好", "请讲"] and own.utterances[1].start_s == 0.8
    assert [(u.text, u.speaker, u.confidence) for u in apart.utterances] == [("嗯", "unknown", 0.5)]


def test_words_of_a_clear_voice_stay_as_they_are() -> None:
    heard = Transcription((Utterance("voice_1", 0.0, 1.0, "您好", 0.8),), (AuditMark("loop", 0.0, 1.0, "voice_1"),))
    assert set_apart(heard, [Span(2, 3)], "unknown") == (heard, Transcription((), ()))


def test_only_unclear_stretches_long_enough_for_a_word_are_marked() -> None:
    assert unclear_marks([Span(0, 0.1), Span(1, 2)], "unknown") == (AuditMark("unclear_voice", 0.9, 2.1, "unknown"),)


def test_talking_at_once_is_not_judged_on_one_channel() -> None:
    context: Any = SimpleNamespace(one_channel=True)
    assert judge_interruptions(context, {}, SimpleNamespace(anchors=())).outcome == "not_checked"  # type: ignore[arg-type]
