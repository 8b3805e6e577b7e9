"""The recogniser: sound and speech spans of a party in, utterances with word times and audit marks out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..audio.sound import Samples
from ..records import AuditMark, Span, Utterance
from .audit import WORDLESS_S, find_loop, has_too_few_words, has_too_many_words, is_ghost, is_sparse, is_stutter, pace
from .models import ModelFiles
from .packing import RATE_HZ, PackingSettings, Piece, Stretch, Window, find_stretches, pack, part_of
from .text import normalise
from .utterances import assign_words, is_punctuation, make_utterance, places_of
from .whisper import FULL_WINDOW_S, AlignedWord, Whisper, token_cap

SHORTEST_CHECKED_S = 0.2  # a shorter blip of speech need not hold a word
MOST_WORDS = 0.6
"""Share of the characters of another hearing that a hearing of the same stretch has at least, if it dropped none."""


@dataclass(frozen=True)
class RecogniserSettings:
    """How sound is decoded. Defaults are the measured best of ``benchmarks/recognition.py``.

    Words of a mean log-probability under ``doubtful_log_prob`` are asked for again alone; if they stay under ``marked_log_prob`` they
    are marked, under ``noise_log_prob`` they are dropped (hiss gives -2.5 to -3.3, 0.5 % of real utterances lie under -2.3).
    A call over ``long_s`` is decoded in halves of a batch: each window of 28 s takes 40 MB of cross-attention beside the recording.
    What is heard without the line's noise is taken where its mean log-probability is ``clearer_log_prob`` better: taken always, it
    misses other words than the sound as it is and is surer of them, and words that were said counted as missing.
    """

    beam: int = 5
    batch: int = 8
    long_s: float = 3600.0
    batch_stretch: float = 1.3
    tail_s: float = 1.5
    shortest_window_s: float = 6.0
    doubtful_log_prob: float = -1.2
    marked_log_prob: float = -1.6
    noise_log_prob: float = -2.3
    clearer_log_prob: float = 0.07
    retry_no_repeat_tokens: int = 6
    packing: PackingSettings = field(default_factory=PackingSettings)


@dataclass(frozen=True)
class Transcription:
    """What one party said, and which stretches of it must not be trusted."""

    utterances: tuple[Utterance, ...]
    audit: tuple[AuditMark, ...]


@dataclass(frozen=True)
class Job:
    """One party to be recognised: ``x`` float32 mono at 16 kHz (read by slices), its speech spans, its name.

    ``denoised``: the same sound with less of the line's noise, heard twice more; ``None`` where there is no noise.
    """

    x: Samples
    speech: Sequence[Span]
    speaker: str
    denoised: Samples | None = None


@dataclass(frozen=True)
class _Heard:
    """What was heard in a stretch; ``problem`` is the kind of an audit mark."""

    stretch: Stretch
    words: tuple[AlignedWord, ...] = ()
    problem: str | None = None

    @property
    def text(self) -> str:
        return normalise("".join(w.text for w in self.words))

    @property
    def spoken(self) -> tuple[AlignedWord, ...]:
        """The words without punctuation, which has a time too."""
        return tuple(w for w in self.words if not is_punctuation(w.text))

    @property
    def wordless(self) -> tuple[Stretch, ...]:
        """Long speech before the first word or after the last: the model ends a sentence early, most often before 谢谢,再见."""
        spoken, span = self.spoken, self.stretch.span
        if not spoken:
            return ()
        edges = (Span(span.start_s, spoken[0].start_s), Span(spoken[-1].end_s, span.end_s))
        parts = (part_of(self.stretch, edge) for edge in edges if edge.duration_s >= WORDLESS_S)
        return tuple(part for part in parts if part.speech_s >= WORDLESS_S)

    @property
    def mean_log_prob(self) -> float:
        return sum(w.log_prob for w in self.words) / max(1, sum(w.tokens for w in self.words))


def _likelier(one: _Heard, other: _Heard) -> _Heard:
    """The likelier of two hearings of a stretch; one that has hardly half the words of the other dropped some, and is sure of the rest."""
    fullest = max(len(one.text), len(other.text))
    return max(one, other, key=lambda h: (h.problem is None and bool(h.text), len(h.text) >= MOST_WORDS * fullest, h.mean_log_prob))


class Recogniser:
    """A loaded model; make one per process. ``threads`` 0 uses what CTranslate2 finds. Raises :class:`ModelError`."""

    def __init__(self, model: ModelFiles, threads: int = 0, compute_type: str = "int8",
                 settings: RecogniserSettings | None = None, device: str = "cpu") -> None:
        self.model = model
        self.compute_type = compute_type
        self.settings = settings or RecogniserSettings()
        self.whisper = Whisper(model, threads, compute_type, device=device)

    def describe(self) -> Mapping[str, Any]:
        """What made the transcript, for the report: model, hash, settings."""
        return {"model": self.model.name, "model_sha256": self.model.sha256, "compute_type": self.compute_type, "beam": self.settings.beam,
                "tokens": self.whisper.tokens}

    def transcribe(self, x_16k: Samples, speech: Sequence[Span], speaker: str) -> Transcription:
        """Recognise one party. ``x_16k`` float32 mono in [-1, 1) at 16 kHz; ``speech`` in seconds of it."""
        return self.transcribe_many([Job(x_16k, speech, speaker)])[0]

    def transcribe_many(self, jobs: Sequence[Job]) -> tuple[Transcription, ...]:
        """Recognise several parties at once, which fills the batches better. One result per job, in order."""
        stretches = [find_stretches(job.speech, job.x, self.settings.packing, line) for line, job in enumerate(jobs)]
        lines = [job.x for job in jobs]
        heard = [self._settled(lines, own) for own in self._hear_all(lines, stretches)]
        again = self._without_noise(jobs, stretches)
        best = [[self._clearer(*both) for both in zip(own, other, strict=True)] if other else own
                for own, other in zip(heard, again, strict=True)]
        return tuple(self._finish(job, own) for job, own in zip(jobs, best, strict=True))

    def _without_noise(self, jobs: Sequence[Job], stretches: Sequence[Sequence[Stretch]]) -> list[list[_Heard]]:
        """What was heard of each noisy job in the sound without noise: by itself, and all jobs together as one conversation.

        With other words around it a stretch is misheard in other ways; the likelier answer is kept. Apart from the hearing of the sound
        as it is: which windows share a batch there must not depend on whether some line is noisy.
        """
        noisy = [job.denoised is not None for job in jobs]
        if not any(noisy):
            return [[] for _ in jobs]
        lines = [job.x if job.denoised is None else job.denoised for job in jobs]
        alone = self._hear_all(lines, [own for own, again in zip(stretches, noisy, strict=True) if again])
        talk = sorted((s for own in stretches for s in own), key=lambda s: s.span.start_s)
        together = self._hear_all(lines, [talk]) if len({s.line for s in talk}) > 1 else alone
        return [self._settled(lines, [_likelier(*pair) for pair in zip(own, other, strict=True)]) if again else []
                for own, other, again in zip(alone, together, noisy, strict=True)]

    def _hear_all(self, lines: Sequence[Samples], groups: Sequence[Sequence[Stretch]]) -> list[list[_Heard]]:
        """What was heard in each stretch of each line, in order of time; stretches of a group share windows."""
        work = [w for group in groups for w in pack(group, self.settings.packing)]
        heard: list[list[_Heard]] = [[] for _ in lines]
        long = max(map(len, lines), default=0) > self.settings.long_s * RATE_HZ
        most = self.settings.batch // 2 if long else self.settings.batch
        for batch in self._batches(sorted(work, key=lambda w: w.duration_s), most):
            for found in self._hear(batch, lines):
                for one in found:
                    heard[one.stretch.line].append(one)
        return [sorted(own, key=lambda h: h.stretch.span.start_s) for own in heard]

    def _clearer(self, first: _Heard, second: _Heard) -> _Heard:
        """What was heard in the sound as it is, or without noise where that is clearly likelier."""
        if second.problem or not second.text:
            return first
        better = second.mean_log_prob >= first.mean_log_prob + self.settings.clearer_log_prob
        fuller = len(second.text) >= MOST_WORDS * len(first.text)
        return second if (better and fuller) or first.problem or not first.text else first

    def _batches(self, work: Sequence[Window], most: int) -> list[list[Window]]:
        """Windows of about the same length together: a batch is as long as its longest, and the encoder pays for padding."""
        batches: list[list[Window]] = []
        for window in work:
            last = batches[-1] if batches else []
            if last and len(last) < most and window.duration_s <= self.settings.batch_stretch * last[0].duration_s:
                last.append(window)
            else:
                batches.append([window])
        return batches

    def _hear(self, windows: Sequence[Window], lines: Sequence[Samples], shortest_s: float | None = None,
              no_repeat: int = 0) -> list[list[_Heard]]:
        """Decode a batch of windows and give every stretch its words."""
        s = self.settings
        length_s = max(shortest_s or s.shortest_window_s, max(w.duration_s for w in windows) + s.tail_s)
        encoded = self.whisper.encode([w.sound(lines, s.packing.gap_s) for w in windows], length_s)
        caps = [token_cap(sum(p.stretch.speech_s for p in w.pieces)) for w in windows]
        decoded = self.whisper.decode(encoded, caps, s.beam, no_repeat)
        aligned = self.whisper.align(encoded, [d.tokens for d in decoded], [w.duration_s + s.packing.gap_s for w in windows])
        return [self._sort(w, words, d.capped) for w, words, d in zip(windows, aligned, decoded, strict=True)]

    def _sort(self, window: Window, words: Sequence[AlignedWord], capped: bool) -> list[_Heard]:
        """Words of a window to its stretches, each judged for itself; a cut-off text spoils its last stretches."""
        found = []
        for piece, own in zip(window.pieces, assign_words(window.pieces, words), strict=True):
            found.append(self._judge(piece, own))
        if capped:
            last = max((i for i, h in enumerate(found) if h.words), default=0)
            found[last] = _Heard(found[last].stretch, found[last].words, "loop")
        return found

    def _judge(self, piece: Piece, words: Sequence[AlignedWord]) -> _Heard:
        stretch = piece.stretch
        heard = _Heard(stretch, places_of(piece, words))
        text = heard.text
        if is_ghost(text):
            return _Heard(stretch, heard.words, "ghost")
        if has_too_many_words(len(text), stretch.speech_s):
            return _Heard(stretch, heard.words, "loop" if find_loop(text) else "words_over_silence")
        if find_loop(text):
            return _Heard(stretch, heard.words, "loop")
        if has_too_few_words(len(text), stretch.speech_s) or heard.mean_log_prob < self.settings.marked_log_prob:
            return _Heard(stretch, heard.words, "speech_without_words")
        return heard

    def _settled(self, lines: Sequence[Samples], heard: Sequence[_Heard]) -> list[_Heard]:
        """Ask again, alone, for what went wrong or is doubtful."""
        pace_per_s = pace([(len(h.text), h.stretch.speech_s) for h in heard])
        settled = [first if self._is_good(first, pace_per_s) else self._again(lines, first, pace_per_s) for first in heard]
        return [self._completed(lines, one) for one in settled]

    def _finish(self, job: Job, heard: Sequence[_Heard]) -> Transcription:
        """Utterances and marks."""
        utterances, marks = [], []
        for best in heard:
            span = best.stretch.span
            if best.problem and span.duration_s >= SHORTEST_CHECKED_S:
                marks.append(AuditMark(best.problem, span.start_s, span.end_s, job.speaker))
            elif not best.problem:
                marks += [AuditMark("speech_without_words", s.span.start_s, s.span.end_s, job.speaker) for s in best.wordless]
            if best.text and best.problem != "ghost" and best.mean_log_prob >= self.settings.noise_log_prob:
                utterances.append(make_utterance(best.stretch, best.words, job.speaker))
        return Transcription(tuple(utterances), tuple(marks))

    def _is_good(self, heard: _Heard, pace_per_s: float = 0.0) -> bool:
        """Neither wrong nor doubted, and about as many words as this speaker says in such a time."""
        likely = heard.problem is None and heard.mean_log_prob >= self.settings.doubtful_log_prob and not is_stutter(heard.text)
        return likely and not is_sparse(len(heard.text), heard.stretch.speech_s, pace_per_s)

    def _completed(self, lines: Sequence[Samples], first: _Heard) -> _Heard:
        """With the words of long speech before the first word or after the last, which are asked for alone."""
        words = first.words
        for part in () if first.problem else first.wordless:
            found = self._hear([Window((Piece(part, 0.0),))], lines)[0][0]
            if found.text and not found.problem:
                words = words + found.words if part.span.start_s >= first.spoken[-1].end_s else found.words + words
        return _Heard(first.stretch, words, first.problem)

    def _again(self, lines: Sequence[Samples], first: _Heard, pace_per_s: float) -> _Heard:
        """The stretch alone: in a short window, in a full one, then with repeating forbidden, until an answer is good; else the likeliest.

        Where there were only few words the short window is all: slow words are few too. Nothing is sampled: the same sound must
        give the same transcript.
        """
        if first.stretch.span.duration_s < SHORTEST_CHECKED_S and not first.text:
            return first
        window = Window((Piece(first.stretch, 0.0),))
        short_s = self.settings.shortest_window_s
        answers = [first]
        tries = ((short_s, 0), (FULL_WINDOW_S, 0), (FULL_WINDOW_S, self.settings.retry_no_repeat_tokens))
        for shortest_s, no_repeat in tries[:1] if self._is_good(first) else tries:
            heard = self._hear([window], lines, shortest_s, no_repeat)[0][0]
            answers.append(heard)
            if self._is_good(heard, pace_per_s):
                break
        return max(answers, key=lambda a: (a.problem is None, self._is_good(a, pace_per_s), bool(a.text), a.problem != "loop",
                                           not is_stutter(a.text), a.mean_log_prob))
