"""Models: found, put together, checked."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from voicemon.errors import ModelError
from voicemon.speech import models

PART_1, PART_2 = b"first half ", b"second half"
WHOLE = PART_1 + PART_2


def entry(model_bin: bytes = WHOLE) -> dict:
    def described(content: bytes, parts: list[str]) -> dict:
        return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "parts": parts}

    files = {"model.bin": described(model_bin, ["carrier_a/data/part1", "carrier_b/data/part2"])}
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        files[name] = described(b"{}", [f"carrier_a/data/{name}"])
    return {"tiny": {"revision": "abcdef0123456789", "licence": "MIT", "origin": "somewhere", "files": files}}


@pytest.fixture
def carriers(tmp_path, monkeypatch) -> Path:
    """Two packages with the parts of a model, whose code must not run, and an empty cache."""
    for package, files in {"carrier_a": {"part1": PART_1, "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"{}"},
                           "carrier_b": {"part2": PART_2}}.items():
        data = tmp_path / "site" / package / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").write_text("raise RuntimeError('the package was imported')")
        for name, content in files.items():
            (data / name).write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setenv("VOICEMON_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("VOICEMON_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "read_manifest", entry)
    return tmp_path


def make_folder(root: Path, content: bytes = WHOLE) -> Path:
    root.mkdir(parents=True)
    (root / "model.bin").write_bytes(content)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (root / name).write_text("{}")
    return root


def test_parts_are_put_together(carriers):
    """The model is the parts one after the other, in the cache, and known to be the published one."""
    found = models.find_model("tiny")
    assert (found.folder / "model.bin").read_bytes() == WHOLE
    assert found.folder.is_relative_to(carriers / "cache")
    assert found.verified and found.source == "packages" and found.sha256 == hashlib.sha256(WHOLE).hexdigest()


def test_wrong_parts_are_refused_and_nothing_is_left(carriers):
    """Packages that hold something else give an error, and no model.bin stays behind."""
    (carriers / "site/carrier_b/data/part2").write_bytes(b"tampered")
    with pytest.raises(ModelError, match="not the published one"):
        models.find_model("tiny")
    assert not list((carriers / "cache").rglob("*model.bin*"))


def test_a_changed_file_in_the_cache_is_refused(carriers):
    """A model.bin that changed since it was put together is not loaded."""
    (models.find_model("tiny").folder / "model.bin").write_bytes(b"x" * len(WHOLE))
    with pytest.raises(ModelError, match="not the published file"):
        models.find_model("tiny")


def test_an_unchanged_file_is_not_read_again(carriers, monkeypatch):
    """A second start believes size and time; verify reads again."""
    models.find_model("tiny")
    read = []
    monkeypatch.setattr(models, "sha256_of", lambda path: read.append(path.name) or "0" * 64)
    models.find_model("tiny")
    assert read == []
    assert models.list_models(verify=True)[0].files is None and "model.bin" in read


def test_a_missing_package_is_named_with_ways_out(carriers, monkeypatch):
    """The error says which package is missing and what else can be done."""
    (carriers / "site/carrier_b/data/part2").unlink()
    with pytest.raises(ModelError, match=r"carrier_b.*not installed.*pip install.*models/NAME.*--model"):
        models.find_model("tiny")


def test_several_first_starts_at_once_agree(carriers):
    """Four threads that put the model together at once all get the whole model."""
    found, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: found.append(models.find_model("tiny"))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and (found[0].folder / "model.bin").read_bytes() == WHOLE
    assert not list((carriers / "cache").rglob("*.part"))


def test_a_folder_in_models_is_found_by_name(carriers):
    """./models/NAME wins over packages, and $VOICEMON_MODELS is looked through too."""
    make_folder(carriers / "models" / "own", b"own")
    assert models.find_model("own").folder == Path("models/own")
    assert [s.name for s in models.list_models()] == ["tiny", "own"]


def test_the_models_variable_names_another_folder(carriers, monkeypatch):
    """$VOICEMON_MODELS/NAME is found."""
    make_folder(carriers / "elsewhere" / "other", b"other")
    monkeypatch.setenv("VOICEMON_MODELS", str(carriers / "elsewhere"))
    assert models.find_model("other").source == "folder"


def test_a_path_is_taken_as_it_is(carriers):
    """A path to a model folder needs no manifest; its hash is given but not verified."""
    folder = make_folder(carriers / "deep" / "model", b"mine")
    found = models.find_model(str(folder))
    assert found.sha256 == hashlib.sha256(b"mine").hexdigest() and not found.verified


def test_a_folder_named_like_a_manifest_entry_must_match_it(carriers):
    """./models/tiny with other weights than the published ones is refused."""
    make_folder(carriers / "models" / "tiny", b"other weights")
    with pytest.raises(ModelError, match="not the published file"):
        models.find_model("tiny")


def test_an_incomplete_folder_is_refused(carriers):
    """A folder without its tokenizer is named, with what is missing."""
    (make_folder(carriers / "models" / "half") / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="missing tokenizer.json"):
        models.find_model("half")


def test_an_unknown_name_is_refused_with_ways_out(carriers):
    """A name that is nothing gives the three ways out."""
    with pytest.raises(ModelError, match="'nosuch' is not known.*Ways out"):
        models.find_model("nosuch")


def test_a_hub_model_without_network_is_refused_with_ways_out(carriers, monkeypatch):
    """A hub name that cannot be fetched says so and says what to do."""
    def offline(name: str) -> str:
        raise OSError("no route to host")

    monkeypatch.setattr("faster_whisper.utils.download_model", offline)
    with pytest.raises(ModelError, match="no route to host.*Ways out"):
        models.find_model("small")


def test_the_shipped_manifest_names_every_file_of_base():
    """base: four files with size, hash and parts, licence and revision."""
    base = models.read_manifest()["base"]
    assert set(base["files"]) == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
    assert all(len(f["sha256"]) == 64 and f["bytes"] > 0 and f["parts"] for f in base["files"].values())
    assert base["licence"] == "MIT" and len(base["revision"]) == 40
