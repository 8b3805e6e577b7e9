"""The few calls to a CTranslate2 Whisper model that voicemon needs: features as long as the sound, decoding, alignment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..audio.allocator import keep_few_kernels, keep_large_blocks, use_large_pages
from ..errors import ModelError
from .models import ModelFiles
from .packing import RATE_HZ
from .processor import use_wide_kernels
from .vocabulary import smaller_model

TOKENS_PER_S = 50  # one encoder position is 20 ms
FULL_WINDOW_S = 30.0
LANGUAGE = "zh"
LEAST_PROBABILITY = 1e-12
MEDIAN_FILTER, NO_FILTER = 7, 1
"""Width of the filter over the attention from which word times are read (Whisper's own); a fifth of the cost where none are wanted."""
MOST_POSITIONS = 448
"""Of the decoder. CTranslate2 keeps half of the length it is given for the text: a limit of 20 lets 10 tokens through."""


@dataclass(frozen=True)
class Decoded:
    """Tokens of one window, their mean log-probability, and whether the cap of the length cut them off."""

    tokens: tuple[int, ...]
    mean_log_prob: float
    capped: bool


@dataclass(frozen=True)
class AlignedWord:
    """A character (or what one token spells) at its place in the window, with the log-probability of its tokens."""

    text: str
    start_s: float
    end_s: float
    log_prob: float
    tokens: int


class Whisper:
    """A loaded model. ``threads`` 0 leaves the number to CTranslate2; results do not depend on it. ``whole``: with all its tokens.

    Tokens are told by the ids of the whole vocabulary.
    """

    def __init__(self, files: ModelFiles, threads: int = 0, compute_type: str = "int8", whole: bool = False,
                 device: str = "cpu") -> None:
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        keep_large_blocks()
        use_large_pages()
        keep_few_kernels()
        use_wide_kernels()
        smaller = None if whole else smaller_model(files.folder)
        try:
            self.faster_whisper = WhisperModel(str(files.folder), device=device, compute_type=compute_type, cpu_threads=threads,
                                               files=dict(smaller.files) if smaller else None)
        except (RuntimeError, ValueError, OSError) as err:
            raise ModelError(f"{files.folder}: the model cannot be loaded ({err}): check the folder or choose another --model") from err
        self._model = self.faster_whisper.model
        self._tokenizer = Tokenizer(self.faster_whisper.hf_tokenizer, smaller is not None or self._model.is_multilingual,
                                    task="transcribe", language=LANGUAGE)
        self._old = smaller.kept if smaller else None
        self._new = {old: new for new, old in enumerate(smaller.kept)} if smaller else None
        self._start = self._to_model(self._tokenizer.sot_sequence)
        self._suppressed = self._to_model(get_suppressed_tokens(self._tokenizer, [-1]))
        self._silences: dict[float, np.ndarray] = {}
        self._prompt = [*self._start, *self._to_model([self._tokenizer.no_timestamps])]

    @property
    def tokens(self) -> int:
        """How many tokens the model knows."""
        return len(self._old) if self._old else int(self.faster_whisper.hf_tokenizer.get_vocab_size())

    def _to_model(self, tokens: Sequence[int]) -> list[int]:
        """The model's own ids of tokens; what it does not know is left out."""
        return list(tokens) if self._new is None else [self._new[t] for t in tokens if t in self._new]

    def encode(self, sounds: Sequence[np.ndarray], window_s: float) -> Any:
        """Encoder output of sounds (float32 mono, 16 kHz) each padded with silence to ``window_s``, at most 30 s.

        One window goes through the encoder at a time: several at once leave the processor's cache and take a third longer.
        """
        length = round(min(window_s, FULL_WINDOW_S) * RATE_HZ)
        return self.joined([np.asarray(self._encoded(np.pad(x[:length], (0, max(length - len(x), 0))))) for x in sounds])

    def _encoded(self, x: np.ndarray) -> Any:
        from faster_whisper.transcribe import get_ctranslate2_storage

        # no padding by the extractor: it would make 3001 frames of 30 s, one more than the encoder takes
        features = self.faster_whisper.feature_extractor(x, padding=0)
        return self._model.encode(get_ctranslate2_storage(features[None].astype(np.float32)))

    def first_s(self, encoded: Any, seconds: float) -> np.ndarray:
        """Encoder output of the first ``seconds`` of each window, (windows, positions, size): the decoder pays for every position."""
        return np.asarray(encoded)[:, : max(1, round(seconds * TOKENS_PER_S))].copy()

    def silence(self, seconds: float) -> np.ndarray:
        """Encoder output of silence, (1, positions, size); worked out once."""
        if seconds not in self._silences:
            self._silences[seconds] = self.first_s(self.encode([np.zeros(0, dtype=np.float32)], seconds), seconds)
        return self._silences[seconds]

    def joined(self, encoded: Sequence[np.ndarray]) -> Any:
        """Encoder outputs of windows of the same length as one batch."""
        import ctranslate2

        return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.concatenate(encoded)))

    def decode(self, encoded: Any, caps: Sequence[int], beam: int, no_repeat: int = 0) -> tuple[Decoded, ...]:
        """Most likely text of every window of a batch, none longer than its own cap; ``no_repeat`` tokens never come twice in a row."""
        caps = [min(cap, MOST_POSITIONS // 2) for cap in caps]
        results = self._model.generate(
            encoded, [self._prompt] * len(caps), beam_size=beam, no_repeat_ngram_size=no_repeat, suppress_tokens=self._suppressed,
            max_length=2 * max(caps), return_scores=True)
        return tuple(self._decoded(r, cap) for r, cap in zip(results, caps, strict=True))

    def align(self, encoded: Any, texts: Sequence[Sequence[int]], seconds: Sequence[float]) -> tuple[tuple[AlignedWord, ...], ...]:
        """Place and probability of every word of the texts of a batch; ``seconds`` is how much of each window is sound."""
        results = self._align(encoded, texts, seconds)
        return tuple(self._words(list(tokens), result) for tokens, result in zip(texts, results, strict=True))

    def token_log_probs(self, encoded: Any, texts: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """Natural log-probability of every token of each text given the sound of its window. Nothing is aligned: nobody reads where."""
        results = self._align(encoded, texts, [0.0] * len(texts), NO_FILTER)
        return [np.log(np.maximum(np.asarray(r.text_token_probs, dtype=float), LEAST_PROBABILITY)) for r in results]

    def _align(self, encoded: Any, texts: Sequence[Sequence[int]], seconds: Sequence[float], median_filter: int = MEDIAN_FILTER) -> Any:
        frames = [max(2, round(s * 100)) for s in seconds]
        return self._model.align(encoded, self._start, [self._to_model(t) for t in texts], frames, median_filter_width=median_filter)

    def tokens_of(self, text: str) -> list[int]:
        """Tokens of a text, all known to the model: a word whose token it lacks is spelt letter by letter."""
        tokens = list(self._tokenizer.encode(text))
        if self._new is None:
            return tokens
        return [own for t in tokens for own in ([t] if t in self._new else self._spelt(t))]

    def _spelt(self, token: int) -> list[int]:
        letters = [t for letter in self._tokenizer.decode([token]) for t in self._tokenizer.encode(letter)]
        return [t for t in letters if self._new is None or t in self._new]

    def text_of(self, tokens: Sequence[int]) -> str:
        """Text of tokens."""
        return str(self._tokenizer.decode(list(tokens)))

    def _decoded(self, result: Any, cap: int) -> Decoded:
        ids = result.sequences_ids[0] if self._old is None else [self._old[t] for t in result.sequences_ids[0]]
        tokens = [t for t in ids if t < self._tokenizer.eot]
        return Decoded(tuple(tokens[:cap]), float(result.scores[0]), len(tokens) >= cap)

    def _words(self, tokens: list[int], result: Any) -> tuple[AlignedWord, ...]:
        words, word_tokens = self._tokenizer.split_to_word_tokens([*tokens, self._tokenizer.eot])
        if len(word_tokens) <= 1 or not result.alignments:
            return ()
        pairs = np.asarray(result.alignments)
        jumps = np.concatenate([[True], np.diff(pairs[:, 0]) > 0])
        times_s = pairs[:, 1][jumps] / TOKENS_PER_S
        log_probs = np.log(np.maximum(np.asarray(result.text_token_probs, dtype=float), LEAST_PROBABILITY))
        found, at = [], 0
        for word, own in zip(words[:-1], word_tokens[:-1], strict=True):
            end = at + len(own)
            found.append(AlignedWord(word, float(times_s[at]), float(times_s[end]), float(np.sum(log_probs[at:end])), len(own)))
            at = end
        return tuple(found)


def token_cap(seconds: float) -> int:
    """Most tokens that sound of this length can hold: 7 syllables per second, up to 2 tokens each, and a little."""
    return math.ceil(14 * seconds) + 12
