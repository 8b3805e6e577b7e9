"""Builders that all tests share: a pack of one rule, and a run into a folder of their own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import postgres
import pytest
from fakes import RATE_HZ, FakeEarFactory, Killer, a_call, silence, speech_like, write_wav

from voicemon.settings import Settings

if TYPE_CHECKING:  # tests of one module should not need all the others
    from voicemon.folder import RunResult
    from voicemon.store import Store

# Started in the background by a script, this process ignores Ctrl-C, and so would every command that a test starts and stops.
signal.signal(signal.SIGINT, signal.default_int_handler)

TINY_PACK = """
name: tiny
title: "A pack of one rule"
version: "1"
cues: ["紫金金行"]
rules:
  - id: T-1
    title: "greeting"
    quote: "您好"
    evidence: direct
    check: must_say
    by: agent
    say: ["您好|你好"]
    where: {first_s: 15}
    examples: {fires: ["A: 喂"], quiet: ["A: 您好，紫金金行"]}
"""


@dataclass(frozen=True)
class Kit:
    """What a test needs to make calls and run over them; nothing here needs a model or the network."""

    folder: Path
    out: Path
    pack: Path
    store: str | None = None

    def call(self, name: str, samples: np.ndarray | None = None, rate_hz: int = RATE_HZ) -> Path:
        """Write a call into the folder; without ``samples`` an ordinary one."""
        return write_wav(self.folder / name, a_call() if samples is None else samples, rate_hz)

    def run(self, *paths: Path, ear: Callable[[], Any] | None = None, **settings: Any) -> RunResult:
        """Analyse ``paths`` (the folder, if none are given) into ``out``."""
        from voicemon.folder import run

        chosen = Settings(**{"standard": str(self.pack), "agent_channel": "left", "store": self.store, **settings})
        return run(list(paths) or [self.folder], self.out, chosen, ear or FakeEarFactory(), lambda *_: None)

    def judge(self, **settings: Any) -> RunResult:
        """Judge all that is in ``out`` again."""
        from voicemon.folder import judge_again

        chosen = Settings(**{"standard": str(self.pack), "agent_channel": "left", "store": self.store, **settings})
        return judge_again(self.out, chosen, FakeEarFactory(), lambda *_: None)

    def record(self) -> Store:
        """What is kept in ``out``, to look into it."""
        from voicemon.store import Store

        return Store(self.out, self.store)

    def damage(self, *statements: str) -> None:
        """Change the record behind its back."""
        with self.record().database.write() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def beside(self, name: str) -> Kit:
        """The same calls with another OUT, whose record is a file in it."""
        return Kit(self.folder, self.out.with_name(name), self.pack)

    speech_like = staticmethod(speech_like)
    silence = staticmethod(silence)
    a_call = staticmethod(a_call)
    fake_ear = staticmethod(FakeEarFactory)
    killer = staticmethod(Killer)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of these tests' own; skips where its programs are not installed."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server here: install the package postgresql to test --store")
    with postgres.temporary_cluster(binaries) as address:
        yield address


@pytest.fixture
def postgres_store(postgres_server: str) -> str:
    """The address of an empty schema."""
    pytest.importorskip("psycopg", reason="no psycopg here: pip install 'voicemon[postgres]' to test --store")
    return postgres.new_schema(postgres_server)


@pytest.fixture
def kit(tmp_path: Path, request: pytest.FixtureRequest) -> Kit:
    """A folder for recordings, an OUT beside it, and a pack of one rule. Parametrized with ``postgresql``: the record is there."""
    pack = tmp_path / "tiny.yaml"
    pack.write_text(TINY_PACK, encoding="utf-8")
    (tmp_path / "calls").mkdir()
    store = request.getfixturevalue("postgres_store") if getattr(request, "param", "sqlite") == "postgresql" else None
    return Kit(tmp_path / "calls", tmp_path / "out", pack, store)
