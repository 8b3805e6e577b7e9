"""Pages from templates: everything from data is escaped, nothing is fetched, and only our own script may run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .texts import texts

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")
# Inside <script type="application/json"> only these could end the element or confuse a parser.
_SCRIPT_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def clock(seconds: float) -> str:
    """``75.25`` as ``1:15``; hours only where there are any."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def number(value: float | None, digits: int = 1) -> str:
    """A figure as people write it: no trailing zeros, a real minus, a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def day(started_at: str | None) -> str:
    """``2026-03-12T10:15:00+08:00`` as ``2026-03-12 10:15``; anything else as it is."""
    text = started_at or ""
    return text[:16].replace("T", " ") if len(text) >= 16 and text[10:11] == "T" else text


def writable(text: str) -> str:
    """``text`` that UTF-8 can hold: a lone surrogate (a broken file name, an escape in a sidecar) becomes ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Written(str):
    """A value of an object of JSON that is JSON already."""


def script_json(data: Mapping[str, Any]) -> Markup:
    """``data`` as JSON that is safe inside a ``<script type="application/json">`` element."""
    written = ((_json(key), value if isinstance(value, Written) else _json(value)) for key, value in data.items())
    text = "{" + ",".join(f"{key}:{value}" for key, value in written) + "}"
    for character, escape in _SCRIPT_ESCAPES.items():  # five searches take a fraction of one look at each character
        text = text.replace(character, escape)
    return Markup(text)


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(clock=clock, number=number, day=day)
    return environment


@lru_cache(maxsize=32)
def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def library(name: str) -> str:
    """``static/<name>.min.js`` with its licence before it, as it must travel with every copy."""
    licence = (STATIC / f"{name}.LICENSE.txt").read_text(encoding="utf-8").strip()
    return f"/*! {name}\n{licence}\n*/\n" + (STATIC / f"{name}.min.js").read_text(encoding="utf-8")


def page(name: str, lang: str, data: Mapping[str, Any], context: Mapping[str, Any], libraries: Sequence[str] = ()) -> str:
    """Render ``templates/<name>.html`` with ``base.css``, ``<name>.css``, ``libraries`` of ``static/``, ``<name>_charts.js`` (if any)
    and ``<name>.js`` inside it.

    ``data`` is handed to the script as JSON; ``context`` to the template beside ``t`` (the texts of ``lang``).
    """
    parts = [part for part in (f"{name}_charts.js", f"{name}.js") if (TEMPLATES / part).is_file()]
    scripts = [*map(library, libraries), "\n".join(map(_own, parts))]
    html = _environment().get_template(f"{name}.html").render(
        t=texts(lang),
        css=Markup(_own("base.css") + _own(f"{name}.css")),
        scripts=[Markup(script) for script in scripts],
        script_hashes=Markup(" ".join(map(_csp_hash, scripts))),
        data_json=script_json(data),
        **context,
    )
    return writable(html)


@lru_cache(maxsize=8)
def _csp_hash(script: str) -> str:
    """The source that lets the page's policy run this script and no other."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
