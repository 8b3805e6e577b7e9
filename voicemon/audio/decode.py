"""Decoding: any recording a telephone system writes becomes int16 samples at the file's own rate.

FFmpeg (through PyAV) does the work: WAV with PCM, A-law, mu-law or GSM 6.10, MP3, OGG/Opus, FLAC, AMR, M4A. Nothing a
file's header says is believed: lengths are counted while decoding, and limits stop a small file that unpacks without
end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import numpy.typing as npt
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from ..errors import RecordingError
from .headers import HeaderClaim, header_claim
from .sound import FULL_SCALE, Channel, Float32, Int16, centred

HASH_CHUNK_BYTES = 1 << 20
# Play lists (HLS, concat) are left out on purpose: they would make FFmpeg open other files or the network.
FORMATS = "wav,w64,mp3,ogg,flac,amr,aac,aiff,au,caf,asf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
WHAT_WORKS = "a WAV, MP3, OGG/Opus, FLAC, AMR or M4A recording with one or two channels"


@dataclass(frozen=True)
class DecodeLimits:
    """What is still taken for a call. ``max_bytes`` bounds the decoded int16 samples in memory."""

    max_duration_s: float = 6 * 3600.0
    min_duration_s: float = 0.5
    max_rate_hz: int = 384_000
    # Telephony samples at 8 kHz (ITU-T G.711); below 6 kHz there is not even the band in which vowels are counted.
    min_rate_hz: int = 6_000
    max_bytes: int = 7 << 28  # 1.75 GiB: with all else that decoding needs, less than 2 GiB
    # A header may count encoder padding (AAC at 8 kHz: 0.256 s) or round: only a larger shortfall means that
    # something is missing.
    header_slack_s: float = 0.3


DEFAULT_LIMITS = DecodeLimits()


@dataclass(frozen=True, eq=False)
class Recording:
    """A decoded recording. ``samples`` is read-only int16 of shape ``(channels, n)`` at ``sample_rate_hz``, the
    file's own rate.

    ``sha256`` is of the file's bytes; ``notes`` say what a reader must know about the file (it ends early, damaged
    parts).
    """

    path: Path
    sha256: str
    sample_rate_hz: int
    samples: Int16
    codec: str
    notes: tuple[str, ...] = field(default=())

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        return float(self.samples.shape[1] / self.sample_rate_hz)

    def channel(self, index: int) -> Float32:
        """Samples of one channel as float32 in [-1, 1), shape ``(n,)``; a new array each time."""
        return self.samples[index].astype(np.float32) / np.float32(FULL_SCALE)

    def line(self, index: int) -> Channel:
        """One channel without its mean, read by slices: never whole in memory as floats."""
        return centred(self.samples[index])


def decode(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> Recording:
    """Read a recording.

    A file that breaks off keeps what can be decoded, with a note. Raises :class:`RecordingError` for a file that is
    missing, empty, no audio, shorter than ``min_duration_s``, longer than ``max_duration_s``, or of more than two
    channels.
    """
    path = Path(path)
    sha256 = _hash(path)
    sink = _Sink(path, limits)
    stream_s, codec = _read_into(sink, path)
    if sink.duration_s < limits.min_duration_s:
        raise RecordingError(
            f"{path}: holds only {sink.duration_s:.3f} s of audio (at least {limits.min_duration_s} s is needed); "
            "check that the recorder finished writing the file, or remove it"
        )
    notes = _notes(sink, header_claim(path), stream_s)
    return Recording(path, sha256, sink.rate_hz, sink.samples(), codec, notes)


def remove_dc(x: Float32) -> Float32:
    """``x`` without its mean (a constant offset from the recorder's converter); same shape."""
    mean = np.mean(x, dtype=np.float64) if x.size else 0.0
    return np.asarray(x - np.float32(mean), dtype=np.float32)


def resample(x: Float32, from_hz: int, to_hz: int) -> Float32:
    """``x`` (one channel) at ``to_hz``; band-limited (soxr HQ), starting at the same instant."""
    if from_hz == to_hz:
        return np.asarray(x, dtype=np.float32)
    return np.asarray(soxr.resample(np.asarray(x, dtype=np.float32), from_hz, to_hz, quality="HQ"), dtype=np.float32)


class _Sink:
    """Collects decoded frames as interleaved int16, and refuses what exceeds the limits before it is stored."""

    def __init__(self, path: Path, limits: DecodeLimits) -> None:
        self.path, self.limits = path, limits
        self.rate_hz = self.channels = self.damaged = 0
        self.broken_off = False
        self._bytes = bytearray()

    @property
    def duration_s(self) -> float:
        return len(self._bytes) / (2 * self.channels * self.rate_hz) if self.rate_hz else 0.0

    def add(self, frame: AudioFrame) -> None:
        shape = (frame.sample_rate, frame.layout.nb_channels)
        if not self.rate_hz:
            self._check_shape(*shape)
            self.rate_hz, self.channels = shape
        if shape != (self.rate_hz, self.channels):
            raise RecordingError(
                f"{self.path}: changes from {self.rate_hz} Hz, {self.channels} channel(s) to {shape[0]} Hz, "
                f"{shape[1]} channel(s) at {self.duration_s:.1f} s; convert it to one format, e.g. ffmpeg -i IN -ar 8000 OUT.wav"
            )
        self._bytes += _interleaved_int16(frame).tobytes()
        if self.duration_s > self.limits.max_duration_s or len(self._bytes) > self.limits.max_bytes:
            raise RecordingError(
                f"{self.path}: unpacks to more than {self.duration_s / 3600:.1f} h of audio at {self.rate_hz} Hz, beyond the "
                f"limit of {self.limits.max_duration_s / 3600:g} h and {self.limits.max_bytes / 2**30:g} GiB; cut it into single calls"
            )

    def samples(self) -> Int16:
        whole = np.frombuffer(self._bytes, dtype=np.int16)
        view = whole.reshape(-1, self.channels).T
        view.flags.writeable = False
        return np.asarray(view)

    def _check_shape(self, rate_hz: int, channels: int) -> None:
        if channels > 2:
            raise RecordingError(
                f"{self.path}: has {channels} channels, and only one or two (agent, customer) can be told apart; "
                "extract two of them first, e.g. ffmpeg -i IN -af 'pan=stereo|c0=c0|c1=c1' OUT.wav"
            )
        if not self.limits.min_rate_hz <= rate_hz <= self.limits.max_rate_hz:
            raise RecordingError(
                f"{self.path}: its sample rate of {rate_hz} Hz is outside {self.limits.min_rate_hz}–"
                f"{self.limits.max_rate_hz} Hz, so the header is probably wrong; export the recording again"
            )


class _Source:
    """A file as FFmpeg reads it; a header that points before the file's start gets the answer a system call would give."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1


def _read_into(sink: _Sink, path: Path) -> tuple[float | None, str]:
    try:
        # A file object, not a name: to FFmpeg some names are protocols.
        with path.open("rb") as file, av.open(_Source(file), options={"format_whitelist": FORMATS}) as container:
            if not container.streams.audio:
                raise RecordingError(f"{path}: holds no audio; voicemon needs {WHAT_WORKS}")
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                raise RecordingError(f"{path}: is packed by a method that nothing here can unpack; voicemon needs {WHAT_WORKS}")
            for frame in _frames(container, stream, sink):
                sink.add(frame)
            return _stream_s(container, stream), stream.codec_context.name
    except MemoryError as err:  # a damaged header may ask for any amount
        raise RecordingError(
            f"{path}: asks for more memory than there is; export the recording again, or run with fewer --workers if it is whole"
        ) from err
    except (av.FFmpegError, ValueError, EOFError, OSError) as err:
        raise RecordingError(
            f"{path}: is not audio that can be decoded ({_why(err)}); voicemon needs {WHAT_WORKS}"
        ) from err


def _why(err: Exception) -> str:
    return (getattr(err, "strerror", None) or str(err) or type(err).__name__).lower()


def _frames(container: InputContainer, stream: AudioStream, sink: _Sink) -> Iterator[AudioFrame]:
    """Frames of ``stream``; a damaged packet is counted and left out, a container that breaks off ends the stream."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            sink.broken_off = True
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            sink.damaged += 1
            continue
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))


