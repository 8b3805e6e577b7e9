"""The command line: parse, call one function, print, exit. Heavy imports are inside the commands."""

from __future__ import annotations

import enum
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from . import __version__
from .cli_options import STORE, WORKERS, again, common, crew, engine, settings_of
from .collector import collect_rarely
from .encodings import print_anywhere
from .errors import PackError, VoicemonError
from .names import printable
from .records import OUTCOMES
from .remote import place
from .settings import AGENT_CHANNELS, MUTATIONS, Settings, default_workers


class ExitStatus(enum.IntEnum):
    """What the exit code of a command means."""

    FINE = 0
    DIFFERENCE = 1  # evaluate found a difference, a mutation flipped nothing, or --fail-under was not met
    USAGE = 2  # wrong usage, settings, standard, model or output folder
    CALL_FAILED = 3  # a call could not be analysed; all others were
    STOPPED = 130  # stopped by Ctrl-C; finished calls are kept
    TERMINATED = 143  # stopped by SIGTERM, in the same way


class _Terminated(KeyboardInterrupt):
    """SIGTERM: the same as Ctrl-C, but for the exit code."""


def _terminate(signum: int, frame: Any) -> None:
    raise _Terminated


def main() -> None:
    """Entry point of the console script: every error on purpose becomes one line and an exit code here."""
    signal.signal(signal.SIGTERM, _terminate)
    # NumPy's products round otherwise with each number of threads, and what is heard with them; read when NumPy is first imported.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    collect_rarely()
    print_anywhere()
    try:
        status = commands.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except click.ClickException as err:
        err.show()
        status = ExitStatus.USAGE
    except VoicemonError as err:
        click.echo(f"voicemon: {err}", err=True)
        status = ExitStatus.USAGE
    except OSError as err:  # of a file that nobody expected to fail, or of what reads the output
        what = printable(err.filename) if err.filename else "the system"
        click.echo(f"voicemon: {what}: {err.strerror or type(err).__name__}; see to it and run the same command again", err=True)
        status = ExitStatus.USAGE
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo("voicemon: stopped; finished calls are kept, run the same command again to go on", err=True)
        terminated = isinstance(stop, _Terminated) or isinstance(stop.__cause__, _Terminated)
        status = ExitStatus.TERMINATED if terminated else ExitStatus.STOPPED
    sys.exit(int(status or ExitStatus.FINE))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="voicemon")
def commands() -> None:
    """Listen to recorded customer-service calls and tell how well each kept the service standard.

    To begin: voicemon run FOLDER --out OUT, then open OUT/index.html.

    Exit codes: 0 fine; 1 a difference, or --fail-under not met; 2 wrong usage, settings, standard or model; 3 a call could not
    be analysed; 130 stopped by Ctrl-C, 143 by SIGTERM.
    """


@commands.command(short_help="Analyse recordings and write the reports to OUT.")
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER|FILE|ADDRESS...", type=place)
@click.option("--out", required=True, metavar="OUT", type=click.Path(path_type=Path), help="Folder for the reports")
@common
@STORE
@click.option("--agent-channel", type=click.Choice(AGENT_CHANNELS), default="auto", show_default=True,
              help="The agent's channel; auto: by the sidecar, else by what is said")
@crew
@engine
@click.option("--redact", is_flag=True, help="Mask numbers, names, addresses in all reports, silence them in the audio copies")
@again
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="SCORE", help="Exit with 1 when a call scores less")
def run(paths: tuple[Path, ...], out: Path, fail_under: float | None, quiet: bool, verbose: int, **options: Any) -> int:
    """Analyse recordings and write the reports to OUT; calls that are done already are skipped.

    Of a FOLDER every recording in it and below, of an ADDRESS (s3://…, needs the extra "remote") likewise. Open OUT/index.html first.
    """
    from . import console, folder
    from .ear import WhisperEarFactory

    settings = settings_of(options)
    with console.progress("calls", quiet, verbose) as progress:
        result = folder.run(paths, out, settings, WhisperEarFactory(settings), progress)
    console.print_result(result, out, settings.lang, quiet, verbose)
    return _status(result, fail_under)


@commands.command(short_help="Analyse recordings as they arrive in FOLDER, until stopped.")
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="OUT", type=click.Path(path_type=Path), help="Folder for the reports")
@common
@STORE
@click.option("--agent-channel", type=click.Choice(AGENT_CHANNELS), default="auto", show_default=True,
              help="The agent's channel; auto: by the sidecar, else by what is said")
@crew
@click.option("--redact", is_flag=True, help="Mask numbers, names, addresses in all reports, silence them in the audio copies")
@again
@click.option("--poll", "poll_s", type=click.FloatRange(0.1), default=5.0, show_default=True, metavar="S", help="Look every S seconds")
@click.option("--settle", "settle_s", type=click.FloatRange(0), default=10.0, show_default=True, metavar="S",
              help="Take a recording that did not change for S seconds")
