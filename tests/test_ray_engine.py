"""A cluster gives what one machine gives; a lost worker costs the repetition of its call. On a real Ray of two workers."""

from __future__ import annotations

import importlib.util
import os
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import Deadly

from voicemon.ear import WhisperEarFactory
from voicemon.errors import SettingsError
from voicemon.settings import Settings

RAY = {"engine": "ray", "workers": 2}
STARTS_OF_RAY = 3
TESTS = Path(__file__).parent
# What differs between two runs of one machine too.
TIMES = {("calls", "heard_at"), ("schema_version", "at")}


class Pretended:
    """What the engine uses of Ray, in one process and one thread; counts what waits for a worker."""

    class exceptions:  # noqa: N801 - as Ray names it
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            pass

    def __init__(self) -> None:
        self.waiting: dict[int, Any] = {}
        self.most_waiting, self.start_fails = 0, False
        self.options: dict[str, Any] = {}

    def remote(self, kind: type) -> Any:
        def with_options(**options: Any) -> Any:
            self.options = options
            return SimpleNamespace(remote=lambda *values: self._actor(kind(*pickled(values))))

        return SimpleNamespace(options=with_options)

    def _actor(self, worker: Any) -> Any:
        return SimpleNamespace(versions=SimpleNamespace(remote=lambda: self._submit(worker, "versions", ())),
                               analyse=SimpleNamespace(remote=lambda *values: self._submit(worker, "analyse", values)))

    def _submit(self, worker: Any, name: str, values: Any) -> int:
        number = self._next = getattr(self, "_next", 0) + 1
        self.waiting[number] = (worker, name, pickled(values))
        self.most_waiting = max(self.most_waiting, sum(name == "analyse" for _, name, _ in self.waiting.values()))
        return number

    def get(self, number: int) -> Any:
        worker, name, values = self.waiting.pop(number)
        if self.start_fails:
            raise self.exceptions.RayError("no node")
        return pickled(getattr(worker, name)(*values))

    def wait(self, numbers: list[int], num_returns: int) -> tuple[list[int], list[int]]:
        oldest = min(numbers)
        return [oldest], [number for number in numbers if number != oldest]

    def put(self, value: Any) -> Any:
        return value

    def kill(self, actor: Any) -> None:
        return None


def pickled(value: Any) -> Any:
    """``value`` as it arrives elsewhere."""
    return pickle.loads(pickle.dumps(value))


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A Ray of two cores on this machine, started as the engine starts one, and closed down."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'voicemon[ray]' to test --engine ray")
    from voicemon.ray_engine import _connected

    with pytest.MonkeyPatch.context() as patch:
        # so that its processes find the fakes
        patch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", ""))))
        patch.delenv("RAY_ADDRESS", raising=False)
        with ExitStack() as held:
            for left in reversed(range(STARTS_OF_RAY)):
                try:  # Ray gives itself 30 s to start, which a machine with other work may not make
                    started = held.enter_context(_connected(Settings(**RAY)))
                    break
                except SettingsError:
                    if not left:
                        raise
            yield started


def contents(out: Path) -> dict[str, Any]:
    """Every file of OUT and every row of its record, but for times."""
    files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and not p.name.startswith("voicemon.db")}
    files.pop("summary.xlsx")  # a zip: holds the time
    connection = sqlite3.connect(out / "voicemon.db")
    connection.row_factory = sqlite3.Row
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {table: sorted(repr([(key, row[key]) for key in row.keys() if (table, key) not in TIMES])  # noqa: SIM118 - a row, no dict
                          for row in connection.execute(f"SELECT * FROM {table}")) for table in tables}
    connection.close()
    rows.pop("files")  # only of recordings that have been there for a while
    return {**files, **rows}


def test_a_cluster_gives_what_one_machine_gives(kit: Any, ray: Any) -> None:
    for i in range(3):
        kit.call(f"c{i}.wav", kit.a_call(3.0 + i))
    (kit.folder / "broken.wav").write_bytes(b"no sound")
    here, there = kit.run(), kit.beside("out2").run(**RAY)
    assert there.analysed == here.analysed == ("c0", "c1", "c2")
    assert [f.id for f in there.failed] == ["broken"] and there.failed == here.failed and there.rows == here.rows
    assert contents(kit.beside("out2").out) == contents(kit.out)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    """A cluster in this process: its workers do what they are given when they are asked for the result."""
    cluster = Pretended()
    monkeypatch.setattr("voicemon.ray_engine._connected", lambda settings: nullcontext(cluster))
    monkeypatch.setattr("voicemon.engines.check_engine", lambda settings: None)
    monkeypatch.setattr("voicemon.folder.check_engine", lambda settings: None)
    return cluster


