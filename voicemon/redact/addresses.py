"""Where somebody lives: a street with a number, a district with a street, or what was asked for as an address.

Parts of an address are found one by one and put together where they follow each other, so that no text can keep the search busy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..records import AGENT, Utterance
from .marks import ADDRESS, Piece

ASKED_WITHIN_S = 30.0
REPLIES = 3  # utterances of the other party after the question
MOST_BETWEEN = 2  # characters (separators) between two parts
LEAST_CHARACTERS = 3
_N = r"[0-9\uff10-\uff19零〇一二三四五六七八九十百千幺两甲乙丙丁A-Za-z\-—杠之]"
_WORD = r"[\u4e00-\u9fff]"
ADMIN, TOWN, STREET, HOUSE = "admin", "town", "street", "house"
_PART = re.compile(
    rf"(?P<house>{_N}{{1,10}}\s?(?:号楼|号院|号|栋|幢|座|单元|弄|室|楼|层|门|组|队)(?:的)?)"
    rf"|(?P<admin>{_WORD}{{2,7}}?(?:省|自治区|特别行政区|市|自治州|地区|新区|区|县|旗))"
    rf"|(?P<town>{_WORD}{{1,6}}?(?:街道|镇|乡))"
    rf"|(?P<street>{_WORD}{{1,8}}?(?:大街|大道|公路|[东西南北中]路|路|街|道|巷|弄|胡同|里|村|屯|庄|社区|小区|花园"
    r"|家园|公寓|大厦|广场|苑|园区|科技园|工业园|宿舍))")
_SEPARATORS = re.compile(r"[\s,\uff0c、]*")
_TAIL = re.compile(rf"{_N}{{1,6}}")
_ASKS = re.compile("地址|住哪|住在哪|哪个(?:区|小区|城市|街道)|寄到哪|送到哪|寄往哪|收货|门牌|几栋|几号楼|具体位置|您的位置")
_NO_PLACE = re.compile("网址|邮箱|邮件|一路|马路|铁路|公路局|知道|道歉|难道|味道|频道|渠道|报道|家里|这里|那里|哪里"
                       "|里面|公里|市场|超市|门市|城市|区别|地区经理|路过|一道|街上|路上|心里|夜里|手里")
_LEAD = re.compile("(?:我们?|他|她|家|就|是|住|在|寄|送|到|往|地址|呃|嗯|那个|给|请|您好|你好|收货|退货|发|去|给您|把)")


def addresses(transcript: Sequence[Utterance]) -> tuple[Piece, ...]:
    """Every address that is said in one utterance; after a question for it, also a part of one."""
    asked = _replies(transcript)
    found = []
    for index, said in enumerate(transcript):
        partly = index in asked or bool(_ASKS.search(said.text))
        for start, end, parts in _groups(said.text):
            start = _without_lead(said.text, start, end)
            place = said.text[start:end]
            if len(place) >= LEAST_CHARACTERS and (partly or _is_whole(parts)) and not _NO_PLACE.search(place):
                found.append(Piece(ADDRESS, index, start, end))
    return tuple(found)


def _groups(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Stretches of parts that follow each other: start, end and the parts' kinds."""
    start, end, parts = 0, 0, list[str]()
    for match in _PART.finditer(text):
        near = bool(parts) and match.start() - end <= MOST_BETWEEN and bool(_SEPARATORS.fullmatch(text[end : match.start()]))
        if parts and not near:
            yield start, _with_tail(text, end), parts
            parts = []
        start = start if parts else match.start()
        end = match.end()
        parts.append(str(match.lastgroup))
    if parts:
        yield start, _with_tail(text, end), parts


def _with_tail(text: str, end: int) -> int:
    """A room number may come last, without a word for it."""
    tail = _TAIL.match(text, end)
    return tail.end() if tail else end


def _is_whole(parts: Sequence[str]) -> bool:
    """A street with a number, a district with a street or town, or two numbers of a house."""
    street, house = STREET in parts, parts.count(HOUSE)
    return (street and house > 0) or (ADMIN in parts and (street or TOWN in parts)) or house >= 2 and parts[0] == HOUSE


def _without_lead(text: str, start: int, end: int) -> int:
    """Where the place itself begins: after words such as 我住在."""
    while start < end:
        lead = _LEAD.match(text, start, end)
        later = text.rfind("地址是", start, end)
        if later >= 0:
            start = later + len("地址是")
        elif lead:
            start = lead.end()
        else:
            return start
    return end


def _replies(transcript: Sequence[Utterance]) -> set[int]:
    """Utterances that answer a question of the agent for an address."""
    indices: set[int] = set()
    for index, said in enumerate(transcript):
        if said.speaker != AGENT or not _ASKS.search(said.text):
            continue
        later = [i for i in range(index + 1, len(transcript)) if transcript[i].speaker != AGENT
                 and transcript[i].start_s - said.end_s <= ASKED_WITHIN_S]
        indices |= set(later[:REPLIES])
    return indices
