"""The examples beside a rule, as small calls: ``A: 您好 / C: 谢谢 / A: 不客气``, judged like real ones.

Parts are separated by `` / ``. ``A:`` and ``C:`` (``A: [-40]…`` at -40 dBov, ``A: [fast]…`` too fast) are spoken
(0.4 s a character, 0.6 s between turns), ``W: 65`` is a wait of
65 s, ``CUT: …`` the agent speaking into the customer's last second, ``at: 2026-01-01T09:00:00+08:00`` the start,
``out`` an outbound call, ``S: field = value`` a sidecar field (JSON), ``M: level.agent.active_level_dbov = -45`` a measure.
"""

from __future__ import annotations

import json
from dataclasses import is_dataclass, replace
from typing import Any

from ..errors import PackError
from ..records import (
    AGENT,
    CUSTOMER,
    CallInfo,
    Facts,
    Interruption,
    Level,
    Measures,
    Ring,
    Roles,
    Span,
    SpeakingRate,
    Tone,
    TurnLevel,
    Utterance,
    Wait,
)
from ..speech.text import normalise, numbers_as_read
from .judge import judge
from .standard import Rule, Standard

CHARACTER_S, TURN_GAP_S, WAIT_LEAST_S = 0.4, 0.6, 2.0
ANNOUNCES = ("等", "稍候", "稍后", "查", "转")
DRAWN_S = 0.5  # of each ～
FAST_CHARACTER_S = 0.17  # 350 characters a minute: nobody can write that down


def example_facts(line: str) -> Facts:
    """Build the facts of the little call that ``line`` describes. Raises :class:`PackError` on a part it does not know."""
    maker = _Maker()
    for part in line.split(" / "):
        maker.add(part.strip())
    return maker.facts()


