"""Printing where not every character can be: a Chinese Windows, whose console and redirected output are GBK, has no real minus sign."""

from __future__ import annotations

import codecs
import io
import sys

ERRORS = "voicemon.nearest"
NEAREST = {"−": "-", "–": "-", "’": "'", "…": "...", "→": "->", "≥": ">=", "≤": "<=", "±": "+-", "×": "x"}


def print_anywhere() -> None:
    """From now on a character that standard output or error cannot hold becomes the nearest one, or ``?``, and stops nothing."""
    codecs.register_error(ERRORS, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def _nearest(err: UnicodeError) -> tuple[str, int]:
    if not isinstance(err, UnicodeEncodeError):
        raise err
    return "".join(NEAREST.get(c, "?") for c in err.object[err.start : err.end]), err.end
