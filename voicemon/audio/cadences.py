"""Call-progress tones by country, as data: which frequencies, how long on, how long off.

Source: ITU-T E.180 Supplement 2 ("Various tones used in national networks"), as collected in Asterisk's
``indications.conf.sample`` and, for Hong Kong, FreeSWITCH's ``vars.xml``. Japan and Taiwan differ between the
sources: both forms are listed. A new country is one more line. Where cadences fit equally well the earlier line wins.
"""

from __future__ import annotations

from dataclasses import dataclass

RING, BUSY, CONGESTION, CALL_WAITING = "ring", "busy", "congestion", "call_waiting"


@dataclass(frozen=True)
class Cadence:
    """``lines_hz``: spectral lines of the tone. ``pattern_s``: on, off, on, off …, repeated; the last off ends the
    group."""

    kind: str
    country: str
    lines_hz: tuple[float, ...]
    pattern_s: tuple[float, ...]

    @property
    def on_s(self) -> tuple[float, ...]:
        return self.pattern_s[::2]

    @property
    def off_s(self) -> tuple[float, ...]:
        return self.pattern_s[1::2]


def modulated(carrier_hz: float, by_hz: float) -> tuple[float, ...]:
    """Lines of a carrier whose amplitude is modulated: the carrier and its two sidebands."""
    return (carrier_hz - by_hz, carrier_hz, carrier_hz + by_hz)


CADENCES = (
    Cadence(RING, "cn", (450,), (1.0, 4.0)),
    Cadence(RING, "us", (440, 480), (2.0, 4.0)),
    Cadence(RING, "uk", (400, 450), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "jp", modulated(400, 15), (1.0, 2.0)),
    Cadence(RING, "jp", modulated(400, 20), (1.0, 2.0)),
    Cadence(RING, "jp", (380, 420), (1.0, 2.0)),
    Cadence(RING, "jp", (400,), (1.0, 2.0)),
    Cadence(RING, "tw", (440, 480), (1.0, 2.0)),
    Cadence(RING, "tw", (440, 480), (1.0, 4.0)),
    Cadence(RING, "hk", (440, 480), (0.4, 0.2, 0.4, 3.0)),
    Cadence(RING, "de", (425,), (1.0, 4.0)),
    Cadence(RING, "be", (425,), (1.0, 3.0)),
    Cadence(RING, "se", (425,), (1.0, 5.0)),
    Cadence(RING, "es", (425,), (1.5, 3.0)),
    Cadence(RING, "hu", (425,), (1.25, 3.75)),
    Cadence(RING, "my", (425,), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "fr", (440,), (1.5, 3.5)),
    Cadence(RING, "at", (420,), (1.0, 5.0)),
    Cadence(RING, "cl", (400,), (1.0, 3.0)),
    Cadence(RING, "au", (413, 438), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "sg", modulated(425, 24), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "in", modulated(400, 25), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "za", modulated(400, 33), (0.4, 0.2, 0.4, 2.0)),
    Cadence(RING, "ph", (425, 480), (1.0, 4.0)),
    Cadence(BUSY, "cn", (450,), (0.35, 0.35)),
    Cadence(BUSY, "us", (480, 620), (0.5, 0.5)),
    Cadence(BUSY, "uk", (400,), (0.375, 0.375)),
    Cadence(BUSY, "jp", (400,), (0.5, 0.5)),
    Cadence(BUSY, "de", (425,), (0.48, 0.48)),
    Cadence(BUSY, "ru", (425,), (0.35, 0.35)),
    Cadence(BUSY, "es", (425,), (0.2, 0.2)),
    Cadence(BUSY, "sg", (425,), (0.75, 0.75)),
    Cadence(BUSY, "fr", (440,), (0.5, 0.5)),
    Cadence(BUSY, "in", (400,), (0.75, 0.75)),
    Cadence(CONGESTION, "cn", (450,), (0.7, 0.7)),
    Cadence(CONGESTION, "us", (480, 620), (0.25, 0.25)),
    Cadence(CONGESTION, "uk", (400,), (0.4, 0.35, 0.225, 0.525)),
    Cadence(CONGESTION, "de", (425,), (0.24, 0.24)),
    Cadence(CONGESTION, "fr", (440,), (0.25, 0.25)),
    Cadence(CONGESTION, "in", (400,), (0.25, 0.25)),
    Cadence(CALL_WAITING, "cn", (450,), (0.4, 4.0)),
    Cadence(CALL_WAITING, "us", (440,), (0.3, 10.0)),
    Cadence(CALL_WAITING, "jp", modulated(400, 16), (0.5, 8.0)),
    Cadence(CALL_WAITING, "tw", (350, 440), (0.25, 0.25, 0.25, 3.25)),
    Cadence(CALL_WAITING, "de", (425,), (0.2, 0.2, 0.2, 5.0)),
    Cadence(CALL_WAITING, "au", (425,), (0.2, 0.2, 0.2, 4.4)),
    Cadence(CALL_WAITING, "sg", modulated(425, 24), (0.3, 0.2, 0.3, 3.2)),
)
