"""E-mail addresses and account names, written or spoken (zhang 艾特 幺六三 点 com)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..records import Utterance
from .marks import EMAIL, Piece

_AT = r"(?:@|\uff20|艾特|爱特|埃特|圈[aA\uff41]|小老鼠|\bat\b|(?<=[^A-Za-z])at(?=[^A-Za-z]))"
_DOT = r"(?:[.\uff0e。]|点儿?|dot)"
_TOP = r"(?:com|cn|net|org|edu|gov|vip|info|康姆|抗姆|靠姆|c\s*o\s*m|c\s*n|n\s*e\s*t)"
_PART = r"[A-Za-z0-9\uff10-\uff19_\-一二三四五六七八九零幺两]"
_HOST = rf"(?:{_PART}|\s|{_DOT}){{1,40}}?"
_KNOWN_HOST = (r"(?:qq|163|126|139|189|sina|sohu|gmail|hotmail|outlook|foxmail|yahoo|aliyun"
               r"|新浪|搜狐|网易|幺六三|一六三|幺二六|一二六|幺三九|一三九)")
_LOCAL = r"[A-Za-z0-9\uff10-\uff19_\-\s.·\u4e00-\u9fff]{0,30}?"
_START = r"(?:(?<=[是为叫::,,。、])|(?<=邮箱)|(?<=地址)|^|(?<=[^A-Za-z0-9_\-.\s]))"
_WITH_AT = re.compile(rf"{_START}\s*(?P<e>{_LOCAL}\s*{_AT}\s*{_HOST}\s*{_DOT}\s*{_TOP}(?:\s*{_DOT}\s*{_TOP})?)", re.IGNORECASE)
_AT_ONLY = re.compile(rf"(?P<e>[A-Za-z0-9_.\-]+\s*(?:@|\uff20)\s*[A-Za-z0-9.\-]+|{_PART}+\s*{_AT}\s*{_KNOWN_HOST})", re.IGNORECASE)
_HOST_ONLY = re.compile(rf"(?P<e>(?:{_PART}|[\s.]){{0,30}}{_KNOWN_HOST}\s*{_DOT}\s*{_TOP})", re.IGNORECASE)
_LEAD = re.compile(r"^.*(?:邮箱|地址|发给|[是为叫到::,,。、])\s*(?=\S)")  # words before the name of the account
_ACCOUNT = re.compile(r"(?:邮箱|邮件|微信|qq|扣扣|email|e-mail)(?:号码?|地址|账号|名)?\s*(?:就?是|为|叫|[:\uff1a,\uff0c])*\s*"
                      rf"(?P<e>(?:{_PART}[\s.]?){{5,40}})", re.IGNORECASE)


def emails(transcript: Sequence[Utterance]) -> tuple[Piece, ...]:
    """Every e-mail address or account name that is said in one utterance."""
    found = []
    for index, said in enumerate(transcript):
        for pattern in (_WITH_AT, _AT_ONLY, _HOST_ONLY, _ACCOUNT):
            found += [Piece(EMAIL, index, *_trimmed(said.text, m.span("e"))) for m in pattern.finditer(said.text)]
    return tuple(p for p in found if p.end > p.start)


def _trimmed(text: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    sign = re.search(_AT, text[start:end], re.IGNORECASE)
    lead = _LEAD.match(text[start : start + sign.start()]) if sign else None
    start += lead.end() if lead else 0
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
