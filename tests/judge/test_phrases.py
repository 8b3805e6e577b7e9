"""Phrases of a pack: elements, alternatives, word lists, wildcards, and what is refused."""

from __future__ import annotations

import pickle

import pytest
from judge.builders import phrase

from voicemon.judge.elements import Element, Gap
from voicemon.judge.phrases import MOST_GAP, PhraseError, UnreadPhrase, compile_phrase
from voicemon.judge.pieces import Pieces


def wordings(written: str, **words: str) -> list[list[str]]:
    return [[a.written for a in element] for element in phrase(written, **words).elements]


def looked_for(element: Element) -> list[object]:
    """All that is asked of an element before any of its alternatives is read."""
    numbers = element.beginnings, element.sounded_beginnings, element.pairs, element.wordings.syllables
    return [len(element), element.literals, element.tellable, element.least_characters, *(n.tolist() for n in numbers)]


def matches(written: str, text: str) -> str | None:
    """What the only alternative of the phrase finds in a normalised text."""
    ((alternative,),) = phrase(written).elements
    found = alternative.regex().search(text)
    return found.group() if found else None


@pytest.mark.parametrize("written", [
    "您好|你好 … 再{any:0-2}见", "您好 + {greeting}", " 24小时 | App么{digits:1-2} | ，|{any} | {any:0-1}請 稍等 ",
])
def test_a_phrase_read_when_it_is_needed_is_the_same(written: str) -> None:
    """All that can be asked of it, also after it went to another process."""
    words = {"greeting": "早|早上好"}
    read = compile_phrase(written, words)
    for unread in (UnreadPhrase(written, words), pickle.loads(pickle.dumps(UnreadPhrase(written, words)))):
        assert (unread.written, unread.ordered, repr(unread)) == (read.written, read.ordered, repr(read))
        assert list(map(looked_for, unread.elements)) == list(map(looked_for, read.elements))
        assert (unread.elements, unread.first_wording()) == (read.elements, read.first_wording())


def test_a_phrase_is_not_read_before_it_is_needed() -> None:
    """Not even its faults are seen: that is for packs which are known to have none."""
    unread = UnreadPhrase("{nowhere}", {})
    assert unread.written == "{nowhere}"
    with pytest.raises(PhraseError):
        _ = unread.elements


@pytest.mark.parametrize("dots", ["…", "...", " … "])
def test_elements_and_alternatives(dots: str) -> None:
    """Dots of either kind part elements, bars part alternatives."""
    assert wordings(f"您好|你好{dots}帮您|帮到您") == [["您好", "你好"], ["帮您", "帮到您"]]
    assert phrase(f"您好{dots}再见").ordered


def test_plus_lets_elements_come_in_any_order() -> None:
    """A plus parts elements like dots, without an order."""
    any_order = phrase("您好+再见")
    assert [e[0].literal for e in any_order.elements] == ["您好", "再见"] and not any_order.ordered


def test_wordings_are_compared_as_they_are_read() -> None:
    """Punctuation, spaces and traditional characters do not count; numerals are read aloud."""
    assert phrase("請 稍等，24小时").elements[0][0].literal == "请稍等二十四小时"


def test_word_list_as_an_element_and_inside_a_text() -> None:
    """A list stands for its entries; inside a longer text it multiplies out."""
    lists = {"hello": "您好|你好", "who": "先生|女士"}
    assert wordings("{hello} … 再见", **lists) == [["您好", "你好"], ["再见"]]
    assert wordings("{hello}王{who}", **lists) == [["您好王先生", "您好王女士", "你好王先生", "你好王女士"]]


def test_word_list_within_a_word_list() -> None:
    """Lists may use lists."""
    assert wordings("{outer}", outer="{inner}们|我", inner="您|你") == [["您们", "你们", "我"]]


def test_first_wording_is_what_a_reader_is_told_to_say() -> None:
    """The first alternative of each element."""
    assert phrase("您好|你好 … 帮您|帮到您").first_wording() == "您好…帮您"


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("姓{any:1-2}先生", "我姓王先生", "姓王先生"),
        ("姓{any:1-2}先生", "姓欧阳先生", "姓欧阳先生"),
        ("姓{any:1-2}先生", "姓先生", None),
        ("姓{any:1-2}先生", "姓某某某先生", None),
        ("电话{digits:4-6}", "电话是一二三四", None),
        ("电话{digits:4-6}", "电话一二三四五六七", "电话一二三四五六"),
        ("电话{digits:4-6}", "电话一二三啊", None),
        ("{any}好", "您好", "您好"),
        ("{any:2}好", "您好", None),
    ],
)
def test_wildcards(written: str, text: str, found: str | None) -> None:
    """So many characters, whatever they are, or so many spoken digits."""
    assert matches(written, text) == found


def test_wildcard_without_numbers_is_one_character() -> None:
    """``{any}`` is one, ``{any:2}`` two."""
    assert phrase("{any}").elements[0][0].atoms == (Gap(1, 1),)
    assert phrase("{digits:2}").elements[0][0].atoms == (Gap(2, 2, digits=True),)


