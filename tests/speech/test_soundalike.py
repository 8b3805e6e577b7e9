"""Places where a text sounds like a wording: alignment, missing and extra syllables, spans."""

from __future__ import annotations

import pytest

from voicemon.speech.pinyin import distance, syllables
from voicemon.speech.soundalike import SKIP_COST, SoundText, Wordings, wording_numbers


def places(text: str, wording: str, least: float = 0.6, span: tuple[int, int] | None = None) -> list[tuple[str, float]]:
    """What was found, as text with its similarity."""
    return [(text[p.start : p.end], round(p.similarity, 3)) for p in SoundText(syllables(text)).places(wording, least, span)]


def test_the_same_sound_is_fully_alike() -> None:
    """Homophones at 1.0, with exactly their place."""
    assert places("感谢您的来店再见", "来电") == [("来店", 1.0)]


def test_what_is_often_confused_is_nearly_alike() -> None:
    """请快 for 尽快."""
    ((found, similarity),) = places("好的我会请快为您查询", "我会尽快")
    assert found == "我会请快" and 0.85 < similarity < 1.0


def test_a_missing_syllable_costs_a_skip() -> None:
    """让 was swallowed."""
    assert places("好您久等了", "让您久等了")[0] == ("您久等了", pytest.approx(1 - SKIP_COST / 5))


def test_an_extra_syllable_costs_a_skip_and_lies_in_the_place() -> None:
    """啊 in the middle."""
    assert places("好让您啊久等了", "让您久等了")[0] == ("让您啊久等了", pytest.approx(1 - SKIP_COST / 5))


def test_gaps_and_substitutions_add_up() -> None:
    """The cheapest way to use up the wording, found by trying all of them."""
    text, wording = "请恩稍当一下把", "请您稍等一下"
    a, b = syllables(wording), syllables(text)

    def cost(i: int, j: int) -> float:
        """Of the first i syllables of the wording ending before j."""
        if i == 0:
            return 0.0
        found = cost(i - 1, j) + SKIP_COST
        if j > 0:
            found = min(found, cost(i - 1, j - 1) + distance(a[i - 1], b[j - 1]), cost(i, j - 1) + SKIP_COST)
        return found

    best = 1 - min(cost(len(a), j) for j in range(len(b) + 1)) / len(a)
    assert places(text, wording, 0.3)[0][1] == pytest.approx(best, abs=5e-4)


def test_every_place_once_and_the_best_first() -> None:
    """Without overlap."""
    found = places("再看好吧谢谢您再见", "再见")
    assert [p for p, _ in found] == ["再见", "再看"] and found[0][1] > found[1][1]
    starts = [p.start for p in SoundText(syllables("再见再见再见")).places("再见", 0.9)]
    assert sorted(starts) == [0, 2, 4]


def test_only_within_the_span() -> None:
    """Places are counted from the beginning of the text and do not reach over the edge of the span."""
    text = SoundText(syllables("再见您好再见"))
    assert [(p.start, p.end) for p in text.places("再见", 0.9, (2, 6))] == [(4, 6)]
    assert text.places("再见", 0.9, (1, 5)) == () and text.places("再见", 0.9, (4, 4)) == ()


def test_nothing_alike_nothing_found() -> None:
    """Nor in an empty text, nor for an empty wording."""
    assert places("您的包裹明天到", "欢迎光临") == [] and places("", "您好") == [] and places("您好", "，") == []
    assert len(SoundText(())) == 0


def test_numerals_sound_as_they_are_read() -> None:
    """24小时 has five syllables."""
    assert len(wording_numbers("24小时")) == 5 and places("二十是小时之内", "24小时")[0][0] == "二十是小时"


def test_wordings_sought_together_are_found_as_one_by_one() -> None:
    """Longer and shorter ones, one that is nowhere, the same twice, one without a sound; in a part of the text and in all of it."""
    text = syllables("好让您啊久等了再看请快为您查询")
    wanted = ["让您久等了", "再见", "尽快", "欢迎光临本店", "再见", "，"]
    together = SoundText(text)
    for span in ((1, 14), (0, 15)):
        found = dict(together.seek(Wordings(wanted), 0.5, 0.6, span))
        alone = [SoundText(text).places(wording, 0.6 if len(wording) <= 2 else 0.5, span) for wording in wanted]
        assert [found.get(n, ()) for n in range(len(wanted))] == alone
        assert list(found) == [0, 1, 2, 4]
    assert dict(together.seek(Wordings(wanted), 0.5, 2.0, (1, 14))).keys() == {0}  # no short ones
    assert SoundText(()).seek(Wordings(wanted), 0.0, 0.0, (0, 0)) == () == together.seek(Wordings(()), 0.0, 0.0, (1, 14))


def test_wordings_that_cannot_sound_the_same_are_told_before() -> None:
    """Of each wording that has a syllable like one in the span the number is given, with those that are short of syllables."""
    text, wordings = SoundText(syllables("您好再看")), Wordings(["欢迎光临", "再见", "你在", "，"])
    assert set(text.touched(wordings, (2, 3), 0.16)) == {1, 2}
    assert set(text.touched(wordings, (3, 4), 0.0)) == set() and text.touched(Wordings(["，"]), (0, 4), 1.0) == []
    for number, wording in enumerate(["欢迎光临", "再见", "你在"]):
        assert not text.same(wording, (0, 4), 0.16) or number in text.touched(wordings, (0, 4), 0.16)


def test_a_text_knows_syllables_that_came_up_after_it() -> None:
    """Wordings are numbered as they are met, before and after a text is prepared."""
    text = SoundText(syllables("请略等"))
    assert text.likeness("请略等", (0, 3)) == 1.0 and text.likeness("ßæ", (0, 3)) == 0.0


def test_the_likeness_at_a_place_is_that_of_its_first_stretch() -> None:
    """Syllable by syllable, none left out; a wording that is longer, or without a sound, is like nothing."""
    text = SoundText(syllables("好请快为您查询"))
    for wording, place in (("尽快", (1, 3)), ("请快为", (1, 4)), ("尽快", (1, 6)), ("查询", (5, 7))):
        assert text.likeness_at(wording, place) == text.straight(wording, place)[0] > 0.7
    assert text.likeness_at("尽快", (1, 2)) == text.likeness_at("，", (1, 3)) == 0.0
