"""What is kept serves exactly as long as nothing that it depends on has changed."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voicemon import keys
from voicemon.resume import DONE


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """The hash is made once a process; each test has its own."""
    keys.judging_code.cache_clear()
    yield
    keys.judging_code.cache_clear()


def package(folder: Path, name: str, content: bytes = b"LIMIT = 1\n") -> Path:
    """A package of two modules to import from."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    (folder / name / "limits.py").write_bytes(content)
    return folder / name


def test_changed_judging_code_judges_again_and_hears_nothing(kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the version is the same, as while rules are worked on."""
    code = package(tmp_path / "code", "judging_in_work")
    monkeypatch.syspath_prepend(tmp_path / "code")
    monkeypatch.setattr(keys, "JUDGING", ("judging_in_work",))
    kit.call("one.wav")
    assert list(kit.run().analysed) == ["one"]
    again = kit.run()
    assert (list(again.analysed), list(again.judged_again), again.skipped) == ([], [], {"one": DONE})
    (code / "limits.py").write_bytes(b"LIMIT = 2\n")
    keys.judging_code.cache_clear()
    changed = kit.run()
    assert (list(changed.analysed), list(changed.judged_again)) == ([], ["one"])
    assert kit.run().skipped == {"one": DONE}


def test_the_same_code_is_the_same_however_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a zip, with the line ends of another system, with what Python compiles beside it."""
    files = {"plain": b"LIMIT = 1\n", "crlf": b"LIMIT = 1\r\n", "zipped": b"LIMIT = 1\n", "other": b"LIMIT = 2\n"}
    for where, content in files.items():
        package(tmp_path / where, "the_same", content)
    (tmp_path / "plain/the_same/__pycache__").mkdir()
    (tmp_path / "plain/the_same/limits.pyc").write_bytes(b"compiled")
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        for file in (tmp_path / "zipped/the_same").iterdir():
            archive.write(file, f"the_same/{file.name}")

    def judging_code(place: Path) -> str:
        with monkeypatch.context() as patch:
            patch.syspath_prepend(place)
            patch.setattr(keys, "JUDGING", ("the_same",))
            keys.judging_code.cache_clear()
            sys.modules.pop("the_same", None)
            return keys.judging_code()

    found = {where: judging_code(tmp_path / where) for where in ("plain", "crlf", "other")}
    assert found["plain"] == found["crlf"] == judging_code(tmp_path / "code.zip") != found["other"]
    sys.modules.pop("the_same", None)


def test_every_module_that_judges_is_part_of_it() -> None:
    """A package that is added below one of these must be named too."""
    root = Path(str(keys.files("voicemon"))).parent
    below = {".".join(p.parent.relative_to(root).parts) for name in keys.JUDGING for p in (root / name.replace(".", "/")).rglob("*.py")}
    assert below == set(keys.JUDGING)
