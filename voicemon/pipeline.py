"""One call, from its file to its finished reports in OUT. A fault of the call is a :class:`FailedCall`, never an exception."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from urllib.parse import unquote

from .audio.decode import Recording, decode
from .collector import collect_young
from .errors import ModelError, OutputError, VoicemonError
from .judge.judge import judge
from .judge.score import score
from .judge.standard import Standard
from .keys import judged_key, key_of, made_with, redacted_key
from .known_standards import cues_with, standard_named
from .listening import CallInput, Recogniser, Stopwatch
from .names import printable, shown_path
from .phrase_limits import phrase_thresholds
from .playable import playable_copy
from .probes import KeptVerifier, UsedAnswers
from .records import CallReport, Facts, FailedCall, ReviewEntry, Verdict
from .redact.facts import mask_path, redact
from .redact.sound import silenced
from .redact.verdicts import judged_again, told
from .remote import fetched, kept_place
from .report.as_html import call_page
from .report.as_json import values_and_text
from .report.media import envelope, kept_media, link_to, media_of
from .report.parts import MADE_BY, packed_part, part_of
from .report.reviews import by_rule
from .settings import DEFAULT_STANDARD, Settings
from .speech.models import sha256_of
from .speech.verifier import PhraseVerifier
from .store import Judged


class Ear(Recogniser, Protocol):
    """A recogniser that can also be asked about a place in a recording."""

    def verifier(self, recording: Recording, facts: Facts) -> PhraseVerifier | None: ...


class CallStore(Protocol):
    """What doing one call asks of OUT: a :class:`Store`, or what stands in for it away from OUT."""

    @property
    def out(self) -> Path: ...
    def load_facts(self, call_id: str) -> Facts | None: ...
    def load_judged(self, call_id: str) -> Judged | None: ...
    def load_probes(self, call_id: str) -> dict[str, float | None]: ...
    def load_media(self, call_id: str) -> dict[str, Any]: ...
    def reviews(self, call_id: str) -> tuple[ReviewEntry, ...]: ...
    def save_facts(self, facts: Facts, media: Mapping[str, Any] | None = None) -> None: ...
    def save_judged(self, call_id: str, judged: Judged) -> None: ...
    def save_probes(self, call_id: str, answers: Mapping[str, float | None]) -> None: ...
    def save_report(
        self, call_id: str, report: Mapping[str, Any] | str, reviews: int = 0, part: Mapping[str, Any] | None = None
    ) -> None: ...
    def write(self, relative: str, content: str | bytes | Iterable[bytes]) -> None: ...
    def write_json(self, relative: str, content: Any) -> None: ...
    def drop_reports(self, call_id: str) -> None: ...
    def drop_audio(self, call_id: str, but: str) -> None: ...


S = TypeVar("S", bound=CallStore)


@runtime_checkable
class SharesThreads(Protocol):
    """What makes ears that share the machine's threads with those of other workers."""

    def among(self, workers: int) -> Callable[[], Ear]: ...


@dataclass(frozen=True)
class Job:
    """One call to be done: where it is, what is known of it, the key of its facts, and the standard it is judged by."""

    id: str
    path: Path
    sha256: str
    standard: str
    key: str
    sidecar: Mapping[str, Any] = field(default_factory=dict)


def job_of(facts: Facts, standard: str | None) -> Job:
    """Judging a call again from its kept facts: by ``standard``, or by the one that its sidecar asks for."""
    standard = standard or facts.sidecar.get("standard") or DEFAULT_STANDARD
    return Job(facts.call.id, kept_place(facts.call.path), facts.call.sha256, standard, facts.hearing.get("key") or "", facts.sidecar)


@dataclass(frozen=True)
class Done:
    """A finished call, written to OUT. ``heard`` says whether it was recognised now or judged from kept facts."""

    id: str
    heard: bool
    stages_s: Mapping[str, float] = field(default_factory=dict)