def test_a_lost_worker_costs_the_repetition_of_its_call_and_no_more(kit: Any, ray: Any, tmp_path: Path) -> None:
    """``once`` kills its first worker, ``always`` each it is given to; the others are done as if nothing had been."""
    for name, seconds in (("a", 3.0), ("always", 6.0), ("c", 4.0), ("once", 5.0)):
        kit.call(f"{name}.wav", kit.a_call(seconds))
    log = tmp_path / "log"
    result = kit.run(ear=Deadly(log=str(log), deaths=((5.0, 1), (6.0, 9))), **RAY)
    assert result.analysed == ("a", "c", "once")
    assert [f.id for f in result.failed] == ["always"] and "was lost 2 times" in result.failed[0].reason
    assert sorted(log.read_text(encoding="utf-8").split()) == ["3.0", "4.0", "5.0", "5.0", "6.0", "6.0"]
    assert not (kit.out / "calls/always.json").exists()


def test_calls_are_judged_again_from_kept_facts_and_done_ones_are_skipped(kit: Any, pretended: Pretended, tmp_path: Path) -> None:
    kit.call("one.wav")
    other, log = kit.beside("out2"), str(tmp_path / "log")
    first = kit.pack.read_text(encoding="utf-8")
    for run in (kit.run, lambda: other.run(ear=Deadly(log=log), **RAY)):
        _write_pack(kit.pack, first)
        run()
        _write_pack(kit.pack, first.replace("您好|你好", "再见"))
        assert list(run().judged_again) == ["one"]
        assert list(run().skipped) == ["one"]
    assert contents(other.out) == contents(kit.out)
    assert Path(log).read_text(encoding="utf-8").split() == ["6.0"]


def _write_pack(path: Path, text: str) -> None:
    from voicemon.known_standards import standard_named

    path.write_text(text, encoding="utf-8")
    standard_named.cache_clear()


def test_few_calls_are_on_their_way_at_a_time(kit: Any, pretended: Pretended) -> None:
    for i in range(7):
        kit.call(f"c{i}.wav", kit.a_call(2.0 + i / 4))
    assert len(kit.run(**RAY).analysed) == 7
    assert pretended.most_waiting == 2 * 2


def test_a_share_of_a_gpu_is_asked_for_and_computed_on(kit: Any, pretended: Pretended) -> None:
    kit.call("one.wav")
    share = {**RAY, "num_gpus": 0.25, "compute_type": "float16", "threads": 2, "workers": 1}
    assert Settings(**share).device == "cuda" and Settings(**RAY).device == "cpu"
    assert list(kit.run(**share).analysed) == ["one"]
    assert pretended.options == {"num_cpus": 2, "num_gpus": 0.25, "max_restarts": 0}


def test_packs_go_to_workers_with_the_calls(kit: Any, pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker on another machine has no such file."""
    kit.call("one.wav")
    sent: list[Any] = []
    monkeypatch.setattr(pretended, "put", lambda value: sent.append(value) or value)
    kit.run(**RAY)
    assert [standard.name for standard in sent] == ["tiny"]


def test_a_cluster_where_workers_cannot_start_is_told(kit: Any, pretended: Pretended) -> None:
    kit.call("one.wav")
    pretended.start_fails = True
    with pytest.raises(SettingsError, match="no worker could be started"):
        kit.run(**RAY)
    assert not list((kit.out / "calls").glob("*.json"))


def test_a_call_that_cannot_be_written_fails_alone(kit: Any, pretended: Pretended) -> None:
    kit.call("one.wav")
    kit.call("two.wav", kit.a_call(4.0))
    (kit.out / "calls/one.html/in-the-way").mkdir(parents=True)
    result = kit.run(**RAY)
    assert [f.id for f in result.failed] == ["one"] and list(result.analysed) == ["two"]


def test_a_cluster_without_room_for_one_worker_is_told(kit: Any, ray: Any) -> None:
    from voicemon.ray_engine import _check_room

    with pytest.raises(SettingsError, match="no machine of the cluster has 1 CPU and 1 GPU"):
        _check_room(ray, Settings(engine="ray", num_gpus=1))


def test_a_cluster_with_another_voicemon_is_refused(kit: Any, pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.call("one.wav")
    monkeypatch.setattr("voicemon.ray_engine.Worker.versions", lambda self: ("9.9", "0" * 64))
    with pytest.raises(SettingsError, match="has voicemon 9.9 with model 000000000000, this one"):
        kit.run(**RAY)


def test_an_address_where_no_cluster_is_is_told(ray: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicemon.ray_engine import _connected

    def refused(**_: Any) -> None:
        raise ConnectionError("Could not find any running Ray instance")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refused)
    settings = Settings(**RAY, address="10.0.0.1:6379")
    with pytest.raises(SettingsError, match="no Ray on 10.0.0.1:6379 .*check --address"), _connected(settings):
        pass


def test_without_ray_the_extra_is_named_before_anything_is_done(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.call("one.wav")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'voicemon\[ray\]'"):
        kit.run(**RAY)
    assert not kit.out.exists()


def test_the_password_of_the_record_stays_here() -> None:
    settings = Settings(**RAY, store="postgresql://monitor:s3cret@db/calls")
    assert b"s3cret" not in pickle.dumps(WhisperEarFactory(settings))


@pytest.mark.parametrize("wrong", [{"address": "a:1"}, {"num_gpus": 1.0}, {"engine": "ray", "num_gpus": -1.0}, {"engine": "spark"}])
def test_settings_of_a_cluster_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Settings(**wrong)
