"""Recognition of a real clip: words, times, marks."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.records import Span
from voicemon.speech.engine import Job, Recogniser, RecogniserSettings, _Heard
from voicemon.speech.text import normalise
from voicemon.speech.whisper import AlignedWord


@pytest.fixture(scope="module")
def transcripts(recogniser, call_audio, call_speech):
    jobs = [Job(call_audio[party], call_speech[party], party) for party in ("agent", "customer")]
    return dict(zip(("agent", "customer"), recogniser.transcribe_many(jobs), strict=True))


def test_both_parties_are_heard_in_simplified_chinese(transcripts):
    """What each party says ends up in that party's utterances."""
    agent = normalise("".join(u.text for u in transcripts["agent"].utterances))
    customer = normalise("".join(u.text for u in transcripts["customer"].utterances))
    assert "很高兴" in agent and "感谢您的来" in agent and "再见" in agent
    assert "谢谢你" in customer and "再见" in customer
    assert {u.speaker for u in transcripts["agent"].utterances} == {"agent"}


def test_every_stretch_of_speech_has_an_utterance(transcripts, call_speech):
    """Speech over half a second apart gives separate utterances, none lost."""
    for party, spans in call_speech.items():
        assert [(u.start_s, u.end_s) for u in transcripts[party].utterances] == [(s.start_s, s.end_s) for s in spans]
        assert transcripts[party].audit == ()


def test_words_lie_in_order_inside_speech(transcripts, call_speech):
    """Word times never leave the speech span of their utterance and never run backwards."""
    for party, spans in call_speech.items():
        for utterance, span in zip(transcripts[party].utterances, spans, strict=True):
            starts = [w.start_s for w in utterance.words]
            assert starts == sorted(starts)
            assert all(span.start_s - 1e-3 <= w.start_s < w.end_s <= span.end_s + 1e-3 for w in utterance.words)


def test_text_is_its_words(transcripts):
    """The text of an utterance is its words joined, and confidences are probabilities."""
    for utterance in [u for t in transcripts.values() for u in t.utterances]:
        assert utterance.text == "".join(w.text for w in utterance.words)
        assert all(0.0 <= c <= 1.0 for c in [utterance.confidence, *(w.confidence for w in utterance.words)])


def test_words_stand_where_they_are_said(transcripts):
    """再 of the agent's last 再见 begins in the last 0.9 s of the agent's speech."""
    last = transcripts["agent"].utterances[-1]
    word = next(w for w in last.words if w.text.startswith("再"))
    assert 8.2 <= word.start_s <= 8.9


def test_the_same_sound_gives_the_same_transcript(recogniser, call_audio, call_speech, transcripts):
    """Alone or in a batch with the other party, the words of a party are the same."""
    alone = recogniser.transcribe(call_audio["customer"], call_speech["customer"], "customer")
    assert normalise("".join(u.text for u in alone.utterances)) == normalise("".join(u.text for u in transcripts["customer"].utterances))


def test_noise_called_speech_is_marked(recogniser):
    """A stretch of hiss that passed for speech is either without words or marked, never a plain utterance."""
    hiss = (np.random.default_rng(1).standard_normal(16_000 * 4) * 0.01).astype(np.float32)
    heard = recogniser.transcribe(hiss, [Span(0.5, 3.5)], "agent")
    assert [(m.start_s, m.end_s, m.speaker) for m in heard.audit] == [(0.5, 3.5, "agent")]


def test_no_speech_gives_no_words(recogniser):
    """Without speech spans nothing is decoded."""
    heard = recogniser.transcribe(np.zeros(16_000, dtype=np.float32), [], "agent")
    assert heard.utterances == () and heard.audit == ()


def test_a_blip_need_not_hold_a_word(recogniser):
    """Speech shorter than 0.2 s gets no mark."""
    heard = recogniser.transcribe(np.zeros(32_000, dtype=np.float32), [Span(0.5, 0.6)], "agent")
    assert heard.audit == ()


def test_a_short_answer_alone_is_heard(recogniser, call_audio):
    """好，再见 alone in a window still gets its words."""
    heard = recogniser.transcribe(call_audio["customer"], [Span(5.74, 6.98)], "customer")
    assert "再见" in normalise(heard.utterances[0].text)