class Analyst(Generic[S]):
    """Does calls, one after the other, in one process; loads the model when the first call needs it.

    ``standards`` are those whose packs may not be on this machine, by the name that jobs give.
    """

    def __init__(self, store: S, settings: Settings, make_ear: Callable[[], Ear], standards: Mapping[str, Standard] | None = None) -> None:
        self.store = store
        self.settings = settings
        self.make_ear = make_ear
        self._standards = standards or {}
        self._ear: Ear | None = None
        self.tell_length: Callable[[float], None] = lambda seconds: None
        """Told the length of each recording as soon as it is known."""

    def among(self, workers: int) -> Analyst[S]:
        """The same for each of so many workers: they share the threads."""
        settings = replace(self.settings, workers=workers)
        make_ear = self.make_ear.among(workers) if isinstance(self.make_ear, SharesThreads) else self.make_ear
        return Analyst(self.store, settings, make_ear, self._standards)

    def __reduce__(self) -> tuple[Any, ...]:
        return Analyst, (self.store, self.settings, self.make_ear, self._standards)  # a loaded ear stays in its process

    def succeeding(self, earlier: Analyst[Any]) -> Analyst[S]:
        """This one with the ear that ``earlier`` has loaded, whose settings must be the same."""
        self._ear = earlier._ear
        return self

    @property
    def ear(self) -> Ear:
        """The loaded recogniser. Raises :class:`ModelError`."""
        if self._ear is None:
            self._ear = self.make_ear()
        return self._ear

    def analyse(self, job: Job) -> Done | FailedCall:
        """Hear (unless kept facts will do), judge and write one call. What is wrong with it becomes the reason."""
        try:
            return self._analyse(job)
        except VoicemonError as err:
            return self.failed(job, err)
        except MemoryError:
            return self._failed(job, f"{job.path}: not enough memory for this call; run with fewer --workers")
        except Exception as err:  # one call's fault, whatever it is, must not stop the others
            where = _place_of(err)
            return self._failed(job, f"{job.path}: a fault inside voicemon ({type(err).__name__} at {where}); please report it")
        finally:
            collect_young()

    def failed(self, job: Job, err: VoicemonError) -> FailedCall:
        """What a call comes to that could not be done because of ``err``; older reports of it are removed."""
        return replace(self._failed(job, str(err)), passing=isinstance(err, OutputError | ModelError))

    def _failed(self, job: Job, reason: str) -> FailedCall:
        try:
            self.store.drop_reports(job.id)
        except VoicemonError:
            reason += " (and an older report of it could not be removed)"
        return FailedCall(job.id, shown_path(job.path), printable(reason))

    def _analyse(self, job: Job) -> Done:
        with ExitStack() as held:
            return self._done(job, held)

    def _done(self, job: Job, held: ExitStack) -> Done:
        """``held`` keeps what was fetched as long as the call is in work."""
        watch = Stopwatch()
        standard = self._standards.get(job.standard) or standard_named(job.standard)
        kept = self.store.load_facts(job.id)
        heard = kept is None or kept.hearing.get("key") != job.key or kept.call.sha256 != job.sha256
        recording: Recording | None = None
        if kept is None or heard:
            with watch("decode"):
                recording = decode(held.enter_context(fetched(job.path)))
            self.tell_length(recording.duration_s)
            kept = self._heard(recording, CallInput(job.id, job.sidecar, cues_with(standard), job.key), watch)
            kept = replace(kept, call=replace(kept.call, path=shown_path(job.path)))
            if not self.settings.redact:
                with watch("write"):
                    self._keep(kept, recording)
        elif kept.redactions is None and not self.settings.redact and kept.call.path != shown_path(job.path) and job.path.is_file():
            kept = replace(kept, call=replace(kept.call, path=shown_path(job.path)))  # moved: where the sound can be asked now
            self.store.save_facts(kept)
        if self.settings.redact and kept.redactions is None:
            report = self._redacted(replace(kept, hearing={**kept.hearing, "key": job.key if heard else redacted_key(job.key)}),
                                    standard, recording, watch)
        else:
            report = self._judge(kept, standard, recording, watch)
        with watch("report"):
            tell(self.store, report, standard, self.settings.lang)
        return Done(job.id, heard, watch.stages_s)

    def _heard(self, recording: Recording, call: CallInput, watch: Stopwatch) -> Facts:
        from .hearing import hear  # a run that only judges does without its libraries of sound

        return hear(recording, call, self.ear, self.settings, watch)

    def _keep(self, facts: Facts, recording: Recording) -> None:
        """Save what hearing gave. The record comes last: whoever finds facts in it finds the sound too."""
        ending, sound = playable_copy(recording)
        name = f"audio/{facts.call.id}{ending}"
        self.store.write(f"calls/{name}", sound)
        if facts.redactions is not None:
            self.store.drop_audio(facts.call.id, but=name)
        lines = ("mono",) if recording.channels == 1 else ("left", "right")
        peaks = {line: envelope(recording.samples[i]) for i, line in enumerate(lines)}
        self.store.save_facts(facts, kept_media(link_to(name), peaks))

    def _redacted(self, facts: Facts, standard: Standard, recording: Recording | None, watch: Stopwatch) -> CallReport:
        """Judge with all words there, then keep and tell the call without what is personal: of a new call, no such word reaches OUT."""
        call_id, lang, thresholds = facts.call.id, self.settings.lang, phrase_thresholds(facts)
        if mask_path(call_id) != call_id:
            raise OutputError(f"{mask_path(call_id)}: the id of this call is personal itself; run voicemon run --redact into a new OUT")
        verifier = KeptVerifier({} if recording else self.store.load_probes(call_id), lambda: self._live_verifier(facts, recording))
        with watch("judge"):
            whole = judge(facts, standard, verifier, lang, thresholds)
        with watch("redact"):
            sound = recording or self._own_copy(facts)
            answers = UsedAnswers(verifier.answers())
            verdicts, masked = told(whole, redact(facts), lambda f: judge(f, standard, answers, lang, thresholds), standard, lang)
        with watch("write"):
            self.store.drop_reports(call_id)
            if recording is None:
                self.store.save_probes(call_id, {})  # stopped from here on, OUT holds no words of this call
            self._keep(masked, silenced(sound, masked.redactions or ()))
            self.store.save_probes(call_id, answers.used)
        return self._judgement(masked, standard, verdicts)

    def _own_copy(self, facts: Facts) -> Recording:
        """The sound of a call that was analysed before: the copy in OUT, which may be all that is left. Raises :class:`RecordingError`."""
        href = self.store.load_media(facts.call.id).get("audio_href")
        return decode(self.store.out / "calls" / unquote(href) if href else Path(facts.call.path))

    def _judgement(self, facts: Facts, standard: Standard, verdicts: tuple[Verdict, ...], asked: bool = True) -> CallReport:
        """Score and keep verdicts. ``asked``: the sound answered all that was asked of it."""
        receipt = {**made_with(facts), "standard_sha256": standard.digest, "lang": self.settings.lang}
        report = CallReport(facts, standard.name, standard.version, verdicts, score(verdicts, standard), receipt)
        key = judged_key(facts.hearing.get("key"), standard, self.settings.lang)
        key = key if asked else key_of(key, "sound not asked")  # judged once more when there is something to ask
        self.store.save_judged(facts.call.id, Judged(key, standard.name, standard.version, verdicts, report.score, report.made_with))
        return report

    def _judge(self, facts: Facts, standard: Standard, recording: Recording | None, watch: Stopwatch) -> CallReport:
        thresholds = phrase_thresholds(facts)
        key = judged_key(facts.hearing.get("key"), standard, self.settings.lang)
        judged = self.store.load_judged(facts.call.id)
        if judged is not None and judged.key == key:
            return CallReport(facts, judged.standard, judged.standard_version, judged.verdicts, judged.score, judged.made_with)
        kept = self.store.load_probes(facts.call.id) if recording is None else {}
        if facts.redactions is not None:
            answers = UsedAnswers(kept)  # the sound is not asked: it would take any phrase for likelier than a placeholder
            with watch("judge"):
                again = judged_again(facts, lambda f: judge(f, standard, answers, self.settings.lang, thresholds), standard,
                                     self.settings.lang)
            return self._judgement(facts, standard, again)
        verifier = KeptVerifier(kept, lambda: self._live_verifier(facts, recording))
        with watch("judge"):
            verdicts = judge(facts, standard, verifier, self.settings.lang, thresholds)
        if recording is not None or verifier.answers() != kept:
            self.store.save_probes(facts.call.id, verifier.answers())
        return self._judgement(facts, standard, verdicts, verifier.unanswered == 0)

    def _live_verifier(self, facts: Facts, recording: Recording | None) -> PhraseVerifier | None:
        """A verifier on the recording itself, where that is still there unchanged and the model that heard it can be loaded: limits and
        kept answers are of that one."""
        try:
            if recording is None:
                with fetched(kept_place(facts.call.path)) as path:
                    if not path.is_file() or sha256_of(path) != facts.call.sha256:
                        return None
                    recording = decode(path)
            heard_by = facts.hearing.get("model_sha256")
            return self.ear.verifier(recording, facts) if self.ear.describe().get("model_sha256") == heard_by else None
        except (VoicemonError, OSError):
            return None


def tell(store: CallStore, report: CallReport, standard: Standard, lang: str) -> None:
    """Write the reports of one call into OUT, with what people have said about its verdicts."""
    call_id = report.facts.call.id
    said = store.reviews(call_id)
    reviewed = replace(report, reviews=by_rule(said))
    page = call_page(reviewed, standard, media_of(store.load_media(call_id)), lang)
    store.write(f"calls/{call_id}.html", page)
    plain, text = values_and_text(reviewed, standard, lang)
    store.write(f"calls/{call_id}.json", text)
    # Last: as long as the record does not say that this was told, it will be told again.
    store.save_report(call_id, text, len(said), {"made_by": MADE_BY, **packed_part(part_of(plain))})


def _place_of(err: Exception) -> str:
    """The line of voicemon where a fault came up; its message is not told, it may hold words of the call."""
    here = str(Path(__file__).parent)
    frames = [frame for frame in traceback.extract_tb(err.__traceback__) if frame.filename.startswith(here)]
    return f"{Path(frames[-1].filename).relative_to(here)}:{frames[-1].lineno}"
