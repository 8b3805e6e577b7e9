"""The values that flow between the stages: hearing makes :class:`Facts`, judging makes :class:`Verdict`, telling reads both.

All are frozen. Times are seconds from the first sample of the file, spans are half-open ``[start_s, end_s)``, and "not known"
is ``None`` with a ``reason`` beside it. Field names are those of the call report (JSON), which a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AGENT, CUSTOMER = "agent", "customer"
PARTIES = (AGENT, CUSTOMER)
OUTCOMES = ("fail", "unsure", "hint", "pass", "not_applicable", "not_checked")
WAIT_KINDS = ("ring", "response", "dead_air", "hold", "silent_line", "closing", "unknown_wait")


@dataclass(frozen=True)
class Span:
    """A stretch of time, ``[start_s, end_s)``."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Word:
    """A recognised word (for Chinese often one to three characters) with its own time and confidence (0–1)."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True)
class Utterance:
    """What one party says without a pause of the recogniser. ``speaker`` is ``agent``, ``customer`` or ``unknown`` (mono)."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class AuditMark:
    """A stretch whose words must not be trusted: ``speech_without_words``, ``words_over_silence``, ``loop``, ``ghost``, or whose
    speaker is not clear: ``unclear_voice``."""

    kind: str
    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True)
class Roles:
    """Which channel (``left``, ``right``, ``mono``) is whose, how it was found, and how sure (0–1).

    ``method``: ``option``, ``sidecar``, ``evidence``, ``voices`` (both parties are on one channel, whose two voices were told apart),
    ``words`` (both are on one channel, their voices too alike: their words tell, see :class:`Reading`), or ``unknown`` with a
    ``reason``. A party that is not known is ``None``.
    """

    agent: str | None
    customer: str | None
    method: str
    margin: float
    reason: str | None = None


@dataclass(frozen=True)
class CallInfo:
    """What the call is: identity, file, format, and what the sidecar says about it."""

    id: str
    path: str
    sha256: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    standard: str | None = None
    direction: str | None = None
    started_at: str | None = None
    agent_id: str | None = None
    agent_name: str | None = None


@dataclass(frozen=True)
class SpeakingRate:
    """Rate of one party; ``reason`` says why a figure is ``None``. ``syllables`` is the independent count from the sound."""

    characters: int | None = None
    speech_s: float | None = None
    turns_s: float | None = None
    per_minute_of_speech: float | None = None
    per_minute_of_turns: float | None = None
    per_minute_of_call: float | None = None
    syllables: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class TurnLevel:
    """Active level of one turn."""

    start_s: float
    end_s: float
    level_dbov: float


@dataclass(frozen=True)
class Level:
    """Level of one party on its own speech (ITU-T P.56 method B, ITU-R BS.1770-4)."""

    active_level_dbov: float | None = None
    loudness_lufs: float | None = None
    noise_dbov: float | None = None
    snr_db: float | None = None
    clipped_share: float | None = None
    turns: tuple[TurnLevel, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class LineQuality:
    """How listeners would rate the line of one party, 1 (bad) to 5 (excellent), by DNSMOS P.835; an indication only."""

    signal_mos: float | None = None
    background_mos: float | None = None
    overall_mos: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Ring:
    """Ring-back before the answer. ``source``: ``recording``, ``sidecar`` or ``None``; ``count`` is in cadence groups."""

    count: int | None = None
    start_s: float | None = None
    answer_s: float | None = None
    ring_to_answer_s: float | None = None
    source: str | None = None
    country: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Wait:
    """A stretch of at least 2.0 s in which neither party speaks; ``kind`` is one of :data:`WAIT_KINDS`."""

    kind: str
    start_s: float
    end_s: float
    announced: bool = False


@dataclass(frozen=True)
class Interruption:
    """``by`` starts while the other party is speaking and has not finished; a short acknowledgement is a ``backchannel``."""

    by: str
    start_s: float
    end_s: float
    backchannel: bool


@dataclass(frozen=True)
class Tone:
    """Indications only: pitch, its range, how much the level moves, drawn-out tails, long hesitations."""

    median_pitch_hz: float | None = None
    pitch_range_semitones: float | None = None
    level_range_db: float | None = None
    long_tails: int | None = None
    hesitations: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Measures:
    """All measures of a call; mappings are keyed by party (``agent``, ``customer``)."""

    speaking_rate: Mapping[str, SpeakingRate]
    level: Mapping[str, Level]
    ring: Ring
    waits: tuple[Wait, ...]
    interruptions: tuple[Interruption, ...]
    talk_share: Mapping[str, float]
    tone: Mapping[str, Tone] = field(default_factory=dict)
    line_quality: Mapping[str, LineQuality] = field(default_factory=dict)
    receiver_bang_dbov: float | None = None


@dataclass(frozen=True)
class Redaction:
    """A stretch that redaction silenced and whose words it masked: no wait, whatever the audio copy sounds like.

    ``kind``: ``phone``, ``id_card``, ``bank_card``, ``number``, ``email``, ``address``, ``surname`` or ``name``.
    """

    kind: str
    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True)