def test_of_a_long_call_fewer_windows_are_decoded_at_a_time(monkeypatch):
    """What a batch of windows takes comes beside the recording, which is large then."""
    sizes = []
    short = Recogniser.__new__(Recogniser)
    short.settings = RecogniserSettings()
    monkeypatch.setattr(Recogniser, "_hear", lambda self, windows, sounds: sizes.append(len(windows)) or [[] for _ in windows])
    spans = [Span(30.0 * i, 30.0 * i + 27.0) for i in range(20)]
    for seconds, most in ((3000.0, 8), (4000.0, 4)):
        sizes.clear()
        short.transcribe_many([Job(np.broadcast_to(np.float32(0.0), (round(seconds * 16_000),)), spans, "agent")])
        assert sum(sizes) == 20 and max(sizes) == most


def listener(monkeypatch, answers):
    """A recogniser that hears, in each window of so many lines with or without noise, a text with a log-probability; what it was asked."""
    asked = []
    recogniser = Recogniser.__new__(Recogniser)
    recogniser.settings = RecogniserSettings()

    def hear(self, windows, lines, shortest_s=None, no_repeat=0):
        found = []
        for window in windows:
            key = "together" if len({p.stretch.line for p in window.pieces}) > 1 else "clear" if lines[0][0] else "noisy"
            asked.append(key)
            text, log_prob = answers[key]
            found.append([_Heard(p.stretch, (AlignedWord(text, p.stretch.span.start_s, p.stretch.span.end_s, log_prob * 4, 4),))
                          for p in window.pieces])
        return found

    monkeypatch.setattr(Recogniser, "_hear", hear)
    return recogniser, asked


def noisy_call(*, noisy=True):
    """Two parties, one after the other; the sound without noise is told by its samples."""
    x, clear = np.zeros(4 * 16_000, dtype=np.float32), np.ones(4 * 16_000, dtype=np.float32)
    return [Job(x, [Span(start_s, start_s + 1.0)], party, clear if noisy else None)
            for start_s, party in ((0.5, "agent"), (2.5, "customer"))]


@pytest.mark.parametrize(
    ("clear", "together", "text"),
    [(-0.5, -0.6, "没有噪声"), (-0.6, -0.5, "一起听的"), (-0.95, -0.97, "原来声音"), (-0.95, -0.8, "一起听的")],
)
def test_of_a_noisy_line_the_likeliest_of_three_hearings_is_kept(monkeypatch, clear, together, text):
    """As it is, unless it is clearly likelier without noise, alone or with the other party as a conversation."""
    answers = {"noisy": ("原来声音", -0.92), "clear": ("没有噪声", clear), "together": ("一起听的", together)}
    recogniser, asked = listener(monkeypatch, answers)
    heard = recogniser.transcribe_many(noisy_call())
    assert [u.text for t in heard for u in t.utterances] == [text, text]
    assert asked == ["noisy", "noisy", "clear", "clear", "together"]


@pytest.mark.parametrize(("noisy", "clear", "together", "text"), [
    (("我用的是免提", -0.9), ("喂", -0.2), ("我用的是免踢", -0.6), "我用的是免踢"),
    (("我用的是免提", -0.9), ("喂", -0.2), ("喂", -0.3), "我用的是免提"),
    (("喂", -0.9), ("我用的是免提", -0.7), ("我用的是", -0.6), "我用的是"),
])
def test_a_hearing_that_dropped_words_is_not_likelier_for_being_sure_of_the_rest(monkeypatch, noisy, clear, together, text):
    recogniser, _ = listener(monkeypatch, {"noisy": noisy, "clear": clear, "together": together})
    heard = recogniser.transcribe_many(noisy_call())
    assert [u.text for t in heard for u in t.utterances] == [text, text]


def test_a_quiet_line_is_heard_once(monkeypatch):
    """A second hearing would cost as much as the first."""
    recogniser, asked = listener(monkeypatch, {"noisy": ("原来声音", -0.9)})
    recogniser.transcribe_many(noisy_call(noisy=False))
    assert asked == ["noisy", "noisy"]


def test_beside_a_noisy_line_a_quiet_one_keeps_its_words(monkeypatch):
    """It is heard again only as part of the conversation."""
    agent, customer = noisy_call()
    answers = {"noisy": ("原来声音", -0.9), "clear": ("没有噪声", -0.5), "together": ("一起听的", -0.4)}
    recogniser, _ = listener(monkeypatch, answers)
    heard = recogniser.transcribe_many([agent, Job(customer.x, customer.speech, "customer")])
    assert [u.text for t in heard for u in t.utterances] == ["一起听的", "原来声音"]
