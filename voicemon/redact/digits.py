"""Numbers as people say them: digit by digit, in groups, with pauses and slips of the recogniser between.

A run is a stretch of text that is digits and little else. Quantities (三千二百六十分, 3,260元) are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SPOKEN = dict(zip("零〇○一二三四五六七八九幺两", "00012345678912", strict=True))
# What the recogniser writes for a digit between digits: of the same sound, or nearly. Only believed inside a run.
ALIKE = {char: digit for digit, chars in {
    "1": "衣医依妖要腰夭", "2": "而儿尔耳", "3": "山伞散", "4": "是似司思丝死", "5": "五午舞吴无屋", "6": "流刘留柳", "7": "期妻气奇其齐起",
    "8": "把吧巴爸", "9": "就酒久旧", "0": "林灵令领另Oo\uff2f"}.items() for char in chars}
TENS = frozenset("十拾百千万亿")
SEPARATORS = frozenset(" \t,\uff0c、.。\uff0e;\uff1b:\uff1a-–—_·/()\uff08\uff09~\uff5e?\uff1f!\uff01…杠横嗯呃额啊哦喔哎")
JOINERS = re.compile(r"(?:然后|后面|前面|中间|最后|接着|再|是|那个|这个|的|[三四五六]位|[" + re.escape("".join(SEPARATORS)) + r"])*")
MOST_SEPARATORS = 4  # in a row inside a run
CARD_LEAST = 14  # digits of an ID card before its X, should the recogniser lose a few
QUANTITY_SHARE = 0.4  # so many 十, 百, 千 among the digits make a quantity; a misheard telephone number holds one or two
UNITS = "元块毛角分件个台次人斤克米升吨套双箱年月日号点度岁万亿%％"
_GROUPED = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?")


@dataclass(frozen=True)
class Run:
    """Digits at ``[start, end)`` of a text, as Arabic figures (an ID card may end in ``X``)."""

    start: int
    end: int
    digits: str


def find_runs(text: str) -> tuple[Run, ...]:
    """Every run of at least two digits, in order."""
    found = []
    at = 0
    while at < len(text):
        run = _run_from(text, at) if _digit(text[at]) else None
        if run is None:
            at += 1
            continue
        at = run.end
        if len(run.digits) >= 2 and not _is_quantity(text, run):
            found.append(run)
    return tuple(found)


def _digit(char: str) -> str | None:
    if char.isdecimal():
        return str(int(char))
    return SPOKEN.get(char)


def _run_from(text: str, start: int) -> Run:
    digits, end, at, gap = "", start, start, 0
    while at < len(text):
        char = text[at]
        digit = _digit(char) or (ALIKE.get(char) if _between_digits(text, at, end) else None)
        if digit is not None:
            digits, end, gap = digits + digit, at + 1, 0
        elif char in TENS and gap == 0:
            end = at + 1 if _digit(text[at + 1 : at + 2] or " ") else end
        elif char in "xX叉" and len(digits) >= CARD_LEAST:
            digits, end = digits + "X", at + 1
            break
        elif char in SEPARATORS and gap < MOST_SEPARATORS:
            gap += 1
        else:
            break
        at += 1
    return Run(start, end, digits)


def _between_digits(text: str, at: int, end: int) -> bool:
    """Whether a character that only sounds like a digit stands directly between digits."""
    return end == at and bool(_digit(text[at + 1 : at + 2] or " "))


def _is_quantity(text: str, run: Run) -> bool:
    written = text[run.start : run.end]
    tens = sum(c in TENS for c in written)
    unit = text[run.end : run.end + 1]
    if tens and tens >= QUANTITY_SHARE * len(run.digits):
        return True
    plain = written.isdecimal() and len(run.digits) <= 9 or bool(_GROUPED.fullmatch(written))
    return plain and unit != "" and unit in UNITS and not (unit == "号" and len(run.digits) > 4)
