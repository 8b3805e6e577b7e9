"""A line on which only an agent speaks, who hears nobody: told apart from one side of a conversation."""

from __future__ import annotations

import pytest

from voicemon.records import Utterance
from voicemon.speech.silent_line import LONGEST_OPENING, nobody_answers, silent_line_phrases


def said(*lines: str, pause_s: float = 3.0) -> list[Utterance]:
    """Utterances of two seconds with a pause before each; one that begins with ``+`` goes on at once."""
    found: list[Utterance] = []
    for line in lines:
        start_s = (found[-1].end_s if found else 0.0) + (0.3 if line.startswith("+") else pause_s)
        found.append(Utterance("mono", start_s, start_s + 2.0, line.lstrip("+"), 0.9))
    return found


@pytest.mark.parametrize("lines", [
    ("您好,请问有什么可以帮您", "您好,请问有什么可以帮您", "对不起,您的电话没有声音,请您换一部电话再打来", "+再见"),
    ("您好,天地公司,很高兴为您服务", "+请问有什么可以帮您", "您好,您的电话已经接通了,请讲话", "很抱歉,听不到您的声音,再见"),
    ("喂您好", "喂,说话呀,再不说话我就挂了"),
    ("您好,请问有什么可以帮您", "没聲音"),
])
def test_an_agent_who_calls_into_silence_and_says_so_is_answered_by_nobody(lines: tuple[str, ...]) -> None:
    assert nobody_answers(said(*lines))


@pytest.mark.parametrize(("lines", "why"), [
    (("您好,请问有什么可以帮您", "请您提供一下单号", "您的电话没有声音"), "he asked for what somebody wants"),
    (("您好,请问有什么可以帮您", "请问有什么可以帮您", "感谢您的来电,再见"), "he does not say that he hears nobody"),
    (("您好,请问有什么可以帮您", "没有声音", "好的,请稍等"), "he is answered in the end"),
    (("您好,请问有什么可以帮您", "喂,请说话,大声一点", "还是听不到您的声音"), "somebody speaks, however softly"),
    (("您好,请问有什么可以帮您", "喂", "您的电话没有声音"), "somebody may have said 喂"),
    (("您好,您的电话没有声音,再见",), "he waits for no answer"),
    (("好" * (LONGEST_OPENING + 1), "您的电话没有声音"), "a conversation broke off"),
    ((), "nobody speaks at all"),
])
def test_one_side_of_a_conversation_is_no_silent_line(lines: tuple[str, ...], why: str) -> None:
    assert not nobody_answers(said(*lines)), why


def test_who_waits_for_no_answer_speaks_to_somebody() -> None:
    lines = ("您好,请问有什么可以帮您", "您好,请问有什么可以帮您", "您的电话没有声音")
    assert nobody_answers(said(*lines, pause_s=1.6)) and not nobody_answers(said(*lines, pause_s=1.4))


def test_the_phrases_are_plain_text() -> None:
    assert set(silent_line_phrases()) == {"nobody", "calls", "somebody"}
    assert all(phrase and phrase.isalnum() for phrases in silent_line_phrases().values() for phrase in phrases)
