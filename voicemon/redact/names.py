"""Names of customers: what is answered to 贵姓 or 怎么称呼, what is volunteered (我姓王), and every later 王先生."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..records import AGENT, Utterance
from ..speech.pinyin import syllables
from .marks import NAME, SURNAME, Piece

REPLY_WITHIN_S = 12.0
REPLIES = 2  # utterances of the customer after the question
LONGEST_BARE_NAME = 4  # characters of a reply that is nothing but a name
_HAN = r"[\u4e00-\u9fff]"
# The 100 most common surnames and some more, without characters that are mostly other words (和, 有, 时, 都, 能, 对, 从).
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤祝郁庞樊殷颜倪阎葛岳翟聂齐骆柯凌霍裴柳鲁欧舒屈耿关牛焦华俞芦焉梅蓝褚卫柏窦章鲍岑滕罗毕邬傅皮卞康伍卜穆尤温"
    "盛洪宁柴瞿阮闵席季麻强路娄危童郭盘蒲"
)
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "司徒", "夏侯", "南宫", "端木", "长孙")
_TITLE = r"(?:先生|先声|女士|女是|女氏|女式|小姐|太太|师傅)"
_TITLED = re.compile(rf"(?P<n>{_HAN}{{1,3}}?)(?={_TITLE})")
_NOT_BEFORE_TITLE = frozenset("的位个是您你请问吗呢了那这哪各些啊呀哦嗯一有和跟给叫让帮把对在就也还都她他说谢老小见起歉系生士们")
_GREETING = ("您好", "你好", "上好", "午好", "的好")
# 女士 as the recogniser writes it when it does not understand: 女/你/理 … and 是/式/世 … after one character, where a name may stand.
_GARBLED = re.compile(rf"(?:^|(?<=[,\uff0c。!\uff01、])|(?<=谢谢您)|(?<=好的)|(?<=抱歉)|(?<=对不起)|(?<=没关系)|(?<=哦))"
                      rf"(?P<n>{_HAN})(?=[女你尼泥理里力米蜜律旅吕一日][是式世士市事氏性师])")
_ASKED_FOR = re.compile(rf"请问您?是(?P<n>{_HAN}{{2,4}}?)(?:本人)?吗")
_NO_ONE = re.compile("什么|不是|要|想|否|需|有|说|问|在|说|从|哪|找|买|为|想|这|那")
# 我姓X as a clause of its own, 姓 written as what sounds like it.
_CLAUSE = re.compile(rf"(?:^|(?<=[,\uff0c。!\uff01、\s]))[我为]?[姓性信幸行兴醒心芯新](?P<n>{_HAN})(?=[,\uff0c。!\uff01、\s]|$)")
_NO_CLAUSE = frozenset("你您他她了的啊吗呢里意好不人任会")
LONGEST_REPLY = 5  # characters of a reply to 贵姓 that is masked whole when nothing in it was understood as a name
_OTHER_REPLIES = re.compile("好|对|嗯|不|没|是的|可以|知道|什么|谢|再见|喂|等|行吧|问|要|想|你|您|明白|清楚|哦|啊")
_ASKS = re.compile("贵[姓性信行兴幸]|怎么称呼|如何称呼|怎样称呼|称呼您|您的?姓名|您的?名字|叫什么|姓什么|尊姓|全名|您是哪位|哪一位|您姓")
_MARKED = re.compile(
    rf"(?:免贵|(?<!贵)我|本人|名字|^|[,\uff0c。、\s])(?:(?:就|你|您|可以)*[叫喊]我|就?是?叫|姓名(?:是|叫)|名字(?:是|叫)|姓|性|行|信|幸|醒)(?P<n>{_HAN}{{1,6}})")
_SURE_MARK = re.compile(
    rf"(?:免贵姓?|我(?:本人)?姓|(?<!您)(?<!你)(?<!贵)(?<!么)(?<!什)姓|我的?名字(?:是|叫)|姓名是|我叫)(?P<n>{_HAN}{{1,6}})")
_END_OF_NAME = re.compile("我|你|您|想|要|有|的|是|请|问|吧|啊|呀|哦|嗯|呢|了|吗|在|就|这|那|好|先生|女士|小姐|女是|先声|太太")
_SPELT = re.compile(rf"{_HAN}{{1,4}}的(?P<x>{_HAN})|弓长张|耳东陈|木子李|双木林|口天吴|言午许|古月胡|草头黄|立早章|文武的武|三点水{_HAN}?")
_FILLER = re.compile(r"^(?:我|免贵|本人|就|姓|性|行|信|幸|醒|叫|是|名字|啊|呃|额|嗯|哦|喂|您好|你好|好的|好|对|这个|那个"
                     r"|[\s,\uff0c。、!?\uff01\uff1f…])*")
_SURNAME_WORDS = frozenset("姓性行信幸醒叫")  # 姓 as the recogniser may write it
_NO_NAME = frozenset("您好的不用谁什么没有可以知道怎么办等喂对嗯啊哦是要想请问为干")


def names(transcript: Sequence[Utterance], known: Iterable[str] = ()) -> tuple[Piece, ...]:
    """Every name of a customer in the call; ``known``: names that are on record (surnames or whole)."""
    given = list(_given(transcript))
    said = {transcript[p.utterance].text[p.start : p.end] for p in given} | {k for k in known if k}
    titled = [p for i, u in enumerate(transcript) for p in _titled(i, u.text, said)]
    titled += [p for i, u in enumerate(transcript) if u.speaker == AGENT for p in _garbled(i, u.text, bool(said))]
    again = [p for i, u in enumerate(transcript) for p in _again(i, u.text, said)]
    return (*given, *titled, *again)


def _given(transcript: Sequence[Utterance]) -> Iterator[Piece]:
    """Names as their bearers say them."""
    replies = _replies(transcript)
    for index, said in enumerate(transcript):
        if said.speaker == AGENT:
            continue
        found = [m.span("n") for m in _SURE_MARK.finditer(said.text)]
        found = found or [m.span("n") for m in _CLAUSE.finditer(said.text) if m["n"] not in _NO_CLAUSE]
        if index in replies:
            found = found or [m.span("n") for m in _MARKED.finditer(said.text)] or _bare(said.text)
            if not found and _not_understood(said.text):
                yield Piece(NAME, index, 0, len(said.text))
        for start, end in found:
            end = _end_of_name(said.text, start, end)
            if end > start:
                yield Piece(SURNAME if end - start <= 1 or said.text[start:end] in COMPOUND else NAME, index, start, end)
                yield from _spelt(index, said.text, start, end)


def _replies(transcript: Sequence[Utterance]) -> set[int]:
    """Utterances that follow a question for the name."""
    indices: set[int] = set()
    for index, said in enumerate(transcript):
        if said.speaker == AGENT and _ASKS.search(said.text):
            later = [i for i in range(index + 1, len(transcript)) if transcript[i].speaker != AGENT
                     and transcript[i].start_s - said.end_s <= REPLY_WITHIN_S]
            indices |= set(later[:REPLIES])
    return indices


def _not_understood(text: str) -> bool:
    """Whether a short reply to the question for a name is none of the usual words: it may well be the name."""
    letters = "".join(c for c in text if c.isalnum())
    return 1 < len(letters) <= LONGEST_REPLY and not _OTHER_REPLIES.search(letters)


def _end_of_name(text: str, start: int, end: int) -> int:
    """Where the name stops: at a word that is no name, after four characters; a surname with its title, or before 唐朝的唐, after one."""
    said = text[start:end]
    stop = _END_OF_NAME.search(said)
    if said[:2] in COMPOUND:
        return start + min(len(said), 4 if stop is None else max(2, stop.start()))
    if stop is None:
        return start + min(len(said), 3 if len(said) <= 3 else 1)
    if stop.group() == "的" and stop.start() > 1:
        return start + 1
    return start + min(stop.start(), 4)


def _spelt(index: int, text: str, start: int, end: int) -> Iterator[Piece]:
    """What explains how the name is written (弓长张, 唐朝的唐), right after it."""
    for match in _SPELT.finditer(text, end, end + 14):
        if match["x"] is None or match["x"] in text[start:end] or _alike(match["x"], text[start]):
            yield Piece(SURNAME, index, match.start(), match.end())


def _bare(text: str) -> list[tuple[int, int]]:
    """A reply that is nothing but a name: 王建国, 呃周女士."""
    lead = _FILLER.match(text)
    start = lead.end() if lead else 0
    rest = re.match(rf"{_HAN}+", text[start:])
    if rest is None:
        return []
    name = re.split(_TITLE, rest.group())[0]
    whole = not any(c.isalnum() for c in text[start + len(rest.group()) :])
    if not 0 < len(name) <= LONGEST_BARE_NAME or name[0] in _NO_NAME:
        return []
    titled = name != rest.group()
    announced = lead is not None and bool(set(lead.group()) & _SURNAME_WORDS)
    return [(start, start + len(name))] if titled or whole and (announced or name[0] in SURNAMES) else []


def _garbled(index: int, text: str, known: bool) -> Iterator[Piece]:
    """What stands where a name is said although it was not understood: 请问您是…吗, and once a name was given, before what may be 女士."""
    for match in _ASKED_FOR.finditer(text):
        if not _NO_ONE.search(match["n"]):
            yield Piece(NAME, index, *match.span("n"))
    for match in _GARBLED.finditer(text) if known else ():
        if match["n"] not in _NOT_BEFORE_TITLE:
            yield Piece(SURNAME, index, *match.span("n"))


def _titled(index: int, text: str, said: set[str]) -> Iterator[Piece]:
    """What stands before a title: any character but those of other words, or a whole name."""
    for match in _TITLED.finditer(text):
        for length in (1, 2, 3):
            start = match.end() - length
            if start < match.start() and length > 1 or start < 0:
                break
            name = text[start : match.end()]
            anybody = length == 1 and name not in _NOT_BEFORE_TITLE and text[max(0, start - 1) : start + 1] not in _GREETING
            if anybody or _is_name(name, said):
                yield Piece(SURNAME if length == 1 or name in COMPOUND else NAME, index, start, match.end())


def _is_name(name: str, said: set[str]) -> bool:
    if name in said or name in COMPOUND or any(_alike(name, other) for other in said):
        return True
    return len(name) == 3 and name[0] in SURNAMES and not set(name) & _NOT_BEFORE_TITLE


def _again(index: int, text: str, said: set[str]) -> Iterator[Piece]:
    """A whole name said once more, by its characters or its sound; a surname alone only after 姓."""
    for name in said:
        if len(name) >= 2:
            for start in range(len(text) - len(name) + 1):
                if text[start : start + len(name)] == name or _alike(text[start : start + len(name)], name):
                    yield Piece(NAME, index, start, start + len(name))
        for match in re.finditer(rf"(?<=姓){_HAN}", text):
            if match.group() == name[0] or _alike(match.group(), name[0]):
                yield Piece(SURNAME, index, match.start(), match.end())


def _alike(left: str, right: str) -> bool:
    """Whether two names sound the same but for their tones."""
    if len(left) != len(right) or not re.fullmatch(rf"{_HAN}+", left + right):
        return False
    a, b = syllables(left), syllables(right)
    return len(a) == len(b) and all((x.initial, x.final) == (y.initial, y.final) for x, y in zip(a, b, strict=True))
