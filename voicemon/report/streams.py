"""Files that are too long to hold in memory, still written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from ..serial import FILE_MODE


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a new empty file beside ``path`` (readable by its owner only) that takes its place when the block ends without an error.

    Raises :class:`~voicemon.errors.OutputError` when it cannot be written; ``path`` is then as it was before.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        os.close(handle)
        os.chmod(name, FILE_MODE)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as err:
        raise OutputError(
            f"{path}: cannot be written ({err.strerror or err}); close it where it is open, free some space, or give another OUT"
        ) from err
