"""Recordings that are not files of this machine: any address that fsspec opens (``s3://…``, ``gs://…``, ``sftp://…``, ``memory://…``).

Such a place is a ``UPath`` (extra ``remote``), which has the methods of :class:`pathlib.Path` that are used here; ``file://`` is a path.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .errors import RecordingError, SettingsError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
UNDATED = ("http", "https")  # whose files fsspec takes for unchanging
BLOCK_BYTES = 1 << 20


def place(text: str) -> Path:
    """The path or the address that a user gave. Raises :class:`SettingsError` when what opens it is not installed."""
    if not _ADDRESS.match(text):
        return Path(text)
    if text.lower().startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    if importlib.util.find_spec("upath") is None:
        raise SettingsError(f"{_shown(text)}: addresses need more libraries: pip install 'voicemon[remote]'")
    from upath import UPath

    try:
        path: Path = UPath(text)
        path.exists()
        return path
    except ImportError as err:
        raise SettingsError(f"{_shown(text)}: what opens such addresses is not installed ({err})") from err
    except Exception as err:  # libraries of many kinds of storage, each with errors of its own
        raise SettingsError(f"{_shown(text)}: cannot be opened ({type(err).__name__}); check the address and its credentials") from err


def kept_place(text: str) -> Path:
    """The place of a recording as it was kept; one that cannot be opened any more is a path that is not there."""
    try:
        return place(text)
    except SettingsError:
        return Path(text)


def is_remote(path: Path) -> bool:
    """Whether ``path`` is an address; no path of this machine keeps two slashes."""
    return _ADDRESS.match(str(path)) is not None


def stamp(path: Path) -> tuple[str, bool]:
    """What changes whenever the remote file does, and whether that can be relied on. Raises ``OSError``."""
    try:
        return str(path.fs.ukey(path.path)), path.protocol not in UNDATED  # type: ignore[attr-defined]
    except Exception as err:
        raise OSError(0, type(err).__name__) from err


@contextmanager
def fetched(path: Path) -> Iterator[Path]:
    """``path`` as a file of this machine: itself, or a copy that only its owner can read and that is gone when the block ends.

    Raises :class:`RecordingError`; one that comes out of the block tells the address and not the copy.
    """
    if not is_remote(path):
        yield path
        return
    handle, name = tempfile.mkstemp(prefix="voicemon-", suffix=path.suffix)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as copy:
            try:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, copy, BLOCK_BYTES)
            except Exception as err:
                raise RecordingError(f"{path}: cannot be read ({type(err).__name__}); check the address and its credentials") from err
        yield Path(name)
    except RecordingError as err:
        raise RecordingError(str(err).replace(name, str(path))) from err
    finally:
        Path(name).unlink(missing_ok=True)


def _shown(address: str) -> str:
    """Without what may be a password."""
    return re.sub(r"//[^/@]*@", "//…@", address)
