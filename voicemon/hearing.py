"""Hearing: a recording becomes facts. No rule is known here; what could not be heard is ``None`` with the reason."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from . import __version__
from .audio.allocator import give_back
from .audio.channels import ChannelReport, compare_channels, drop_bleed
from .audio.decode import Recording
from .audio.denoise import denoised
from .audio.sound import Samples, at_rate, held
from .audio.speakers import Voices, separate_voices
from .audio.tones import RingGroup, Tones, find_tones
from .audio.vad import speech_spans
from .by_words import share_out
from .call_measures import Call, Line, line_qualities, measure
from .listening import BY_WORDS, MONO, RECOGNITION_HZ, UNKNOWN, VOICES, CallInput, Recogniser, Stopwatch
from .names import shown_path
from .records import AGENT, CUSTOMER, AuditMark, CallInfo, Facts, Roles, Span, Utterance
from .roles import RoleContext, assign_roles
from .settings import Settings
from .sidecar import contradictions, unknown_fields
from .spans import merge, subtract, total_s
from .speech.attribution import set_apart, unclear_marks
from .speech.engine import Job, Transcription

LIBRARIES = ("faster-whisper", "ctranslate2", "onnxruntime", "webrtcvad-wheels", "av", "soxr", "numpy", "scipy", "pyloudnorm", "pypinyin")
LONG_S = 600.0
"""What a stage has freed goes back to the system before the next only in a longer call: a short one needs no more memory at its highest
without that, and clearing the same pages for each call anew takes 3 % of the time of a run."""


@dataclass(frozen=True)
class _Sound:
    """The lines of a call (``left`` and ``right``, or ``mono`` with its voices), what is no speech on each, notes for the reader."""

    lines: Mapping[str, Samples]
    tones: Mapping[str, Tones]
    speech: Mapping[str, tuple[Span, ...]]
    notes: tuple[str, ...]
    voices: Voices | None = None

    @property
    def own_speech(self) -> Mapping[str, tuple[Span, ...]]:
        """Speech of each line, or of each voice where a single line was told apart."""
        return self.voices.spans if self.voices and self.voices.spans else self.speech

    def line(self, name: str) -> Line:
        """The sound and speech of a line or voice. A voice shares its line with all other speech."""
        if name in self.lines:
            return Line(self.lines[name], self.speech[name])
        return Line(self.lines[MONO], self.own_speech[name], subtract(self.speech[MONO], self.own_speech[name]))


def hear(recording: Recording, call: CallInput, recogniser: Recogniser, settings: Settings, watch: Stopwatch) -> Facts:
    """All facts of one call. ``recording`` has one or two channels, at its own rate; levels are measured at that rate.

    Speaker-dependent measures of a call whose parties are not known are left out, with the reason in ``roles``.
    """
    long = recording.duration_s > LONG_S
    sound = _listen(recording, watch)
    if long:
        give_back()
    with watch("recognise"):
        heard = _recognise(sound, recording.sample_rate_hz, recogniser)
    if long:
        give_back()
    with watch("roles"):
        shared = share_out(heard[MONO], sound.speech[MONO]) if MONO in sound.own_speech else None
        if shared:
            heard = shared.heard
            sound = replace(sound, voices=shared.voices, notes=(*sound.notes, shared.note))
            parties, roles = {AGENT: AGENT, CUSTOMER: CUSTOMER}, Roles(MONO, MONO, BY_WORDS, shared.margin)
        else:
            found = _roles(sound, heard, call, settings)
            parties = {found.agent: AGENT, found.customer: CUSTOMER} if found.agent and found.customer else {}
            roles = _on_one_line(found, sound.voices) if sound.voices else found
        transcript, audit = _named(heard, parties)
    speech = _speech(sound, parties)
    with watch("measures"):
        whole = Call({party: sound.line(name) for name, party in parties.items()}, speech, recording.sample_rate_hz,
                     recording.duration_s, _joined_tones(sound.tones.values()), call.sidecar)
        measures = measure(whole, transcript)
        if shared:
            measures = shared.without_doubtful_rates(measures)
    with watch("line quality"):
        measures = replace(measures, line_quality=line_qualities(whole))
    info = _call_info(recording, call)
    notes = (*recording.notes, *sound.notes, *_sidecar_notes(call.sidecar),
             *contradictions(call.sidecar, measures, speech, recording.duration_s))
    return Facts(info, roles, speech, transcript, audit, measures, call.sidecar, notes, _made_with(recogniser, settings, call.key),
                 readings=shared.readings if shared else ())


def _listen(recording: Recording, watch: Stopwatch) -> _Sound:
    """Lines, tones and speech of a recording; two channels with the same audio are one line."""
    rate_hz = recording.sample_rate_hz
    notes: tuple[str, ...] = ()
    lines: dict[str, Samples] = {MONO: held(recording.line(0))}
    report: ChannelReport | None = None
    if recording.channels == 2:
        left, right = lines[MONO], held(recording.line(1))
        with watch("channels"):
            report = compare_channels(left, right, rate_hz)
        if not report.same_audio:
            lines = {"left": left, "right": right}
        notes = _channel_notes(report)
    with watch("tones"):
        tones = {line: find_tones(x, rate_hz) for line, x in lines.items()}
    with watch("vad"):
        speech = {line: speech_spans(x, rate_hz, tones[line].spans()) for line, x in lines.items()}
        if report is not None and report.bleed_db is not None:
            speech = {"left": drop_bleed(speech["left"], lines["left"], lines["right"], rate_hz),
                      "right": drop_bleed(speech["right"], lines["right"], lines["left"], rate_hz)}
    if MONO not in lines:
        return _Sound(lines, tones, speech, notes)
    with watch("voices"):
        voices = separate_voices(lines[MONO], rate_hz, speech[MONO])
    return _Sound(lines, tones, speech, (*notes, *_voice_notes(voices)), voices)


def _voice_notes(voices: Voices) -> tuple[str, ...]:
    """What a reader should know about the voices of one channel."""
    if not voices.others:
        return ()
    return (f"a third voice speaks for {total_s(voices.others):.1f} s; its words are laid at nobody's door",)


def _channel_notes(report: ChannelReport) -> tuple[str, ...]:
    """What a reader should know about the two channels."""
    notes = [f"the {name} channel is silent" for name in report.silent]
    if report.same_audio:
        notes.append("both channels hold the same audio: treated as one channel")
    if report.bleed_db is not None and report.bleed_direction is not None:
        source, _, copy = report.bleed_direction.partition("_to_")
        notes.append(f"the {source} channel bleeds into the {copy} one at {report.bleed_db:.0f} dB; what is only a copy was left out")
    return tuple(notes)


def _recognise(sound: _Sound, rate_hz: int, recogniser: Recogniser) -> dict[str, Transcription]:
    """Words of each line or voice; a voice is recognised alone, as if it had a channel of its own."""
    at_16k = {line: at_rate(x, rate_hz, RECOGNITION_HZ) for line, x in sound.lines.items()}
    clearer = {line: denoised(x, rate_hz, sound.speech[line], sound.tones[line].spans()) for line, x in sound.lines.items()}
    noisy = {line: at_rate(x, rate_hz, RECOGNITION_HZ) for line, x in clearer.items() if x is not None}
    speech = dict(sound.own_speech)
    if sound.voices and sound.voices.others:
        speech[UNKNOWN] = sound.voices.others
    lines = {name: name if name in at_16k else MONO for name in speech}
    jobs = [Job(at_16k[lines[name]], spans, name, noisy.get(lines[name])) for name, spans in speech.items()]
    heard = dict(zip(speech, recogniser.transcribe_many(jobs), strict=True))
    return _set_apart(heard, sound.voices) if sound.voices and sound.voices.spans else heard


def _set_apart(heard: Mapping[str, Transcription], voices: Voices) -> dict[str, Transcription]:
    """What lies where no voice fits goes to nobody, together with a third voice's words, and is marked."""
    parts = {name: set_apart(heard[name], voices.doubtful, UNKNOWN) for name in voices.spans}
    nobodys = [t for _, t in parts.values()] + ([heard[UNKNOWN]] if UNKNOWN in heard else [])
    marks = (*(m for t in nobodys for m in t.audit), *unclear_marks((*voices.others, *voices.doubtful), UNKNOWN))
    utterances = tuple(u for t in nobodys for u in t.utterances)
    return {**{name: own for name, (own, _) in parts.items()}, UNKNOWN: Transcription(utterances, marks)}


