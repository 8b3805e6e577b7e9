"""Options that several commands share, and the settings that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .settings import DEFAULT_CALL_LIMIT, DEFAULT_MODEL, ENGINES, LANGUAGES, Settings, default_workers

STORE = click.option("--store", envvar="VOICEMON_STORE", metavar="URL", show_envvar=True,
                      help="Keep the record in this database, postgresql://USER@HOST/DATABASE [default: a file in OUT]")
WORKERS = click.option("--workers", type=click.IntRange(1),
                        help="Calls done at once, each in a process of its own [default: by cores and memory]")


def crew(command: Any) -> Any:
    """Options of commands that may recognise many calls."""
    for option in (
        click.option("--call-limit", type=click.FloatRange(0, min_open=True), metavar="N",
                     help="Give up a call that takes longer than N times its length and 5 minutes [default: 10; none with --workers 1]"),
        WORKERS,
    ):
        command = option(command)
    return command


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Settings of a command with :func:`crew`: a single worker that was asked for is this process itself, unless a limit was too."""
    workers, limit = options["workers"], options["call_limit"]
    limit = None if workers == 1 and limit is None else limit or DEFAULT_CALL_LIMIT
    return Settings(**{**options, "workers": workers or default_workers(), "call_limit": limit})


def engine(command: Any) -> Any:
    """Options that say who does the calls."""
    for option in reversed((
        click.option("--engine", type=click.Choice(ENGINES), default="local", show_default=True, help="This machine, or a Ray cluster"),
        click.option("--address", metavar="ADDRESS", help="Address of the Ray cluster [default: $RAY_ADDRESS, else one on this machine]"),
        click.option("--num-gpus", type=click.FloatRange(0), default=0.0, metavar="N", help="GPUs of each worker of the cluster"),
        click.option("--compute-type", default="int8", show_default=True, metavar="TYPE", help="Precision: int8, float16 (GPU), float32"),
    )):
        command = option(command)
    return command


def common(command: Any) -> Any:
    """Options that ``run``, ``judge`` and ``evaluate`` share."""
    for option in reversed((
        click.option("--standard", metavar="NAME|FILE", help="Standard to judge by [default: the sidecar's, else zijin-400]"),
        click.option("--model", default=DEFAULT_MODEL, show_default=True, metavar="NAME|FOLDER", help="Recognition model"),
        click.option("--lang", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="Language of reports"),
        click.option("-q", "--quiet", is_flag=True, help="Print problems only"),
        click.option("-v", "--verbose", count=True, help="Print more: each call, time per stage"),
    )):
        command = option(command)
    return command


def again(command: Any) -> Any:
    """Options of commands that analyse again what changed."""
    for option in reversed((
        click.option("--retry-failed", is_flag=True, help="Try calls again that could not be analysed before"),
        click.option("--include-forgotten", is_flag=True, help="Analyse recordings again that were to be forgotten"),
        click.option("--keep-days", type=click.IntRange(1), metavar="N", help="Forget calls of more than N days ago"),
    )):
        command = option(command)
    return command
