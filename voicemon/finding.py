"""Finding recordings in folders: recursive, in a stable order, passing over what is hidden, no audio, or voicemon's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from .errors import SettingsError
from .names import printable
from .remote import is_remote
from .store import MARKER

# Endings of sound files; gsm and wma cannot be decoded but are calls, and must be listed as such rather than passed over.
ENDINGS = frozenset((
    ".wav", ".wave", ".w64", ".mp3", ".ogg", ".oga", ".opus", ".flac", ".amr", ".awb", ".m4a", ".mp4", ".aac", ".aiff", ".aif", ".au",
    ".caf", ".3gp", ".mka", ".webm", ".gsm", ".wma"))


@dataclass(frozen=True)
class Found:
    """A recording: its absolute ``path``, and ``relative`` to what the user named, from which its id comes."""

    path: Path
    relative: PurePath


@dataclass(frozen=True)
class Unreadable:
    """Something that should have been searched or read and cannot be, with the reason."""

    path: Path
    relative: PurePath
    reason: str


def find_recordings(paths: Sequence[Path], out: Path) -> list[Found | Unreadable]:
    """Every recording in ``paths`` (folders are searched, files taken as they are), each once, sorted by path.

    Raises :class:`SettingsError` for a path that is not there or is an output folder itself.
    """
    found: dict[Path, Found | Unreadable] = {}
    own = out.resolve()
    searched = [Path(given).resolve() for given in paths if not is_remote(given)]
    for given in paths:
        if is_remote(given):
            found.update((item.path, item) for item in _at_address(given) if item.path not in found)
            continue
        path = Path(os.path.abspath(given))
        if path.is_dir():
            if _is_output(path, own):
                raise SettingsError(f"{printable(given)}: is an output folder, which is never searched; give the folder of the recordings, "
                                    "and another one as --out")
            for item in _in_folder(path, own, searched):
                found.setdefault(item.path, item)
        elif path.exists() or path.is_symlink():
            found.setdefault(path, _checked(path, PurePath(path.name)))
        else:
            raise SettingsError(f"{printable(given)}: no such file or folder")
    return [found[path] for path in sorted(found, key=str)]


def _at_address(root: Path) -> Iterator[Found]:
    try:
        if not root.is_dir() and not root.is_file():
            raise SettingsError(f"{root}: no such file or folder")
        files = [root] if root.is_file() else [path for path in root.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file()]
    except SettingsError:
        raise
    except Exception as err:  # libraries of many kinds of storage, each with errors of its own
        raise SettingsError(f"{root}: cannot be searched ({type(err).__name__}); check the address and its credentials") from err
    for path in files:
        inside = PurePath(str(path)[len(str(root)):].lstrip("/") or path.name)
        if not any(part.startswith(".") for part in inside.parts):
            yield Found(path, inside)


def _in_folder(root: Path, out: Path, searched: Sequence[Path]) -> Iterator[Found | Unreadable]:
    troubles: list[OSError] = []
    for here, folders, files in os.walk(root, onerror=troubles.append):
        folder = Path(here)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is_output(folder / name, out))
        if _is_output(folder, out):
            continue
        inside = folder.relative_to(root)
        for name in folders:
            if _leads_out(folder / name, searched):
                yield Unreadable(folder / name, inside / name, f"{folder / name}: is a link to a folder, which is not followed; "
                                                               "give that folder itself too")
        for name in sorted(files):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in ENDINGS:
                yield _checked(folder / name, inside / name)
    for trouble in troubles:
        path = Path(trouble.filename)
        yield Unreadable(path, path.relative_to(root), f"{path}: the folder cannot be read ({trouble.strerror})")


def _leads_out(folder: Path, searched: Sequence[Path]) -> bool:
    """Whether ``folder`` is a link, which the search does not follow (it may be a circle), to something outside what is searched."""
    return folder.is_symlink() and not any(folder.resolve().is_relative_to(root) for root in searched)


def _is_output(folder: Path, out: Path) -> bool:
    try:
        return (folder / MARKER).is_file() or folder.resolve() == out
    except PermissionError:
        return False  # told when it is searched


def _checked(path: Path, relative: PurePath) -> Found | Unreadable:
    """A pipe or device would block or never end; a link may lead nowhere."""
    try:
        mode = path.stat().st_mode
    except OSError as err:
        return Unreadable(path, relative, f"{path}: cannot be read ({err.strerror}); check the file or the link")
    if not stat.S_ISREG(mode):
        return Unreadable(path, relative, f"{path}: is not a regular file")
    return Found(path, relative)
