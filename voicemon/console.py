"""What the commands print: tables of plain text, a progress bar on a terminal, one line per call otherwise."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from .errors import OutputError
from .judge.loader import list_standards, load_standard
from .judge.standard import Standard
from .names import printable
from .report.as_text import summary_table, width
from .report.rows import worst_first
from .serial import write_atomically

if TYPE_CHECKING:  # a list of standards must not wait for the speech libraries
    from .evaluate import Evaluation
    from .folder import Progress, RunResult
    from .mutation_check import MutationCheck
    from .records import ReviewEntry
    from .report.changes import Change
    from .review import OpenPoint
    from .speech.models import ModelStatus
    from .verify import Check

MOST_ROWS = 40
MOST_NAMED = 5


@contextmanager
def progress(label: str, quiet: bool, verbose: int) -> Iterator[Progress]:
    """A :data:`~voicemon.folder.Progress`: a bar with the time left on a terminal, else a line per finished call."""
    bar: Any = None

    def on_terminal(call_id: str, finished: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(length=total, label=label, show_eta=True, show_pos=True).__enter__()
        bar.update(1)

    def on_lines(call_id: str, finished: int, total: int) -> None:
        click.echo(f"{finished}/{total} {printable(call_id)}")

    def nothing(call_id: str, finished: int, total: int) -> None:
        return None

    tell: Progress = on_lines
    if quiet:
        tell = nothing
    elif not verbose and sys.stdout.isatty():
        tell = on_terminal
    try:
        yield tell
    finally:
        if bar is not None:
            bar.render_finish()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned for a terminal, where a Chinese character is two columns wide."""
    every = [head, *rows]
    widths = [max(width(row[i]) for row in every) for i in range(len(head))]
    lines = ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def print_result(result: RunResult, out: Path, lang: str, quiet: bool, verbose: int) -> None:
    """The summary of a run: a row per call (worst first), what could not be done and why, and where to look."""
    from .finding import ENDINGS

    if quiet:
        for call in result.failed:
            click.echo(f"{printable(call.id)}: {printable(call.reason)}", err=True)
        _print_failed_before(result)
        _print_unaccounted(result)
        return
    worst = sorted(result.rows, key=worst_first)
    shown = worst if verbose else worst[:MOST_ROWS]
    if not result.found:
        click.echo("no recordings were found there; they are known by their endings: " + " ".join(sorted(ENDINGS)), err=True)
    click.echo(summary_table(shown, result.failed, lang))
    if len(shown) < len(worst):
        click.echo(f"… the worst {len(shown)} of {len(worst)} calls; -v shows all")
    for path, same_as in result.duplicates.items():
        click.echo(f"same audio as {same_as}, analysed once: {printable(path)}")
    print_account(result)
    total = sum(result.stages_s.values())
    if verbose and total:
        shares = (f"{stage} {seconds:.1f} s ({seconds / total:.0%})" for stage, seconds in result.stages_s.items())
        click.echo("time: " + ", ".join(shares))
    click.echo(f"look at {printable(out / 'index.html')}")


@contextmanager
def until_stopped(quiet: bool) -> Iterator[Event]:
    """An event for what runs until it is stopped. Ctrl-C and SIGTERM end the block at once and are no error: finished calls are kept."""
    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield Event()
    except KeyboardInterrupt:
        if not quiet:
            click.echo("stopped; finished calls are kept, run the same command again to go on")
    finally:
        signal.signal(signal.SIGTERM, before)


def told_batch(quiet: bool) -> Callable[[RunResult], None]:
    """Tells the account of a batch with the time; only what could not be analysed when ``quiet``."""
    def tell(result: RunResult) -> None:
        for call in result.failed:
            click.echo(f"{printable(call.id)}: {printable(call.reason)}", err=True)
        if quiet:
            _print_unaccounted(result)
            return
        click.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S} ", nl=False)
        print_account(result)
    return tell


def warn(message: str) -> None:
    """What went wrong and will be tried again."""
    click.echo(f"voicemon: {message}", err=True)


def print_account(result: RunResult) -> None:
    """What became of every recording that was found, and why what was passed over was."""
    from .resume import REMEDIES, counted

    click.echo(f"{result.found} found: {len(result.analysed)} analysed, {len(result.judged_again)} judged again, "
               f"{len(result.skipped)} skipped, {len(result.duplicates)} the same audio twice, {len(result.failed)} not analysed")
    for reason, count in counted(result.skipped).items():
        click.echo(f"skipped: {count} {reason}" + (f" ({REMEDIES[reason]})" if reason in REMEDIES else ""))
    if result.removed:
        click.echo(f"{_calls(len(result.removed))} in OUT older than --keep-days forgotten")
    _print_unaccounted(result)


def _print_failed_before(result: RunResult) -> None:
    """A quiet run that passes over what cannot be analysed must not look as if all of it were done."""
    from .resume import FAILED_BEFORE, REMEDIES, counted

    count = counted(result.skipped).get(FAILED_BEFORE)
    if count:
        click.echo(f"skipped: {_calls(count)} {FAILED_BEFORE} ({REMEDIES[FAILED_BEFORE]})", err=True)


def _print_unaccounted(result: RunResult) -> None:
    if result.found != result.accounted:
        click.echo(f"{result.found} recordings were found and {result.accounted} accounted for: please report this fault", err=True)


