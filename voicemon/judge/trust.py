"""Utterances whose words must not be trusted, by the time they took and what was written, whatever the transcript audit says."""

from __future__ import annotations

import re

from ..records import Utterance
from ..speech.text import normalise
from .asking import STUTTER_CHARACTERS
from .elements import DIGITS

LONGEST_WORD_S = 2.0
"""A word that lasts longer stands for others that the recogniser left out (ours); some words can be drawn out."""
FEW_WORDS_S = 1.2
SLOWEST_CHARACTER_S = 1.0
"""Nobody speaks slower than a character a second within one utterance (ours; the slowest development agent takes 0.65 s)."""
FASTEST_CHARACTER_S, SEVERAL_CHARACTERS = 0.1, 8
"""Nobody says several characters faster (ours; in 4,512 utterances of development calls only such as were made up were that fast)."""
GUESSED_CONFIDENCE, GUESSED_CHARACTER_S = 0.5, 0.7
"""Of words in which the recogniser hardly believes, so much sound for each is enough to doubt that they are all (ours)."""
STUCK_CHARACTER_S = 0.6
"""Nobody says the same syllable twice and nothing else so slowly (谢谢 takes half of it), but what can be drawn out."""
STUCK, STUCK_SHARE = re.compile(r"(.)\1\1+"), 1 / 3
"""What is so repeated on a noisy line, but for figures and what can be drawn out, was never heard right in development calls with noise
(14 utterances); where it is less than that of the utterance, the rest is."""
DRAWN_OUT = frozenset("好嗯哦啊是对行喂哎唉呃")  # people do draw these out


def is_doubted(said: Utterance, noisy: bool) -> bool:
    """Whether an utterance has too few or too many words for its time or was guessed in another script; on a noisy line also whether the
    recogniser was caught in one character."""
    return too_few_words(said) or too_many_words(said) or is_foreign_guess(said) or (noisy and is_stuck(said))


def too_few_words(said: Utterance) -> bool:
    """Whether an utterance lasts so long for its words that some must be missing, or is one character over and over."""
    text, lasting_s = normalise(said.text), said.end_s - said.start_s
    if text and set(text) <= DRAWN_OUT:
        return False
    hidden = any(w.end_s - w.start_s > LONGEST_WORD_S and not set(normalise(w.text)) <= DRAWN_OUT for w in said.words)
    stuck = len(set(text)) == 1 and (len(text) >= STUTTER_CHARACTERS or (len(text) > 1 and lasting_s > STUCK_CHARACTER_S * len(text)))
    guessed = said.confidence < GUESSED_CONFIDENCE and lasting_s > GUESSED_CHARACTER_S * len(text)
    return stuck or guessed or hidden or (lasting_s > FEW_WORDS_S and lasting_s > SLOWEST_CHARACTER_S * len(text))


def too_many_words(said: Utterance) -> bool:
    """Whether more was written than can be said in that time: the recogniser went on by itself."""
    characters = len(normalise(said.text))
    return characters >= SEVERAL_CHARACTERS and said.end_s - said.start_s < FASTEST_CHARACTER_S * characters


def is_stuck(said: Utterance) -> bool:
    """Whether much of it is one character, in which the recogniser was caught (水晶晶晶 for 紫金金行): people repeat figures and what they
    draw out."""
    text = normalise(said.text)
    runs = (m.group() for m in STUCK.finditer(text) if m[1] not in DRAWN_OUT and m[1] not in DIGITS)
    return any(len(run) >= STUCK_SHARE * len(text) for run in runs)


def is_foreign_guess(said: Utterance) -> bool:
    """Whether an utterance holds no Chinese character and the recogniser hardly believes in it: You have, where 您好 was said."""
    letters = [c for c in said.text if c.isalpha()]
    return said.confidence < GUESSED_CONFIDENCE and bool(letters) and all(c.isascii() for c in letters)