def _speech(sound: _Sound, parties: Mapping[str, str]) -> dict[str, tuple[Span, ...]]:
    """Speech by party; a third voice's is nobody's, and all is where the parties are not known."""
    if not parties:
        return {UNKNOWN: merge(s for spans in sound.speech.values() for s in spans)}
    others = sound.voices.others if sound.voices else ()
    return {**{party: sound.own_speech[name] for name, party in parties.items()}, **({UNKNOWN: others} if others else {})}


def _on_one_line(found: Roles, voices: Voices) -> Roles:
    """Roles of voices as roles of the line they share, no surer than the voices are told apart."""
    margin = min(found.margin, voices.margin)
    if found.agent is None or found.customer is None:
        return Roles(None, None, UNKNOWN, margin, voices.reason or found.reason)
    return Roles(MONO, MONO, VOICES, margin, found.reason)


def _roles(sound: _Sound, heard: Mapping[str, Transcription], call: CallInput, settings: Settings) -> Roles:
    speech = sound.own_speech
    if MONO in speech:
        return Roles(None, None, UNKNOWN, 0.0)
    texts = {name: "".join(u.text for u in heard[name].utterances) for name in speech}
    begins = {name: spans[0].start_s for name, spans in speech.items() if spans}
    first = min(begins, key=lambda line: begins[line]) if begins else None
    context = RoleContext(call.sidecar.get("direction"), first)
    return assign_roles(texts, call.cues, settings.agent_option, call.sidecar.get("agent_channel"), context)


