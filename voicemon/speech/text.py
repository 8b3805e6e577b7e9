"""Text as it is compared: simplified, folded, without punctuation; and numbers as they are read aloud."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any

DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
BIG_UNITS = ("", "万", "亿")
SPELT_DIGIT_BY_DIGIT_FROM = 5  # a figure of five digits or more without a unit is a telephone, waybill or card number
LONGEST_QUANTITY = 12
TOLD_IN_GROUPS_FROM = 7  # digits of the shortest telephone number
QUANTITY_UNITS = frozenset("元块克斤米个件人次万亿字升天吨度位名台套双箱平分毫公美港")  # 8632元 is a quantity, 8632 alone a code
# 139,8810,2235 and 0571-632: a number told in groups; after a comma a last group of three digits could be thousands
_DICTATED = re.compile(r"(?<![\d,.])(?:(?:\d{2,4}[-, ])+\d{4,}(?:-\d{2,})*|(?:\d{2,4}-)+\d{3,})(?!\d|%|[,.]\d)")
# 客服代表502, 手机是139: what follows is a name in digits, 801号客服: so is what stands before
_CODE_BEFORE = re.compile(
    r"(?:(?:代表|客服|工号|[坐座]席|单元|尾号|后[三四]位|拨打|号码|热线|[货编单卡]号|型号|邮编|分机)(?:就?是|为|号|[:,、 ])*"
    r"|(?:电话|手机)(?:就?是|为|号|[:,、 ])+)$")
_LINE_BEFORE, _LINE = re.compile(r"(?:电话|手机)$"), re.compile(r"1[1-9]\d|[48]00|0")  # 手机139, but 手机899 is a price
_EXTENSION_BEFORE, _EXTENSION = re.compile(r"转$"), re.compile(r"\d(?!00$)\d+")  # 转802, but 转300 is an amount
_CODE_AFTER = re.compile(r"号?(?:[客克]服|[坐座]席|话务|接线)|号.{0,3}(?:很高兴|为您|竭诚)|室|房")
_DISCOUNT = re.compile(r"[1-9]{2}折")  # 88折 is 八八折
CODE_LENGTHS = (3, 4)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,4}(?:,\d{4})+(?!\d)|\d+)(?:\.\d+)?")  # a comma only before full groups
_TABLES = ("TSPhrases.txt", "TSCharacters.txt")  # what OpenCC's t2s goes by
# OpenCC leaves 著 alone, which is 着 in nearly all speech; the exceptions are words of writing and fame
_DIGIT = re.compile(r"\d")
_WRITTEN_ZHE = re.compile(r"(?<![显名土原论专编卓巨译昭遗拙合])著(?![名作称者述录])")


MASKED_LENGTHS = {"姓": 1, "姓名": 2, "地址": 4, "邮箱": 4, "号码": 4, "电话": 4, "证件号": 4, "银行卡": 4}  # what redaction writes in 【】
_MASKED = re.compile(f"【({'|'.join(sorted(MASKED_LENGTHS, key=len, reverse=True))})】")


def _unnamed(match: re.Match[str]) -> str:
    return "x" * MASKED_LENGTHS[match.group(1)]


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """Characters of which whatever OpenCC changes holds one at least; none where its tables do not lie in its package."""
    found: set[str] = set()
    try:
        for table in _TABLES:
            for line in files("opencc").joinpath("dictionary").joinpath(table).read_text(encoding="utf-8").splitlines():
                written, _, ways = line.strip().partition("\t")
                simplified = ways.split(" ")[0]
                if written != simplified:
                    found.update(set(written) - set(simplified) or written)
    except OSError:
        return frozenset()
    return frozenset(found)


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    """Chinese characters that are compared as they are: of such alone are nearly all wordings and most of what is said."""
    return frozenset(map(chr, range(0x4E00, 0x9FA6))) - _traditional() - {"著"} if _traditional() else frozenset()


def simplify(text: str) -> str:
    """Simplified Chinese, everything else as it is; 著 is 着 (等著 -> 等着) except where it means to write or to be known."""
    whole = text.encode("utf-8", "replace").decode("utf-8")  # half characters, as JSON may hold, are none to any library
    traditional = _traditional()
    if not traditional or not traditional.isdisjoint(whole):  # OpenCC takes as long for a text that is simplified already
        whole = str(_converter().convert(whole))
    return _WRITTEN_ZHE.sub("着", whole)


def is_plain(text: str) -> bool:
    """Whether a text is compared as it is: neither :func:`normalise` nor :func:`numbers_as_read` would change it. Not all such are told."""
    return _plain().issuperset(text)


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Simplified, full width folded (NFKC), lower case, letters and digits only: no punctuation, no space.

    A placeholder of redaction is as many ``x`` as it stands for at least: something was said there, and no word of a standard.
    """
    if is_plain(text):
        return text
    folded = unicodedata.normalize("NFKC", simplify(_MASKED.sub(_unnamed, text))).lower()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def numbers_as_read(text: str, before: str = "", after: str = "") -> str:
    """``text`` with its Arabic numerals written as they are read: 15号 -> 十五号, 3.5 -> 三点五, 95188 -> 九五一八八.

    A leading zero, five digits or more, four digits that count nothing, and what the words around name as somebody's or something's
    number (工号, 尾号, a room, a telephone number told in groups) is read digit by digit (幺 is written 一). ``before`` and
    ``after``: the words around a text that is only part of what was said.
    """
    folded = unicodedata.normalize("NFKC", text)
    if not _DIGIT.search(folded):
        return folded
    percent = re.sub(r"(\d[\d,]*(?:\.\d+)?)%", lambda m: "百分之" + m.group(1), folded)
    clock = re.sub(r"(\d{1,2}):(\d{2})(?!\d)", _read_clock, percent)
    spelt = _DICTATED.sub(_read_dictated, clock)
    return _NUMBER.sub(lambda m: _read_number(m.group(), before + spelt[: m.start()], spelt[m.end() :] + after), spelt)