def print_under(call_ids: Sequence[str], score: float) -> None:
    """Why the exit code is 1."""
    more = f" and {len(call_ids) - MOST_NAMED} more" if len(call_ids) > MOST_NAMED else ""
    click.echo(f"{_calls(len(call_ids))} under --fail-under {score:g}: {', '.join(call_ids[:MOST_NAMED])}{more}", err=True)


def _calls(count: int) -> str:
    return f"{count} call" if count == 1 else f"{count} calls"


def print_forgotten(call_ids: Sequence[str], out: Path) -> None:
    """What was removed, on one line: the names of what is to be forgotten are not told again."""
    click.echo(f"{_calls(len(call_ids))} forgotten; nothing of them is left in {printable(out)} (recordings themselves are not touched)")


def print_evaluation(evaluation: Evaluation, changed: Sequence[Change] | None, quiet: bool) -> None:
    """The table of differences, and of changes since a baseline where there is one (``None``: there is none)."""
    differences = evaluation.differences
    if differences:
        rows = [[printable(cell) for cell in (d.call, d.what, d.expected, d.found, d.reason)] for d in differences]
        click.echo(table(("call", "what", "expected", "found", "reason"), rows))
    if not quiet or differences:
        click.echo(f"{_calls(evaluation.calls)}, {len(evaluation.comparisons)} expectations, {len(differences)} differences")
    if evaluation.mutations is not None:
        print_mutations(evaluation.mutations, quiet)
    if changed:
        rows = [[printable(cell) for cell in (c.call, c.what, c.before, c.after)] for c in changed]
        click.echo(table(("call", "what", "before", "after"), rows))
    if changed or (changed is not None and not quiet):
        click.echo(f"{len(changed)} changes since the baseline")


def print_mutations(mutations: MutationCheck, quiet: bool) -> None:
    """A row per verdict that had to flip (with ``quiet`` only those that did not), and what no recording allowed."""
    rows = [[printable(cell) for cell in row] for row in mutations.rows(stuck_only=quiet)]
    if rows:
        click.echo(table(mutations.columns, rows))
    if not quiet or mutations.stuck or mutations.impossible:
        click.echo(mutations.summary)


def print_checks(checks: Iterable[Check], quiet: bool) -> bool:
    """A line per recomputed call as it is done, with what differs; True when all agree."""
    counts: Counter[str] = Counter()
    agree = True
    for check in checks:
        agree = agree and check.agrees
        counts[check.state] += 1
        if quiet and check.agrees:
            continue
        click.echo(f"{printable(check.call)}: {check.state}")
        for line in (*check.remarks, *check.differences):
            click.echo(f"  {printable(line)}")
    if not quiet:
        click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    return agree


def print_review(entry: ReviewEntry) -> None:
    """What was recorded, on one line."""
    verdict = f"{entry.machine_outcome} → {entry.human_outcome}" if entry.human_outcome else entry.machine_outcome
    click.echo(printable(f"{entry.call_id} {entry.rule}: {verdict} ({entry.kind} by {entry.by}, {entry.at})"))


def print_open_points(points: Sequence[OpenPoint]) -> None:
    """Open appeals first, then unsure verdicts."""
    rows = [[printable(cell) for cell in (p.kind, p.call_id, p.rule, p.title, p.outcome, "" if p.at_s is None else f"{p.at_s:.1f}", p.by,
                                          " ".join(p.note.split()))] for p in sorted(points, key=lambda p: (p.kind, p.call_id))]
    if rows:
        click.echo(table(("kind", "call", "rule", "title", "verdict", "at s", "by", "note or reason"), rows))
    click.echo(f"{sum(p.kind == 'appeal' for p in points)} open appeals, {sum(p.kind == 'unsure' for p in points)} unsure verdicts")


def write_result(path: Path, text: str, option: str) -> None:
    """Write a file that ``option`` asked for, whole or not at all."""
    try:
        write_atomically(path, text)
    except OSError as err:
        raise OutputError(f"{path}: cannot be written ({err.strerror}); give another {option}") from err


def print_standards() -> None:
    """A row per shipped standard."""
    packs = [load_standard(name) for name in sorted(list_standards())]
    click.echo(table(("name", "version", "rules", "title"), [(p.name, p.version, str(len(p.rules)), p.title) for p in packs]))


def print_standard(standard: Standard) -> None:
    """Every rule of a standard with the source's words."""
    click.echo(f"{standard.name} {standard.version}: {standard.title}")
    for rule in standard.rules:
        marks = f"{rule.evidence}{', fatal' if rule.fatal else ''}, weight {rule.weight:g}"
        click.echo(f"\n{rule.id}  {rule.title}  ({marks})\n    {rule.quote}")
        if rule.why:
            click.echo(f"    {rule.why}")


def print_models(statuses: Sequence[ModelStatus]) -> None:
    """A row per model; why one cannot be used comes after the table."""
    rows = []
    for status in statuses:
        files = status.files
        if files is None:
            rows.append((status.name, "-", "-", "-", "cannot be used"))
            continue
        state = "published hash" if files.verified else "not in the manifest"
        rows.append((status.name, files.source, str(files.folder), files.sha256[:12], state))
    click.echo(table(("model", "from", "folder", "sha256", "state"), rows))
    for status in statuses:
        if status.problem:
            click.echo(f"{status.name}: {status.problem}", err=True)


def _pad(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
