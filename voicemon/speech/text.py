"""Text as it is compared: simplified, folded, without punctuation; and numbers as they are read aloud."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
BIG_UNITS = ("", "万", "亿")
SPELT_DIGIT_BY_DIGIT_FROM = 5  # a figure of five digits or more without a unit is a telephone, waybill or card number
LONGEST_QUANTITY = 12
TOLD_IN_GROUPS_FROM = 7  # digits of the shortest telephone number
QUANTITY_UNITS = frozenset("元块克斤米个件人次万亿字升天吨度位名台套双箱平分毫公美港")  # 8632元 is a quantity, 8632 alone a code
_DICTATED = re.compile(r"(?<![\d,.])(?:\d{2,4}[-, ])+\d{4,}(?![\d,.%])")  # 139,8810,2235 and 0571-6320: a number told in groups
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,4}(?:,\d{4})+(?!\d)|\d+)(?:\.\d+)?")  # a comma only before full groups
# OpenCC leaves 著 alone, which is 着 in nearly all speech; the exceptions are words of writing and fame
_WRITTEN_ZHE = re.compile(r"(?<![显名土原论专编卓巨译昭遗拙合])著(?![名作称者述录])")


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Simplified Chinese, everything else as it is; 著 is 着 (等著 -> 等着) except where it means to write or to be known."""
    return _WRITTEN_ZHE.sub("着", str(_converter().convert(text)))


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Simplified, full width folded (NFKC), lower case, letters and digits only: no punctuation, no space."""
    folded = unicodedata.normalize("NFKC", simplify(text)).lower()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def numbers_as_read(text: str) -> str:
    """``text`` with its Arabic numerals written as they are read: 15号 -> 十五号, 3.5 -> 三点五, 95188 -> 九五一八八.

    A leading zero, five digits or more, or a year of four digits is read digit by digit (幺 is written 一).
    """
    folded = unicodedata.normalize("NFKC", text)
    percent = re.sub(r"(\d[\d,]*(?:\.\d+)?)%", lambda m: "百分之" + m.group(1), folded)
    clock = re.sub(r"(\d{1,2}):(\d{2})(?!\d)", _read_clock, percent)
    spelt = _DICTATED.sub(_read_dictated, clock)
    return _NUMBER.sub(lambda m: _read_number(m.group(), spelt[m.end() : m.end() + 1]), spelt)


def _read_dictated(match: re.Match[str]) -> str:
    groups = match.group()
    if sum(c.isdigit() for c in groups) < TOLD_IN_GROUPS_FROM:
        return groups
    return re.sub(r"\d", lambda d: DIGITS[int(d.group())], groups)


def _read_clock(match: re.Match[str]) -> str:
    hour, minute = match.groups()
    tail = "" if minute == "00" else ("零" if minute[0] == "0" else "") + read_integer(int(minute))
    return read_integer(int(hour)) + "点" + tail


def _read_number(figure: str, after: str) -> str:
    whole, _, fraction = figure.replace(",", "").partition(".")
    if fraction and len(whole) <= LONGEST_QUANTITY:
        return read_integer(int(whole)) + "点" + read_digits(fraction)
    grouped = "," in figure
    code = len(whole) == 4 and after not in QUANTITY_UNITS
    too_long = len(whole) > LONGEST_QUANTITY or (len(whole) >= SPELT_DIGIT_BY_DIGIT_FROM and not grouped)
    if code or too_long or (whole[0] == "0" and len(whole) > 1):
        return read_digits(whole)
    return read_integer(int(whole))


def read_digits(digits: str) -> str:
    """Digit by digit: 400 -> 四零零."""
    return "".join(DIGITS[int(d)] for d in digits)


def read_integer(value: int) -> str:
    """As a quantity: 15 -> 十五, 105 -> 一百零五, 20300 -> 两万零三百 is written 二万零三百. Raises ``ValueError`` from 10**12."""
    if value >= 10**12 or value < 0:
        raise ValueError(f"{value}: no number that is said in a call")
    if value == 0:
        return DIGITS[0]
    groups, rest = [], value
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    out = ""
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if group:
            gap = "零" if out and group < 1000 and not out.endswith("零") else ""
            out += gap + _read_group(group) + BIG_UNITS[power]
    return out[1:] if out.startswith("一十") else out


def _read_group(group: int) -> str:
    out, zero = "", False
    for power in range(3, -1, -1):
        digit = group // 10**power % 10
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + UNITS[power]
            zero = False
        else:
            zero = True
    return out