def _read_dictated(match: re.Match[str]) -> str:
    groups = match.group()
    code = re.search(r"(^0|-0)\d", groups) or sum(c.isdigit() for c in groups) >= TOLD_IN_GROUPS_FROM
    a_range = groups.count("-") == 1 and match.string[match.end() : match.end() + 1] in QUANTITY_UNITS
    if not code or a_range:
        return groups
    return re.sub(r"\d", lambda d: DIGITS[int(d.group())], groups)


def _read_clock(match: re.Match[str]) -> str:
    hour, minute = match.groups()
    tail = "" if minute == "00" else ("零" if minute[0] == "0" else "") + read_integer(int(minute))
    return read_integer(int(hour)) + "点" + tail


def _read_number(figure: str, before: str, after: str) -> str:
    whole, _, fraction = figure.replace(",", "").partition(".")
    if fraction and len(whole) <= LONGEST_QUANTITY:
        return read_integer(int(whole)) + "点" + read_digits(fraction)
    grouped = "," in figure
    code = len(whole) in CODE_LENGTHS and after[:1] not in QUANTITY_UNITS and _names(whole, before, after)
    too_long = len(whole) > LONGEST_QUANTITY or (len(whole) >= SPELT_DIGIT_BY_DIGIT_FROM and not grouped)
    if code or too_long or (whole[0] == "0" and len(whole) > 1) or _DISCOUNT.match(whole + after[:1]):
        return read_digits(whole)
    return read_integer(int(whole))


def _names(whole: str, before: str, after: str) -> bool:
    """Whether three or four digits that count nothing are a number by which something goes: by the words around; four by themselves."""
    told = bool(_CODE_BEFORE.search(before) or _CODE_AFTER.match(after))
    told |= bool((_LINE_BEFORE.search(before) and _LINE.match(whole)) or (_EXTENSION_BEFORE.search(before) and _EXTENSION.match(whole)))
    return told or (len(whole) == 4 and (after[:1] == "年" or not whole.endswith("000")))


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
