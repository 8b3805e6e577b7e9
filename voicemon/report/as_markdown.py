"""The result of an evaluation as Markdown for a comment under a pull request: what differs, in as few bytes as such a comment may have."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# GitHub refuses comments of more than 65,536 characters; bytes are the stricter count.
MOST_BYTES = 60_000
MOST_CELL_CHARACTERS = 160
# Punctuation that GitHub's Markdown gives a meaning to inside a cell (links, code, emphasis, tables, mentions, issue numbers, HTML).
_MEANINGFUL = frozenset("\\`*_{}[]()<>|~#@!&:$")


def cell(text: str) -> str:
    """``text`` on one line, shortened, with nothing in it that Markdown, HTML, a mention or a link could be made of."""
    shown = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    if len(shown) > MOST_CELL_CHARACTERS:
        shown = shown[: MOST_CELL_CHARACTERS - 1] + "…"
    # Character references: a backslash would leave "@name" a mention. A bare "www." or "http" links only with what follows.
    escaped = (f"&#{ord(c)};" if c in _MEANINGFUL or (c == "." and shown[:i].lower().endswith("www")) else c for i, c in enumerate(shown))
    return "".join(escaped)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], room_bytes: int) -> str:
    """A Markdown table of as many ``rows`` as fit into ``room_bytes``, and a line that counts those left out."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    rest = "\n\n… and {n} more"
    used = sum(len(line.encode("utf-8")) + 1 for line in lines) + len(rest.encode("utf-8")) + 12
    shown = 0
    for row in rows:
        line = f"| {' | '.join(map(cell, row))} |"
        used += len(line.encode("utf-8")) + 1
        if used > room_bytes:
            break
        lines.append(line)
        shown += 1
    return "\n".join(lines) + (rest.format(n=len(rows) - shown) if shown < len(rows) else "")


def summary_markdown(title: str, parts: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]) -> str:
    """``title`` as the headline, then each of ``parts`` (heading, columns, rows) as a table. Fewer than 60,000 bytes, however long it is.

    Parts share the room; what one does not need, the next may have. A part without rows is its heading only.
    """
    out = [f"### {cell(title)}"]
    for i, (heading, head, rows) in enumerate(parts):
        left = MOST_BYTES - sum(len(text.encode("utf-8")) + 2 for text in out) - 400
        out.append(f"**{cell(heading)}**")
        if rows:
            out.append(table(head, rows, left // (len(parts) - i)))
    return "\n\n".join(out) + "\n"
