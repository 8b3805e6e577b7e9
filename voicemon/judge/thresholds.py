"""What counts as found: similarities and log-odds, calibrated per model."""

from __future__ import annotations

from dataclasses import dataclass

from ..speech.confusions import Confusions
from .foretelling import Foretelling

RATIOS, ALONES = (-40.0, 15.0), (-60.0, 40.0)
"""Beyond these a log-ratio says no more than at them: the calibration clips them there too."""
HARDLY_UNDERSTOOD = 0.65
"""Mean confidence of a party's words. Of 1,557 right convictions for words not said, on quiet, noisy and coded calls and with other
voices, 5 lie under it."""
ALONE_FOLLOWS = 0.5
"""Log-ratio without sound per unit of log-ratio with sound, over the questions of the calibration (a line through them)."""


@dataclass(frozen=True)
class Weights:
    """Log-odds that a phrase was said at a place: a logistic regression, calibrated per model (``benchmarks/phrase_check.py``).

    ``ratio``: per unit of log-ratio and syllable; ``similarity``: per unit of similarity; ``alone``: per unit and syllable of the
    log-ratio that the words have without any sound, so that a rare phrase is not held against itself nor a common one for itself;
    ``misheard``: per unit of :meth:`.Confusions.log_likelihood`, where the model's confusions are known (then for ``similarity``);
    ``length``: per syllable, since of a long phrase a part is easily alike.
    """

    ratio: float
    similarity: float
    alone: float
    bias: float
    misheard: float = 0.0
    length: float = 0.0

    def log_odds(self, syllables: int, similarity: float, ratio: float, alone: float | None, misheard: float = 0.0) -> float:
        """The log-odds; where ``alone`` was not asked (``None``), what it mostly is at such a ratio counts."""
        each = min(max(ratio, RATIOS[0]), RATIOS[1]) / syllables
        by_itself = ALONE_FOLLOWS * each if alone is None else min(max(alone, ALONES[0]), ALONES[1]) / syllables
        alike = self.similarity * similarity + self.misheard * misheard
        return self.bias + self.ratio * each + alike + self.alone * by_itself + self.length * syllables


@dataclass(frozen=True)
class Thresholds:
    """What counts as found. Similarities are 0–1; log-ratios and log-odds are natural logarithms, calibrated per model.

    ``propose`` (``propose_short`` for two syllables): least similarity worth asking the sound about, ``propose_sure`` where the
    recogniser was sure of its words (from ``sure`` on; for accusations ``fairly_sure`` and ``very_sure`` count too, and under
    ``half_alike`` ``likely_as_written``, the probability of all its words there); ``alike``: similarity from which a place that
    cannot be asked about is ``maybe``. ``accept``/``reject``: log-odds by ``weights`` and ``confusions`` (without them: the log-ratio)
    from which a phrase is said or not (``foretelling``: what they are expected to be, before the sound is asked); ``accept_strictly``:
    the same where the presence of the phrase is the accusation; ``nearly`` and
    ``accept_surely``: similarity and log-odds from which words on a badly heard line are a trigger that is looked for by its text,
    ``accept_most_surely`` where the recogniser was sure of other words (from ``nearly_sure`` on). ``last_*``: the
    last hearing, where the words themselves are doubtful: ``last_odds`` leave it open, ``last_odds_said`` accept it, ``slot_odds``
    leave it open between the phrase's neighbours, ``part_odds`` near other parts of it, or where a word of two syllables sounds
    alike, if the party's words have a mean confidence under ``part_sure``; ``opening_odds`` leave a courtesy open where it would open
    an utterance on a badly heard line; the others serve a model without ``weights``.
    """

    propose: float = 0.6
    propose_short: float = 0.7
    propose_sure: float = 0.7
    sure: float = 0.8
    fairly_sure: float = 0.6
    very_sure: float = 0.85
    half_alike: float = 0.75
    likely_as_written: float = 0.27
    alike: float = 0.8
    weights: Weights | None = None
    confusions: Confusions | None = None
    foretelling: Foretelling | None = None
    accept: float = -3.0
    reject: float = -9.0
    accept_strictly: float = 0.0
    nearly: float = 0.8
    nearly_sure: float = 0.85
    accept_surely: float = 2.0
    accept_most_surely: float = 3.0
    last_propose: float = 0.3
    last_confidence: float = 0.75
    last_odds: float = -3.5
    last_odds_said: float = 1.5
    slot_odds: float = -12.0
    part_odds: float = -3.5
    part_sure: float = 0.82
    opening_odds: float = -2.5
    last_ratio: float = -3.0
    last_accept: float = -2.0
    last_margin: float = 2.0
    last_beaten: float = -1.5
    last_doubt: float = -1.5
    last_guess: float = 0.25
    last_guess_noisy: float = 0.5