class WholeJudgement:
    """What was judged by ``standard`` while all words were there: every rule's outcome, and the verdicts that need masked words."""

    standard: str
    outcomes: Mapping[str, str]
    kept: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One way in which the words of a call may be shared between its parties, where only the words tell who speaks.

    ``share`` is how likely it is among all readings of the call (0-1), ``speakers`` the party of each utterance of the transcript.
    """

    share: float
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Everything that hearing knows about a call, and all that judging needs. Kept, so that judging can be done again.

    ``speech`` holds the exact speech spans of each party; ``sidecar`` the checked sidecar as it came; ``notes`` what a reader
    should know (a sidecar that contradicts the sound, a channel that is silent); ``hearing`` the versions and settings.
    ``redactions``: what was masked, ``None`` where nothing was ever looked for; ``judged_whole``: judgements made before that.
    ``readings``: who may have said what, where only the words tell (``roles.method`` is ``words``); empty elsewhere.
    """

    call: CallInfo
    roles: Roles
    speech: Mapping[str, tuple[Span, ...]]
    transcript: tuple[Utterance, ...]
    audit: tuple[AuditMark, ...]
    measures: Measures
    sidecar: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    hearing: Mapping[str, Any] = field(default_factory=dict)
    redactions: tuple[Redaction, ...] | None = None
    judged_whole: tuple[WholeJudgement, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The one answer to one rule. ``outcome`` is one of :data:`OUTCOMES`; ``spans`` are where to listen."""

    rule: str
    outcome: str
    evidence: str
    reason: str
    spans: tuple[tuple[float, float], ...] = ()
    quote: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Score:
    """Weighted share of kept rules, 0–100; ``low`` and ``high`` bound it over the unsure ones; ``fatal`` rules that failed."""

    value: float | None
    low: float | None
    high: float | None
    fatal: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class ReviewEntry:
    """What a person said about a verdict, never changed afterwards. ``kind``: ``appeal`` (by the agent), ``uphold`` or ``overturn``.

    ``at`` is UTC (ISO 8601); ``machine_outcome`` the verdict it is about, ``human_outcome`` what it is by a decision.
    """

    call_id: str
    rule: str
    kind: str
    by: str
    at: str
    text: str
    machine_outcome: str
    human_outcome: str | None = None


@dataclass(frozen=True)
class CallReport:
    """Facts, verdicts and score of one call against one standard: what every report is written from.

    ``reviews``: what people said about its verdicts, by rule, in order of time.
    """

    facts: Facts
    standard: str
    standard_version: str
    verdicts: tuple[Verdict, ...]
    score: Score
    made_with: Mapping[str, Any]
    reviews: Mapping[str, tuple[ReviewEntry, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class FailedCall:
    """A call that could not be analysed: its file, the id it would have had, and the reason in words.

    ``passing``: it was not the call's own fault (a full disk, a missing model), so that the next run tries again.
    """

    id: str
    path: str
    reason: str
    passing: bool = False