def _named(heard: Mapping[str, Transcription], parties: Mapping[str, str]) -> tuple[tuple[Utterance, ...], tuple[AuditMark, ...]]:
    """Utterances and audit marks of all lines in order of time, under the names of the parties."""
    utterances = [replace(u, speaker=parties.get(line, UNKNOWN)) for line, t in heard.items() for u in t.utterances]
    marks = [replace(m, speaker=parties.get(line, UNKNOWN)) for line, t in heard.items() for m in t.audit]
    return (tuple(sorted(utterances, key=lambda u: (u.start_s, u.end_s, u.speaker))),
            tuple(sorted(marks, key=lambda m: (m.start_s, m.end_s, m.speaker))))


def _joined_tones(tones: Iterable[Tones]) -> Tones:
    """Tones of all lines as one: ring-back that is on both lines counts once."""
    every = list(tones)
    rings: list[RingGroup] = []
    for ring in sorted((r for t in every for r in t.rings), key=lambda r: (r.start_s, r.end_s)):
        if not rings or ring.start_s >= rings[-1].end_s:
            rings.append(ring)
    others = sorted({o for t in every for o in t.others}, key=lambda o: (o.start_s, o.end_s, o.kind))
    country = next((t.country for t in every if t.rings and t.country), None)
    return Tones(tuple(rings), country, tuple(others))


def _sidecar_notes(sidecar: Mapping[str, Any]) -> tuple[str, ...]:
    unknown = unknown_fields(sidecar)
    return (f"the sidecar has fields that nothing here reads: {', '.join(unknown)}",) if unknown else ()


def _call_info(recording: Recording, call: CallInput) -> CallInfo:
    side = call.sidecar
    return CallInfo(
        id=call.id, path=shown_path(recording.path), sha256=recording.sha256, duration_s=recording.duration_s,
        sample_rate_hz=recording.sample_rate_hz, channels=recording.channels, standard=side.get("standard"),
        direction=side.get("direction"), started_at=side.get("started_at"), agent_id=side.get("agent_id"),
        agent_name=side.get("agent_name"))


def _made_with(recogniser: Recogniser, settings: Settings, key: str | None) -> dict[str, Any]:
    return {"voicemon": __version__, **recogniser.describe(), "settings": dict(settings.for_hearing()),
            "libraries": library_versions(), "key": key}


def library_versions() -> dict[str, str]:
    """Versions of what can change a figure or a word, as they are installed here."""
    return {"python": platform.python_version(), **{name: _version_of(name) for name in LIBRARIES}}


@lru_cache(maxsize=len(LIBRARIES))
def _version_of(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"