@pytest.mark.parametrize(
    ("written", "words", "complaint"),
    [
        ("您好 … … 再见", {}, "empty element"),
        ("，。", {}, "empty element"),
        ("您好 … 再见 + 谢谢", {}, "mixes"),
        ("{nobody}您好", {}, "unknown word list {nobody}"),
        ("{a}", {"a": "{b}", "b": "{a}"}, "contains itself"),
        ("{any:3-1}您好", {}, "smaller number first"),
        ("{any:0-999}您好", {}, f"0 to {MOST_GAP} characters"),
        ("{digits:9999999999999999999999}", {}, f"0 to {MOST_GAP} characters"),
        ("{any:0-3}", {}, "at least one character"),
        ("{any:two}您好", {}, "must be a word list"),
        ("您好}", {}, "must be a word list"),
    ],
)
def test_what_cannot_be_understood_is_refused(written: str, words: dict[str, str], complaint: str) -> None:
    """The message names the phrase and what is wrong."""
    with pytest.raises(PhraseError) as refused:
        compile_phrase(written, words)
    assert complaint in str(refused.value) and written[:10] in str(refused.value) or written == "{a}"


@pytest.mark.parametrize(
    "written",
    [
        "{any:0-40}" * 6 + "完",
        "好" + "{any:0-40}好" * 3,
        "{any:1-2}好" * 7,
        "您" * 60_000,
        "{six}" * 5,
        "{six}" * 400,
        "{double9}",
        "您好" * 1000 + "|".join(["{six}{six}{six}{six}"] * 30),
    ],
)
def test_phrases_that_would_keep_the_matcher_busy_are_refused_at_once(written: str) -> None:
    """Wildcards and multiplied lists have limits, and the message stays short."""
    words = {"six": "一|二|三|四|五|六", "double0": "您好您好"}
    words |= {f"double{k}": f"{{double{k - 1}}}" * 8 for k in range(1, 10)}
    with pytest.raises(PhraseError) as refused:
        compile_phrase(written, words)
    assert len(str(refused.value)) < 400


def test_empty_lists_nested_deeply_are_refused() -> None:
    """Lists that double at every level are multiplied out once each, even where nothing comes of them."""
    words = {"e0": ""} | {f"e{k}": f"{{e{k - 1}}}" * 10 for k in range(1, 40)}
    with pytest.raises(PhraseError, match="deeper than"):
        compile_phrase("{e39}", words)


def test_the_worst_wildcards_that_are_allowed_end() -> None:
    """The widest allowed alternative fails on a text made to confuse it, without trying for minutes."""
    alternative = phrase("好" + "{any:0-16}好" * 3 + "完").elements[0][0]
    assert alternative.regex().search("好" * 1000) is None


@pytest.mark.parametrize("written", ["您好", "{any:1-2}先生", "工号{digits:3-4}", "您好{any:0-3}再见", "没有的"])
@pytest.mark.parametrize("span", [(0, 30), (3, 30), (3, 9), (9, 4)])
def test_the_first_place_is_that_of_the_pattern(written: str, span: tuple[int, int]) -> None:
    """Whatever is looked at before the pattern is asked."""
    alternative, text = compile_phrase(written, {}).elements[0][0], "您好李先生工号八零一零您好啊再见您好"
    found = alternative.regex().search(text, *span)
    assert alternative.first_in(text, *span) == (found.span() if found else None)


@pytest.mark.parametrize("written", ["谢谢", "您好{any:0-2}先生", "{any}", "再见", "{digits:2}号"])
def test_every_place_is_that_of_the_pattern(written: str) -> None:
    """Places that do not overlap, from the first on, also of a word that overlaps itself."""
    alternative, text = compile_phrase(written, {}).elements[0][0], "谢谢谢您好李先生工号八零一零号您好啊谢谢"
    assert list(alternative.places_in(text)) == [match.span() for match in alternative.regex().finditer(text)]


@pytest.mark.parametrize("written", ["谢谢|再见", "您好{any:0-2}先生|先生", "{any}|再见{any:0-1}", "再见见|您好呀"])
def test_an_element_finds_what_its_alternatives_find(written: str) -> None:
    """Also before they are read."""
    text, (read,), (unread,) = "谢谢谢您好李先生再见", compile_phrase(written, {}).elements, UnreadPhrase(written, {}).elements
    for span in ((0, len(text)), (4, 8), (8, len(text))):
        assert [unread.first_in(n, text, *span) for n in range(len(read))] == [a.first_in(text, *span) for a in read]
    (unread,) = UnreadPhrase(written, {}).elements
    assert list(unread.places_in(text)) == [place for a in read for place in a.places_in(text)]


def test_an_element_is_sent_without_what_was_prepared_here() -> None:
    """Numbers of pieces and syllables are those of one process."""
    (element,) = phrase("您好|再见{any:0-2}先生").elements
    assert element.beginnings.size == 2 and not element.pairs.size and len(element.wordings.order) == 1
    (sent,) = pickle.loads(pickle.dumps(phrase("您好|再见{any:0-2}先生"))).elements
    assert sent == element and "beginnings" in vars(element)
    assert not {"beginnings", "pairs", "wordings"} & vars(pickle.loads(pickle.dumps(element))).keys()


def test_pieces_of_a_text_are_told_whenever_they_were_first_asked_for() -> None:
    """Two characters together, one, nothing (which a wildcard alone begins with); wordings may come up after the text."""
    text = Pieces("您好再见")
    for written, held in (("您好吗", [0]), ("好您|再现|好再|嗡嗡", [2]), ("{any}|见|嗡", [0, 1])):
        (element,) = phrase(written).elements
        assert text.among(element.beginnings).tolist() == held
    (element,) = phrase("很好再见").elements
    shared = element.pairs[:, text.among(element.pairs[0])].tolist()
    assert [(text.starts(piece), at) for piece, _, at in zip(*shared, strict=True)] == [([1], 1), ([2], 2)]
