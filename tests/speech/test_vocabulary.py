"""The model with the tokens a Chinese call needs: it spells all texts, and hears and weighs as the whole one does."""

from __future__ import annotations

import numpy as np
import pytest

from voicemon.speech.models import find_model
from voicemon.speech.text import normalise
from voicemon.speech.verifier import Verifier
from voicemon.speech.vocabulary import kept_tokens, smaller_model
from voicemon.speech.whisper import Whisper

LAST_S = (7.58, 9.09)


@pytest.fixture(scope="module")
def whole(recogniser):
    """The same model with all its tokens."""
    return Whisper(recogniser.model, threads=2, whole=True)


def test_han_parts_of_characters_frequent_latin_and_special_tokens_stay():
    """Hangul and rare Latin words go; 你, half a character, letters, rare digits and everything special stay."""
    tokens = [*["a"] * 6000, "ä½ł", "ä½", "Ġtelegram", "12345", "íķľ", "<|endoftext|>", "<|zh|>", "<|0.00|>"]
    assert kept_tokens(tokens)[6000:] == (6000, 6001, 6003, 6005, 6006, 6007)


@pytest.mark.parametrize("text", ["您好，很高兴为您服务！", "您的VIP客户号是 10086。", "请发email到 info@example.com", "覃、堃、嘎嘣儿脆"])
def test_every_text_of_a_call_can_be_spelt(recogniser, text):
    """Tokens give back the text they were made of."""
    assert recogniser.whisper.text_of(recogniser.whisper.tokens_of(text)) == text


def test_a_latin_word_without_its_token_is_spelt_with_tokens_the_model_knows(recogniser, whole):
    """The whole model has one token for a rare word; the smaller one shorter pieces, none of them unknown."""
    rare = next(word for word in (" Telegram", " renaissance", " microscope", " jurisdiction") if len(whole.tokens_of(word)) == 1)
    pieces = recogniser.whisper.tokens_of(rare)
    assert len(pieces) > 1 and recogniser.whisper.text_of(pieces) == rare


def test_the_smaller_model_hears_what_the_whole_one_hears(recogniser, whole, call_audio):
    """The same words, of nearly the same probability."""
    heard = []
    for whisper in (recogniser.whisper, whole):
        encoded = whisper.encode([call_audio["agent"][round(7.4 * 16000) :]], 6.0)
        heard.append(whisper.decode(encoded, [40], beam=5)[0])
    assert normalise(recogniser.whisper.text_of(heard[0].tokens)) == normalise(whole.text_of(heard[1].tokens)) != ""
    assert heard[0].mean_log_prob == pytest.approx(heard[1].mean_log_prob, abs=0.05)
    assert recogniser.whisper.tokens < whole.tokens / 3


def test_the_smaller_model_weighs_phrases_as_the_whole_one(recogniser, whole, call_audio, monkeypatch):
    """Log-ratios move by far less than the limits are apart."""
    question = ("agent", *LAST_S, "感谢您的", "来店", "来电", "再见")
    few = Verifier(recogniser, call_audio).log_ratio(*question)
    monkeypatch.setattr(recogniser, "whisper", whole)
    assert few == pytest.approx(Verifier(recogniser, call_audio).log_ratio(*question), abs=0.3)


def test_a_model_of_another_kind_is_used_whole(tmp_path):
    """Without the list of tokens, with a file of another version, empty or broken off, nothing is cut."""
    (tmp_path / "model.bin").write_bytes(np.arange(40, dtype=np.uint32).tobytes())
    assert smaller_model(tmp_path) is None
    (tmp_path / "vocabulary.txt").write_text("a\n<|endoftext|>\n", encoding="utf-8")
    assert smaller_model(tmp_path) is None
    for content in (b"", (find_model("base").folder / "model.bin").read_bytes()[:100]):
        (tmp_path / "model.bin").write_bytes(content)
        assert smaller_model(tmp_path) is None


def test_the_shipped_model_is_cut():
    """The base model's file is of the kind that can be cut: five times fewer tokens."""
    smaller = smaller_model(find_model("base").folder)
    assert smaller is not None and 8_000 < len(smaller.kept) < 13_000