@click.option("--sidecar-wait", "sidecar_s", type=click.FloatRange(0), default=30.0, show_default=True, metavar="S",
              help="Let a recording without NAME.json wait for one")
def watch(paths: tuple[Path, ...], out: Path, quiet: bool, verbose: int, **options: Any) -> int:
    """Analyse recordings in FOLDER as they are completely written, until stopped (Ctrl-C or SIGTERM)."""
    from . import console
    from .arrivals import Pace
    from .ear import WhisperEarFactory
    from .watch import Watch

    pace = Pace(**{name: options.pop(name) for name in ("poll_s", "settle_s", "sidecar_s")})
    settings = settings_of(options)
    with console.until_stopped(quiet) as stop, console.progress("calls", quiet or not verbose, verbose) as progress:
        Watch(paths, out, settings, WhisperEarFactory(settings), pace).until(stop, progress, console.told_batch(quiet), console.warn)
    return ExitStatus.FINE


@commands.command(short_help="Judge the calls in OUT again; nothing is recognised.")
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
@common
@STORE
@WORKERS
@click.option("--redact", is_flag=True, help="Mask numbers, names, addresses in all reports, silence them in the audio copies")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="SCORE", help="Exit with 1 when a call scores less")
def judge(out: Path, fail_under: float | None, quiet: bool, verbose: int, **options: Any) -> int:
    """Judge the calls in OUT again from their kept facts; nothing is recognised."""
    from . import console, folder
    from .ear import WhisperEarFactory

    settings = Settings(**{**options, "workers": options["workers"] or default_workers()})
    with console.progress("calls", quiet, verbose) as progress:
        result = folder.judge_again(out, settings, WhisperEarFactory(settings), progress)
    console.print_result(result, out, settings.lang, quiet, verbose)
    return _status(result, fail_under)


@commands.command(short_help="Remove calls and all that was derived from them.")
@click.argument("who", required=False, metavar="CALL|AGENT")
@click.option("--out", required=True, metavar="OUT", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder to remove it from")
@click.option("--call", "kind", flag_value="call", help="CALL is meant, where an agent has the same id")
@click.option("--agent", "kind", flag_value="agent", help="AGENT is meant, where a call has the same id")
@click.option("--older-than-days", "days", type=click.IntRange(1), metavar="N", help="Forget all calls of more than N days ago")
@click.option("--standard", metavar="NAME|FILE", help="The pack that other calls were judged by, where that is not shipped")
@STORE
def forget(who: str | None, out: Path, days: int | None, kind: str | None, standard: str | None, store: str | None) -> None:
    """Remove a call, or all calls of an agent, and everything that was derived from it; it is not analysed again."""
    from . import console, retention

    if (who is None) == (days is None):
        raise click.UsageError("give CALL, AGENT or --older-than-days N")
    where = {"address": store, "standard": standard}
    removed = retention.forget(out, who, kind, **where) if who is not None else retention.forget_older(out, days or 0, **where)
    console.print_forgotten(removed, out)


@commands.command(short_help="Hold the calls in FOLDER against what is expected of them.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write the result as JUnit XML")
@click.option("--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Write the result for a pull request's comment")
@click.option("--baseline", metavar="OLD", type=click.Path(path_type=Path, exists=True),
              help="Tell what changed since OLD: an earlier OUT or its verdicts.jsonl")
@click.option("--mutate", is_flag=True, help="Change each recording so that rules are broken: the verdicts must flip (takes longer)")
@click.option("--mutate-kind", "mutate_kinds", multiple=True, type=click.Choice(MUTATIONS), help="Only this kind of mutation; repeatable")
@click.option("--out", metavar="OUT", type=click.Path(path_type=Path), help="Keep the reports here [default: thrown away]")
@common
@crew
def evaluate(folder: Path, out: Path | None, mutate: bool, quiet: bool, verbose: int, **options: Any) -> int:
    """Hold the calls in FOLDER against their NAME.expected.json: every outcome, every measure."""
    from . import console
    from .ear import WhisperEarFactory
    from .evaluate import evaluate_folder
    from .report.changes import changes, read_snapshot

    junit, markdown, baseline, kinds = (options.pop(name) for name in ("junit", "markdown", "baseline", "mutate_kinds"))
    old = read_snapshot(baseline) if baseline else None
    settings = settings_of(options)
    with console.progress("calls", quiet, verbose) as progress:
        evaluation = evaluate_folder(folder, out, settings, WhisperEarFactory(settings), progress, kinds or MUTATIONS * mutate)
    changed = None if old is None else changes(old, evaluation.snapshot)
    console.print_evaluation(evaluation, changed, quiet)
    if junit is not None:
        console.write_result(junit, evaluation.junit(), "--junit")
    if markdown is not None:
        console.write_result(markdown, evaluation.markdown(changed), "--markdown")
    return ExitStatus.FINE if evaluation.fine else ExitStatus.DIFFERENCE


@commands.group()
def standards() -> None:
    """List, show and check service standards (rule packs)."""


@standards.command("list")
def standards_list() -> None:
    """Name every standard that is shipped."""
    from . import console

    console.print_standards()


@standards.command("show")
@click.argument("name", metavar="NAME|FILE")
def standards_show(name: str) -> None:
    """Show every rule of a standard: the NAME of a shipped one, or the FILE of a pack."""
    from . import console
    from .judge.loader import load_standard

    console.print_standard(load_standard(name))


@standards.command("check")
@click.argument("file", type=click.Path(exists=True))
def standards_check(file: str) -> None:
    """Check a pack and the examples beside its rules; every problem is told with file and line."""
    from .judge.examples import run_examples
    from .judge.loader import load_standard, own_rules

    standard = load_standard(file)
    own = own_rules(Path(file)) if Path(file).is_file() else frozenset(rule.id for rule in standard.rules)
    wrong = run_examples(standard, tuple(rule for rule in standard.rules if rule.id in own))
    if wrong:
        raise PackError("\n".join((f"{file}: {len(wrong)} examples do not come out as they should", *wrong)))
    click.echo(f"{file}: fine, {len(standard.rules)} rules of {standard.name} {standard.version}")


@commands.command(short_help="List the recognition models that are here.")
@click.option("--no-verify", is_flag=True, help="Do not hash every file again")
def models(no_verify: bool) -> int:
    """List the recognition models that are here and verify their hashes."""
    from . import console
    from .speech.models import list_models

    statuses = list_models(verify=not no_verify)
    console.print_models(statuses)
    return ExitStatus.USAGE if any(status.problem for status in statuses) else ExitStatus.FINE


@commands.command(short_help="Recompute a sample of calls and compare.")
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--sample", type=click.IntRange(0), default=5, show_default=True, metavar="N", help="Recompute N calls; 0 is all")
@click.option("--standard", metavar="NAME|FILE", help="The pack they were judged by, where that is not shipped")
@click.option("--model", metavar="NAME|FOLDER", help="The model they were heard with [default: the one they name]")
@STORE
@click.option("-q", "--quiet", is_flag=True, help="Print calls that do not agree only")
def verify(out: Path, quiet: bool, **options: Any) -> int:
    """Recompute a sample of the calls in OUT from their recordings and say whether they agree; OUT is not changed."""
    from . import console
    from .ear import WhisperEar
    from .verify import Order, verify

    agree = console.print_checks(verify(out, Order(**options), WhisperEar), quiet)
    return ExitStatus.FINE if agree else ExitStatus.DIFFERENCE


@commands.group(short_help="Appeals of agents, what is unsure, decisions of people.")
def review() -> None:
    """Take in appeals, list what waits for a person, and record what people decide; nothing is overwritten."""


_STANDARD = click.option("--standard", metavar="NAME|FILE", help="The pack it was judged by, where that is not shipped")
_OUT = click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))


