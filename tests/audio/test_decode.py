"""Decoding: every container, and every way a file can be broken."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from audio.signals import noise, tone, write

from voicemon.audio.decode import DecodeLimits, decode, remove_dc, resample
from voicemon.errors import RecordingError

STEREO = np.stack([tone(440, 2.0), tone(700, 2.0, -30.0)], axis=1)


@pytest.mark.parametrize(
    ("name", "subtype", "rate_hz", "codec"),
    [
        ("a.wav", "PCM_16", 8000, "pcm_s16le"),
        ("a.wav", "PCM_24", 8000, "pcm_s24le"),
        ("a.wav", "PCM_U8", 8000, "pcm_u8"),
        ("a.wav", "FLOAT", 44100, "pcm_f32le"),
        ("a.wav", "ALAW", 8000, "pcm_alaw"),
        ("a.wav", "ULAW", 8000, "pcm_mulaw"),
        ("a.flac", None, 11025, "flac"),
        ("a.ogg", "VORBIS", 16000, "vorbis"),
        ("a.ogg", "OPUS", 48000, "opus"),
        ("a.mp3", None, 16000, "mp3float"),
    ],
)
def test_every_format_comes_out_alike(tmp_path: Path, name: str, subtype: str | None, rate_hz: int, codec: str) -> None:
    x = np.stack([resample(STEREO[:, i], 8000, rate_hz) for i in (0, 1)], axis=1)
    recording = decode(write(tmp_path / name, x, rate_hz, subtype))
    assert (recording.channels, recording.sample_rate_hz, recording.codec) == (2, rate_hz, codec)
    assert recording.duration_s == pytest.approx(2.0, abs=0.08)
    assert recording.notes == ()
    levels = [float(np.sqrt(np.mean(recording.channel(i) ** 2))) for i in (0, 1)]
    assert levels == pytest.approx([0.1 / 2**0.5, 10**-1.5 / 2**0.5], rel=0.1)


def test_gsm_in_wav_is_read(tmp_path: Path) -> None:
    recording = decode(write(tmp_path / "a.wav", tone(440, 2.0), subtype="GSM610"))
    assert recording.codec == "gsm_ms"
    assert recording.duration_s == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.amr", "libopencore_amrnb")])
def test_mobile_formats_are_read(tmp_path: Path, name: str, codec: str) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no encoder {codec} to make the file with")
    recording = decode(_encode(tmp_path / name, codec, tone(440, 2.0)))
    assert recording.duration_s == pytest.approx(2.0, abs=0.3)
    assert recording.notes == ()


def test_samples_hash_and_path_are_those_of_the_file(tmp_path: Path) -> None:
    x = (np.arange(8000, dtype=np.int16) - 4000).reshape(-1, 1)
    path = write(tmp_path / "a.wav", x)
    recording = decode(path)
    assert np.array_equal(recording.samples, x.T)
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recording.path == path
    assert recording.channel(0)[0] == np.float32(-4000 / 32768)


def test_samples_cannot_be_changed(tmp_path: Path) -> None:
    recording = decode(write(tmp_path / "a.wav", STEREO))
    with pytest.raises(ValueError, match="read-only"):
        recording.samples[0, 0] = 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"just some text, no sound\n" * 400, "not audio"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.wav\n", "not audio"),
        (b"RIFF\x24\x00\x00\x00WAVE", "not audio|only"),
    ],
)
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as error:
        decode(path)
    assert "call.wav" in str(error.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        decode(tmp_path / "gone.wav")


@pytest.mark.parametrize("samples", [1, 3999])
def test_under_half_a_second_is_refused(tmp_path: Path, samples: int) -> None:
    with pytest.raises(RecordingError, match="only .* s of audio"):
        decode(write(tmp_path / "a.wav", noise(1.0, -20.0)[:samples]))


def test_three_channels_are_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="3 channels.*extract"):
        decode(write(tmp_path / "a.wav", np.zeros((8000, 3), dtype=np.float32)))


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.wav", "PCM_16"), ("a.wav", "ALAW"), ("a.flac", None), ("a.ogg", "VORBIS"), ("a.mp3", None)],
)
def test_a_file_that_breaks_off_keeps_what_is_there_and_says_so(tmp_path: Path, name: str, subtype: str | None) -> None:
    x = np.stack([noise(6.0, -30.0), noise(6.0, -30.0, seed=2)], axis=1)
    path = write(tmp_path / name, x, 8000, subtype)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recording = decode(path)
    assert 1.0 < recording.duration_s < 4.5
    assert any("ends early" in note for note in recording.notes)


def test_a_file_broken_off_before_half_a_second_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(440, 5.0))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RecordingError, match="only .* s of audio"):
        decode(path)


@pytest.mark.parametrize("claim", [0, 0xFFFFFFFF])
def test_a_recorder_that_left_the_length_open_is_no_early_end(tmp_path: Path, claim: int) -> None:
    path = write(tmp_path / "a.wav", tone(440, 2.0))
    path.write_bytes(_with_claim(path.read_bytes(), claim))
    recording = decode(path)
    assert (recording.duration_s, recording.notes) == (2.0, ())


def test_a_header_that_claims_hours_reserves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(440, 1.0))
    path.write_bytes(_with_claim(path.read_bytes(), 2_000_000_000))
    recording = decode(path)
    assert recording.duration_s == 1.0
    assert any("ends early" in note for note in recording.notes)


def test_audio_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", np.zeros(8000 * 60, dtype=np.float32))
    with pytest.raises(RecordingError, match="limit"):
        decode(path, DecodeLimits(max_duration_s=30.0))
    with pytest.raises(RecordingError, match="limit"):
        decode(path, DecodeLimits(max_bytes=100_000))


def test_a_senseless_sample_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="sample rate"):
        decode(write(tmp_path / "a.wav", np.zeros(8000, dtype=np.float32), 400_000))


def test_offset_stays_in_the_recording_and_can_be_removed(tmp_path: Path) -> None:
    x = decode(write(tmp_path / "a.wav", tone(440, 1.0) + np.float32(0.1))).channel(0)
    assert float(x.mean()) == pytest.approx(0.1, abs=1e-3)
    assert float(remove_dc(x).mean()) == pytest.approx(0.0, abs=1e-6)


def test_resampling_keeps_time_and_level() -> None:
    y = resample(tone(440, 1.0), 8000, 16000)
    assert y.dtype == np.float32
    assert len(y) == 16000
    assert np.sqrt(np.mean(y**2)) == pytest.approx(0.1 / 2**0.5, rel=0.01)


def _with_claim(content: bytes, size: int) -> bytes:
    at = content.find(b"data") + 4
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def _encode(path: Path, codec: str, x: np.ndarray) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8000)
        stream.layout = "mono"
        if codec != "aac":
            stream.bit_rate = 12200
        frame = av.AudioFrame.from_ndarray((x * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = 8000
        size = stream.codec_context.frame_size or 160
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=8000, frame_size=size)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            for packet in stream.encode(part):
                container.mux(packet)
    return path


def test_a_header_that_points_before_the_start_of_the_file_is_no_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """FFmpeg then seeks to where no file has anything; nothing is printed about it."""
    path = tmp_path / "a.w64"
    write(path, tone(440, 2.0))
    content = bytearray(path.read_bytes())
    at = content.find(b"data\xf3\xac\xd3\x11")
    content[at + 16 : at + 24] = (0x8000000000000000 + 100).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="a.w64"):
        decode(path)
    assert capfd.readouterr() == ("", "")


def test_a_codec_that_nothing_here_can_unpack_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(440, 2.0))
    content = bytearray(path.read_bytes())
    content[20:22] = (0x5F5F).to_bytes(2, "little")  # the format tag of no codec
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="a.wav.*(unpack|not audio)"):
        decode(path)


def test_a_sample_rate_below_any_telephone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="4688 Hz is outside"):
        decode(write(tmp_path / "a.wav", tone(440, 2.0), 4688))


def test_a_header_that_asks_for_more_memory_than_there_is_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much that is depends on the machine; FFmpeg tells it as a MemoryError."""
    path = write(tmp_path / "greedy.wav", noise(1.0, -30.0))

    def greedy(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(av, "open", greedy)
    with pytest.raises(RecordingError, match=r"greedy\.wav: asks for more memory"):
        decode(path)