def _interleaved_int16(frame: AudioFrame) -> Int16:
    """Samples as int16, shape ``(n, channels)``; float is rounded and clipped, wider integers lose their low bits."""
    raw: npt.NDArray[Any] = frame.to_ndarray()
    plain = raw.T if frame.format.is_planar else raw.reshape(-1, frame.layout.nb_channels)
    if plain.dtype == np.int16:
        return plain.astype(np.int16, copy=False)
    if plain.dtype == np.uint8:
        return ((plain.astype(np.int16) - 128) << 8).astype(np.int16)
    if np.issubdtype(plain.dtype, np.floating):
        finite = np.nan_to_num(plain.astype(np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
        return np.clip(np.rint(finite * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return (plain >> (8 * plain.dtype.itemsize - 16)).astype(np.int16)


def _stream_s(container: InputContainer, stream: AudioStream) -> float | None:
    """The duration FFmpeg reports, or None. Only ever compared with what was decoded."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _notes(sink: _Sink, claim: HeaderClaim, stream_s: float | None) -> tuple[str, ...]:
    notes = []
    announced_s = claim.duration_s if claim.duration_s is not None else stream_s if claim.exact else None
    if announced_s is not None and announced_s - sink.duration_s > sink.limits.header_slack_s:
        notes.append(
            f"the file ends early or has lost a part: its header announces {announced_s:.1f} s, "
            f"{sink.duration_s:.1f} s could be decoded; what is missing is unknown"
        )
    elif sink.broken_off or not claim.complete:
        notes.append(f"the file ends early: it breaks off after {sink.duration_s:.1f} s; what follows is unknown")
    if sink.damaged:
        notes.append(f"{sink.damaged} damaged part(s) of the file were left out, so times after them may be too early")
    return tuple(notes)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = 0
            while chunk := file.read(HASH_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except OSError as err:
        raise RecordingError(f"{path}: cannot be read ({err.strerror}); check the path and its permissions") from err
    if not size:
        raise RecordingError(f"{path}: is empty (0 bytes); check that the recorder finished writing it, or remove it")
    return digest.hexdigest()
