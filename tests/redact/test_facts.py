"""Facts without what is personal: placeholders with their times, and sound without what was said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from judge.builders import say, utterance

from voicemon.audio.decode import Recording
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.records import CUSTOMER, Facts, Redaction, Span
from voicemon.redact.facts import character_times, redact
from voicemon.redact.sound import over, silenced
from voicemon.redact.verdicts import judged_again, told
from voicemon.speech.text import MASKED_LENGTHS, normalise

RATE_HZ = 8000


def spoken() -> Facts:
    facts = say("A: 请问您贵姓 / C: 我姓唐 / A: 唐先生请讲 / C: 好")
    said = utterance(CUSTOMER, 9.0, "电话 一 三 八 零零 一三八 零零零 谢谢 你")
    return replace(facts, transcript=(*facts.transcript, said), call=replace(facts.call, duration_s=20.0))


def test_a_placeholder_stands_where_the_words_were_with_their_times() -> None:
    before, after = spoken(), redact(spoken())
    said = before.transcript[-1].words
    expected = [("电话", said[0], said[0]), ("【电话】", said[1], said[6]), ("谢谢", said[7], said[7]), ("你", said[8], said[8])]
    assert after.transcript[-1].text == "电话【电话】谢谢你"
    assert [(w.text, w.start_s, w.end_s) for w in after.transcript[-1].words] == [(t, a.start_s, b.end_s) for t, a, b in expected]
    assert all("".join(w.text for w in u.words) in ("", u.text) for u in after.transcript)


def test_the_stretches_are_told_with_their_kind_and_a_margin() -> None:
    after = redact(spoken())
    assert after.redactions is not None and {r.kind for r in after.redactions} == {"surname", "phone"}
    (phone,) = (r for r in after.redactions if r.kind == "phone")
    times = character_times(spoken().transcript[-1])
    assert phone.start_s == pytest.approx(times[2][0] - 0.3) and phone.end_s == pytest.approx(times[12][1] + 0.3)


def test_measures_and_speech_stay_and_redacting_twice_changes_nothing() -> None:
    before, after = spoken(), redact(spoken())
    assert (after.measures, after.speech, after.audit, after.roles) == (before.measures, before.speech, before.audit, before.roles)
    assert redact(after) is after and before.redactions is None


def test_nothing_personal_is_also_an_answer() -> None:
    assert redact(say("A: 您好 / C: 你好")).redactions == ()


def test_words_that_do_not_fit_the_text_are_dropped_and_not_leaked() -> None:
    facts = spoken()
    odd = replace(facts.transcript[-1], text="电话13800138000谢谢你")
    after = redact(replace(facts, transcript=(odd,)))
    assert after.transcript[0].text == "电话【电话】谢谢你" and after.transcript[0].words == ()


def test_a_placeholder_is_read_as_something_that_no_standard_asks_for() -> None:
    assert [normalise(f"【{kind}】先生") for kind in ("姓", "姓名")] == ["x先生", "xx先生"]
    assert all(set(normalise(f"【{kind}】")) == {"x"} for kind in MASKED_LENGTHS) and normalise("【电影】") == "电影"


def test_sound_under_a_redaction_is_a_tone_on_every_channel_and_nothing_of_it_is_left() -> None:
    rng = np.random.default_rng(0)
    samples = rng.integers(-20000, 20000, (2, 4 * RATE_HZ)).astype(np.int16)
    recording = Recording(Path("x.flac"), "0" * 64, RATE_HZ, samples, "flac")
    quiet = silenced(recording, (Redaction("phone", 1.0, 2.0, "customer"), Redaction("name", 1.5, 2.5, "agent")))
    inside, rest = slice(RATE_HZ, round(2.5 * RATE_HZ)), [*range(RATE_HZ), *range(round(2.5 * RATE_HZ), 4 * RATE_HZ)]
    assert np.abs(quiet.samples[:, inside]).max() < 300 and np.array_equal(quiet.samples[0, inside], quiet.samples[1, inside])
    assert np.array_equal(quiet.samples[:, rest], samples[:, rest]) and quiet.codec != "flac"
    other = over(samples[::-1] // 2, RATE_HZ, [Span(1.0, 2.5)])
    assert np.array_equal(other[:, inside], quiet.samples[:, inside])


def pack(folder: Path, rules: str) -> Path:
    path = folder / "pack.yaml"
    path.write_text(f'name: pack\ntitle: t\nversion: "1"\nevents:\n  named: {{kind: says, by: customer, says: ["我姓"]}}\nrules:\n{rules}',
                    encoding="utf-8")
    return path


def rule(name: str, check: str) -> str:
    return f'- {{id: {name}, title: t, quote: q, evidence: direct, {check}, examples: {{fires: [], quiet: ["A: 您好"]}}}}\n'


def test_a_verdict_that_needed_the_words_is_kept_and_quotes_nothing(tmp_path: Path) -> None:
    rules = rule("NAME", 'check: must_say, say: ["唐先生"]') + rule("SAID", 'check: must_say, say: ["贵姓"]') + rule(
        "NEVER", 'check: must_say, say: ["再见"]')
    standard = load_standard(pack(tmp_path, rules))
    whole = judge(spoken(), standard)
    shown, masked = told(whole, redact(spoken()), lambda f: judge(f, standard), standard, "zh")
    assert [v.outcome for v in shown] == [v.outcome for v in whole] == ["pass", "pass", "fail"]
    assert "唐" not in "".join(v.reason + v.quote + v.expected for v in shown) and shown[1].quote == "贵姓"
    again = judged_again(masked, lambda f: judge(f, standard), standard, "zh")
    assert [v.outcome for v in again] == ["pass", "pass", "fail"] and again[0].reason == shown[0].reason


def test_masked_words_convict_nobody_by_a_standard_that_never_saw_them(tmp_path: Path) -> None:
    standard = load_standard(pack(tmp_path, rule("NAME", 'check: must_say, say: ["唐先生"]')))
    masked = redact(spoken())
    assert judge(masked, standard)[0].outcome == "fail"
    marked = replace(masked, redactions=tuple(replace(r, speaker="agent") for r in masked.redactions or ()))
    assert judged_again(marked, lambda f: judge(f, standard), standard, "zh")[0].outcome == "unsure"
