"""Telephone, ID-card, bank-card and other personal numbers: read in one breath, in groups, said back by the other party."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..records import AGENT, Utterance
from .digits import JOINERS, Run, find_runs
from .marks import BANK_CARD, ID_CARD, NUMBER, PHONE, Piece

LEAST_DIGITS = 7  # a telephone number without its area code
LEAST_ASKED_DIGITS = 4  # where a number was asked for: the recogniser may have lost some
LEAST_ECHO_DIGITS, LEAST_NEAR_ECHO_DIGITS = 4, 2
NEAR_S = 20.0
PAUSE_S = 8.0  # between two groups of one number, the other party's "嗯" included
NODS_CHARACTERS = 12  # what the other party may say between two groups
ASKED_WITHIN_S = 15.0
AROUND = 10  # characters before a number that say what it is
_ASKED = re.compile("电话|手机|号码|联系方式|身份证|证件|银行卡|信用卡|储蓄卡|卡号|尾号|后[三四六]位|末[三四]位|QQ|qq|微信|扣扣")
_OTHER_NUMBER = re.compile("单号|订单|运单|工号|编号|型号|货号|款号|件号|版本|门牌|房间号|验证码|邮编|股票|积分"
                           "|客服代表|服务员|坐席|座席|[客服专]员$")
_AGENT_NUMBER = re.compile("(?:工号|客服代表|坐席|座席|服务代表|话务员|客服)(?:是|为|号|:|\uff1a|\\s)*$")
_OWN_LINE = re.compile("热线|客服电话|服务电话|公司电话|总机|我们的?电话|本公司|投诉电话|前台电话|店里的?电话|请?拨打?$")
_PHONE = re.compile("电话|手机|打我|打给|联系方式|座机|传真")
MOBILE_STARTS = ("13", "14", "15", "16", "17", "18", "19")  # a mobile number of which the recogniser lost a digit or two is still one
LONGEST_PHONE = 14
_HOTLINE = re.compile(r"(?:86)?[48]00\d{7}")
_SHORT_LINE = re.compile(r"(?:9[56]|1[012])\d{3,4}")
_MOBILE = re.compile(r"(?:0?0?86)?0?1[3-9]\d{9}")
_ID_CARD = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]")


@dataclass(frozen=True)
class _Group:
    """A run of one utterance, with its times."""

    utterance: int
    run: Run
    start_s: float
    end_s: float


def personal_numbers(transcript: Sequence[Utterance]) -> tuple[Piece, ...]:
    """Every piece of a personal number, wherever it is said in the call; ``transcript`` is in order of time."""
    chains = [c for speaker in dict.fromkeys(u.speaker for u in transcript) for c in _chains(transcript, speaker)]
    told = [c for c in chains if _is_personal(transcript, c)]
    secrets = [("".join(g.run.digits for g in c), c[-1].end_s) for c in told]
    kinds = [_kind(digits, _before(transcript, c[0])) for c, (digits, _) in zip(told, secrets, strict=True)]
    pieces = [Piece(kind, g.utterance, g.run.start, g.run.end) for c, kind in zip(told, kinds, strict=True) for g in c]
    echoes = [g for c in chains if c not in told for g in c if _is_echo(transcript, g, secrets)]
    return (*pieces, *(Piece(NUMBER, g.utterance, g.run.start, g.run.end) for g in echoes))


def _chains(transcript: Sequence[Utterance], speaker: str) -> Iterator[tuple[_Group, ...]]:
    """Runs of one speaker; those that one number is read in are together."""
    chain: list[_Group] = []
    for index, said in enumerate(transcript):
        if said.speaker != speaker:
            continue
        for run in find_runs(said.text):
            group = _timed(said, index, run)
            if chain and not _goes_on(transcript, chain[-1], group):
                yield tuple(chain)
                chain = []
            chain.append(group)
    if chain:
        yield tuple(chain)


def _timed(said: Utterance, index: int, run: Run) -> _Group:
    """Times by the share of characters: good enough to tell a pause inside a number from two numbers."""
    step_s = (said.end_s - said.start_s) / max(1, len(said.text))
    return _Group(index, run, said.start_s + run.start * step_s, said.start_s + run.end * step_s)


def _goes_on(transcript: Sequence[Utterance], last: _Group, new: _Group) -> bool:
    before, after = transcript[last.utterance].text, transcript[new.utterance].text
    if last.utterance == new.utterance:
        return bool(JOINERS.fullmatch(before[last.run.end : new.run.start]))
    between = transcript[last.utterance + 1 : new.utterance]
    nods = all(len(u.text) <= NODS_CHARACTERS for u in between)
    empty = JOINERS.fullmatch(before[last.run.end :]) and JOINERS.fullmatch(after[: new.run.start])
    return bool(empty) and nods and new.start_s - last.end_s <= PAUSE_S


def _is_personal(transcript: Sequence[Utterance], chain: tuple[_Group, ...]) -> bool:
    digits = "".join(g.run.digits for g in chain)
    said = transcript[chain[0].utterance]
    before = _before(transcript, chain[0])
    if _HOTLINE.fullmatch(digits) or _AGENT_NUMBER.search(before):
        return False
    own_line = said.speaker == AGENT and _OWN_LINE.search(before) and not _MOBILE.fullmatch(digits)
    if len(digits) >= LEAST_DIGITS:
        return not own_line
    if len(digits) < LEAST_ASKED_DIGITS or own_line or _SHORT_LINE.fullmatch(digits) or _OTHER_NUMBER.search(before):
        return False
    if _ASKED.search(before):
        return True
    return said.speaker != AGENT and _was_asked(transcript, chain[0])


def _before(transcript: Sequence[Utterance], group: _Group) -> str:
    return transcript[group.utterance].text[max(0, group.run.start - AROUND) : group.run.start]


def _was_asked(transcript: Sequence[Utterance], group: _Group) -> bool:
    """Whether the other party has just asked for a number of this kind."""
    earlier = [u for u in transcript[: group.utterance] if u.speaker == AGENT and group.start_s - u.end_s <= ASKED_WITHIN_S]
    asked = earlier[-1].text if earlier else ""
    return bool(_ASKED.search(asked)) and not _OTHER_NUMBER.search(asked)


def _is_echo(transcript: Sequence[Utterance], group: _Group, secrets: Sequence[tuple[str, float]]) -> bool:
    """Whether a short run is a part of a personal number: said back, corrected, asked about again."""
    digits = group.run.digits
    said = transcript[group.utterance]
    mostly = len(digits) * 2 >= sum(c.isalnum() for c in said.text)
    for secret, end_s in secrets:
        near = mostly and abs(group.start_s - end_s) <= NEAR_S
        if len(digits) >= (LEAST_NEAR_ECHO_DIGITS if near else LEAST_ECHO_DIGITS) and _part_of(digits, secret):
            return True
    return False


def _part_of(digits: str, secret: str) -> bool:
    """Whether ``digits`` stand in ``secret``; of five or more one may be misheard."""
    allowed = 1 if len(digits) >= 5 else 0
    windows = (secret[i : i + len(digits)] for i in range(len(secret) - len(digits) + 1))
    return any(sum(a != b for a, b in zip(digits, w, strict=True)) <= allowed for w in windows)


def _kind(digits: str, before: str) -> str:
    if _ID_CARD.fullmatch(digits) or digits.endswith("X"):
        return ID_CARD
    own_kind = _MOBILE.fullmatch(digits) or (digits.startswith("0") and 10 <= len(digits) <= 12) or digits[:2] in MOBILE_STARTS
    if len(digits) <= LONGEST_PHONE and (own_kind or _PHONE.search(before)):
        return PHONE
    return BANK_CARD if 15 <= len(digits) <= 19 and _luhn(digits) else NUMBER


def _luhn(digits: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


