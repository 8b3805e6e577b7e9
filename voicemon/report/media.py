"""The sound a call page plays and draws: a link to the recording and an envelope of each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import numpy.typing as npt

from ..errors import OutputError

ENVELOPE_BUCKETS = 3000  # a call of five minutes is then drawn every 0.1 s when zoomed in
ENVELOPE_FULL_SCALE = 255
INT16_FULL_SCALE = 32768.0

Peaks = Sequence[int] | npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Media:
    """What a page plays: ``audio_href`` is relative to the page (``None``: nothing to play), ``peaks`` an :func:`envelope` per
    channel (``left``, ``right``, ``mono``), as numbers or as an array of them.

    Raises :class:`~voicemon.errors.OutputError` for a link that leaves the folder tree by a scheme or a host, because a page must fetch
    nothing from the network."""

    audio_href: str | None = None
    peaks: Mapping[str, Peaks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.audio_href is None:
            return
        parts = urlsplit(self.audio_href)
        if parts.scheme or parts.netloc or self.audio_href.startswith(("/", "\\")):
            raise OutputError(
                f"{self.audio_href!r}: the recording of a call page must be given as a relative link; "
                "make it with voicemon.report.media.link_to()"
            )


def kept_media(audio_href: str, envelopes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """What the record keeps of the sound: a byte for each value of an envelope, in hexadecimal digits."""
    return {"audio_href": audio_href, "peaks": {line: bytes(values).hex() for line, values in envelopes.items()}}


def media_of(kept: Mapping[str, Any]) -> Media:
    """The sound as it was kept; older records hold the values of an envelope as a list."""
    peaks = {line: np.frombuffer(bytes.fromhex(values), dtype=np.uint8) if isinstance(values, str) else values
             for line, values in (kept.get("peaks") or {}).items()}
    return Media(kept.get("audio_href"), peaks)


def link_to(relative_path: str) -> str:
    """A relative link to ``relative_path`` (``/`` between folders), with everything a URL would misread encoded."""
    return quote(relative_path, safe="/")


def envelope(samples_int16: Any, n: int = ENVELOPE_BUCKETS) -> list[int]:
    """Largest magnitude in each of ``n`` equal stretches of ``samples_int16`` (1-D), 0–255 with 255 = full scale.

    Shorter recordings give one value per sample; an empty one gives an empty list.
    """
    samples = np.asarray(samples_int16)
    if samples.size == 0 or n < 1:
        return []
    edges = np.linspace(0, samples.size, min(n, samples.size), endpoint=False).astype(np.int64)
    loudest = np.maximum(np.maximum.reduceat(samples, edges).astype(float), -np.minimum.reduceat(samples, edges).astype(float))
    return [int(v) for v in np.rint(loudest / INT16_FULL_SCALE * ENVELOPE_FULL_SCALE)]
