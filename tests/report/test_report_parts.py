"""Texts, media and targets."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import voicemon.report
from voicemon.errors import OutputError, SettingsError
from voicemon.records import OUTCOMES, WAIT_KINDS
from voicemon.report.media import ENVELOPE_BUCKETS, Media, envelope, kept_media, link_to, media_of
from voicemon.report.render import Written, clock, day, number, script_json
from voicemon.report.targets import Band, targets_of
from voicemon.report.texts import LANGUAGES, table, texts

FOLDER = Path(voicemon.report.__file__).parent


def test_both_languages_have_every_text():
    for key, words in table().items():
        assert tuple(words) == LANGUAGES, key
        assert all(isinstance(w, str) and w for w in words.values()), key


def test_both_languages_fill_in_the_same_figures():
    for key, words in table().items():
        zh, en = ({name for _, name, _, _ in string.Formatter().parse(w) if name} for w in words.values())
        assert zh == en, key


def test_every_text_is_used_and_every_used_text_exists():
    sources = [p.read_text(encoding="utf-8") for p in (*FOLDER.glob("*.py"), *(FOLDER / "templates").glob("*.[hj]*"))]
    everything = "\n".join(sources)
    named = set(re.findall(r"\bt\.([a-z_]+)", everything)) - {"get"}
    named |= set(re.findall(r"""\bt\[["']([a-z_]+)["']\]""", everything))
    assert named <= set(table())
    made = ("outcome_", "explain_", "wait_", "audit_", "channel_", "method_", "source_", "rate_of_", "interruption_", "review_")
    unused = [k for k in table() if k not in named and f'"{k}"' not in everything and not k.startswith(made)]
    assert [k for k in unused if k not in ("agent", "customer", "unknown", "direct", "proxy")] == []


def test_every_outcome_and_wait_has_words():
    for lang in LANGUAGES:
        assert all(f"outcome_{o}" in texts(lang) and f"explain_{o}" in texts(lang) for o in OUTCOMES)
        assert all(f"wait_{k}" in texts(lang) for k in WAIT_KINDS)


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(SettingsError, match="zh, en"):
        texts("de")


def test_the_envelope_is_the_largest_magnitude_of_each_stretch():
    samples = np.array([0, 0, 16384, 0, -32768, 0, 0, 0], dtype=np.int16)
    assert envelope(samples, 4) == [0, 128, 255, 0]


def test_the_envelope_of_little_or_nothing():
    assert envelope(np.array([], dtype=np.int16)) == []
    assert envelope(np.array([-32768], dtype=np.int16)) == [255]
    assert len(envelope(np.zeros(100_001, dtype=np.int16))) == ENVELOPE_BUCKETS


def test_an_envelope_is_kept_as_it_is_and_read_as_older_records_have_it_too():
    values = {"left": [0, 7, 255], "right": [], "mono": list(range(256))}
    for kept in (json.loads(json.dumps(kept_media("audio/a.wav", values))), {"audio_href": "audio/a.wav", "peaks": values}):
        media = media_of(kept)
        assert media.audio_href == "audio/a.wav" and {line: list(peaks) for line, peaks in media.peaks.items()} == values
    assert media_of({}) == Media()


@pytest.mark.parametrize(
    "link", ["http://x/a.wav", "//x/a.wav", "javascript:alert(1)", "file:///a.wav", "/a.wav", "\\\\x\\a.wav", "data:x"]
)
def test_a_recording_is_only_linked_relatively(link):
    with pytest.raises(OutputError, match="relative"):
        Media(link)


def test_a_link_is_made_of_any_file_name():
    assert link_to('audio/通 "#?%:.flac') == "audio/%E9%80%9A%20%22%23%3F%25%3A.flac"
    assert Media(link_to("javascript:alert(1).wav")).audio_href == "javascript%3Aalert%281%29.wav"


def test_times_and_figures_read_well():
    assert (clock(75.9), clock(3661), clock(-1)) == ("1:15", "1:01:01", "0:00")
    assert (number(201.0), number(-25.14), number(None), number(-0.01), number(100.0, 0)) == ("201", "−25.1", "–", "0", "100")
    assert (day("2026-03-12T10:15:00+08:00"), day(None), day("soon")) == ("2026-03-12 10:15", "", "soon")


def test_data_for_the_script_cannot_end_its_element():
    text = script_json({"a": "</script><!--<script>&\u2028"})
    assert not set("<>&\u2028") & set(text)


def test_data_for_the_script_is_json_whatever_of_it_was_written_before():
    text = script_json({"lanes": Written("[[1,-2],[]]"), "a \"b\"": {"客服": [1.5, None]}})
    assert text == '{"lanes":[[1,-2],[]],"a \\"b\\"":{"客服":[1.5,null]}}'
    with pytest.raises(ValueError):
        script_json({"a": float("nan")})


def test_targets_come_from_the_rules_of_the_standard(standard):
    targets = targets_of(standard)
    assert targets.rate_per_minute == Band(140.0, 160.0, 0.0, 0.02, "ZJ-6.6") and targets.rate_basis == "turns"
    assert targets.ring_count is not None and (targets.ring_count.low, targets.ring_count.high) == (None, 3.0)
    assert (targets.level_dbov.low, targets.level_dbov.high) == (-36.0, -16.0)


def test_an_indication_gives_no_target_while_a_direct_rule_does(standard):
    proxy = replace(standard.rules[0], id="X", evidence="proxy", options={"path": "speaking_rate.agent.per_minute_of_turns", "most": 240.0})
    targets = targets_of(replace(standard, rules=(proxy, *standard.rules)))
    assert targets.rate_per_minute is not None and targets.rate_per_minute.rule == "ZJ-6.6"


def test_a_standard_without_numbers_has_no_rate_band(standard):
    bare = targets_of(replace(standard, rules=()))
    assert bare.rate_per_minute is None and bare.ring_count is None


def test_the_tolerance_of_the_pack_is_inside_the_band():
    band = Band(140.0, 160.0, tolerance_share=0.02)
    assert [band.state(v) for v in (137.0, 138.0, 163.0, 164.0, None)] == ["below", "in", "in", "above", "plain"]