@review.command("add")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_OUT
@_STANDARD
@STORE
def review_add(file: Path, out: Path, standard: str | None, store: str | None) -> None:
    """Take an agent's appeal-….json into OUT."""
    from . import console
    from .review import add_appeal

    console.print_review(add_appeal(file, out, standard, store))


@review.command("list")
@_OUT
@STORE
def review_list(out: Path, store: str | None) -> None:
    """List open appeals and unsure verdicts."""
    from . import console
    from .review import open_points

    console.print_open_points(list(open_points(out, store)))


@review.command("decide")
@_OUT
@click.argument("call")
@click.argument("rule")
@click.option("--uphold", "verdict", flag_value="uphold", help="The machine's verdict is right")
@click.option("--overturn", "verdict", flag_value="overturn", help="It is wrong")
@click.option("--by", required=True, metavar="NAME", help="Who decides")
@click.option("--reason", required=True, metavar="TEXT", help="Why")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="What it is instead [default: the opposite]")
@_STANDARD
@STORE
def review_decide(out: Path, call: str, rule: str, verdict: str | None, **options: Any) -> None:
    """Record a person's verdict on RULE in CALL (ids as on its page) beside the machine's, with name, time and reason."""
    from . import console
    from .review import Decision, decide

    if verdict is None:
        raise click.UsageError("give --uphold or --overturn")
    where = (options.pop("standard"), options.pop("store"))
    console.print_review(decide(out, Decision(call, rule, verdict == "uphold", **options), *where))


def _status(result: Any, fail_under: float | None) -> int:
    from .resume import FAILED_BEFORE

    if result.failed or FAILED_BEFORE in result.skipped.values() or result.found != result.accounted:
        return ExitStatus.CALL_FAILED
    scores = {row.id: row.standing.score for row in result.rows}
    under = sorted(call_id for call_id, score in scores.items() if fail_under is not None and score is not None and score < fail_under)
    if under:
        from .console import print_under

        print_under(under, fail_under or 0.0)
    return ExitStatus.DIFFERENCE if under else ExitStatus.FINE