class _Maker:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.utterances: list[Utterance] = []
        self.waits: list[tuple[float, float]] = []
        self.cuts: list[Interruption] = []
        self.sidecar: dict[str, Any] = {}
        self.measures: list[tuple[str, Any]] = []
        self.levels: dict[str, list[TurnLevel]] = {AGENT: [], CUSTOMER: []}
        self.direction, self.started_at = "inbound", "2026-03-18T10:00:00+08:00"

    def add(self, part: str) -> None:
        head, _, rest = part.partition(":")
        rest = rest.strip()
        if head in ("A", "C"):
            self._say(AGENT if head == "A" else CUSTOMER, rest)
        elif head == "CUT":
            self._cut(rest)
        elif head == "W":
            self.waits.append((self.now_s, self.now_s + float(rest)))
            self.now_s += float(rest)
        elif head == "at":
            self.started_at = rest
        elif part == "out":
            self.direction = "outbound"
        elif head in ("S", "M"):
            self._set(head, rest)
        else:
            raise PackError(f"example: cannot read {part!r}; use A:, C:, CUT:, W:, S:, M:, at: or out")

    def _set(self, head: str, rest: str) -> None:
        name, _, value = rest.partition("=")
        try:
            parsed = json.loads(value)
        except ValueError as error:
            raise PackError(f"example: {rest!r}: the value must be JSON") from error
        if head == "S":
            self.sidecar[name.strip()] = parsed
        else:
            self.measures.append((name.strip(), parsed))

    def _say(self, speaker: str, text: str) -> None:
        level_dbov, character_s = -26.0, CHARACTER_S
        if text.startswith("["):
            manner, _, text = text[1:].partition("]")
            if manner == "fast":
                character_s = FAST_CHARACTER_S
            else:
                level_dbov = float(manner)
        start_s = self.now_s + (TURN_GAP_S if self.utterances else 0.0)
        end_s = start_s + character_s * len(normalise(numbers_as_read(text))) + DRAWN_S * text.count("～")
        self.utterances.append(Utterance(speaker, start_s, end_s, text, 0.9))
        self.levels[speaker].append(TurnLevel(start_s, end_s, level_dbov))
        self.now_s = end_s

    def _cut(self, text: str) -> None:
        start_s = max(0.0, self.now_s - 1.0)
        end_s = start_s + CHARACTER_S * len(normalise(text))
        self.utterances.append(Utterance(AGENT, start_s, end_s, text, 0.9))
        self.cuts.append(Interruption(AGENT, start_s, start_s + 1.0, False))
        self.now_s = max(self.now_s, end_s)

    def facts(self) -> Facts:
        speech = {
            party: tuple(Span(u.start_s, u.end_s) for u in self.utterances if u.speaker == party) for party in (AGENT, CUSTOMER)
        }
        return Facts(
            CallInfo("example", "", "", self.now_s, 8000, 2, None, self.direction, self.started_at),
            Roles("left", "right", "option", 1.0),
            speech,
            tuple(self.utterances),
            (),
            self._measured(),
            self.sidecar,
        )

    def _measured(self) -> Measures:
        rate = SpeakingRate(100, 40.0, 40.0, 150.0, 150.0, 100.0, 100)
        level = Level(-26.0, -24.0, -65.0, 39.0, 0.0)
        measures: Any = Measures(
            {AGENT: rate, CUSTOMER: rate},
            {p: replace(level, turns=tuple(self.levels[p])) for p in (AGENT, CUSTOMER)},
            Ring(2, 0.0, 7.0, 7.0, "recording", "cn"),
            tuple(self._wait(a, b) for a, b in self.waits if b - a >= WAIT_LEAST_S),
            tuple(self.cuts),
            {AGENT: 0.5, CUSTOMER: 0.4},
            {AGENT: Tone(220.0, 8.0, 6.0, 0, 0), CUSTOMER: Tone(200.0, 8.0, 6.0, 0, 0)},
        )
        for path, value in self.measures:
            measures = _with(measures, path.split("."), value)
        return measures

    def _wait(self, start_s: float, end_s: float) -> Wait:
        before = [u for u in self.utterances if u.end_s <= start_s + 0.01]
        after = [u for u in self.utterances if u.start_s >= end_s - 0.01]
        silent = not any(u.speaker == CUSTOMER for u in self.utterances)
        if not after:
            kind = "closing"
        elif silent:
            kind = "silent_line"
        elif before and before[-1].speaker == CUSTOMER and after[0].speaker == AGENT:
            kind = "response"
        else:
            announced = any(word in u.text for u in before[-1:] for word in ANNOUNCES)
            asked = before and after[0].speaker == CUSTOMER and not announced
            kind = "hold" if before and before[-1].speaker == AGENT and not asked else "dead_air"
        return Wait(kind, start_s, end_s, False)


def _with(record: Any, path: list[str], value: Any) -> Any:
    """``record`` with the value at a dotted path replaced."""
    head, rest = path[0], path[1:]
    if is_dataclass(record) and not isinstance(record, type):
        inner = getattr(record, head)
        return replace(record, **{head: _with(inner, rest, value) if rest else value})
    return {**record, head: _with(record[head], rest, value) if rest else value}


def run_examples(standard: Standard, rules: tuple[Rule, ...] | None = None) -> tuple[str, ...]:
    """Judge every example of every rule; returns a line for each that answers wrongly or cannot be read (none: all are right)."""
    wrong: list[str] = []
    for rule in rules if rules is not None else standard.rules:
        alone = replace(standard, rules=(rule,))
        for kind, allowed in (("fires", ("fail", "hint")), ("quiet", ("pass", "not_applicable"))):
            for line in rule.examples.get(kind, ()):
                try:
                    verdict = judge(example_facts(line), alone, lang="en")[0]
                except (PackError, ValueError, AttributeError, KeyError, TypeError) as error:  # W: x, M: no.such.measure = 1
                    wrong.append(f"{rule.id} (line {rule.line}): {kind}: {line!r} cannot be judged ({error})")
                    continue
                if verdict.outcome not in allowed:
                    wrong.append(f"{rule.id} (line {rule.line}): {kind}: {line!r} gave {verdict.outcome}: {verdict.reason}")
    return tuple(wrong)
