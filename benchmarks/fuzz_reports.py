"""What ``fuzz.py reports`` feeds: call reports with texts as anybody may have chosen them, or with any part changed, through every page.

Hostile texts must come out as text: no element, attribute, script or link of theirs in a page, no formula in a table. A report whose parts
do not fit together is refused by its types.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import cattrs
from fuzz_mutations import ODD_TEXTS, json_bytes, mutate_plain

from voicemon import serial
from voicemon.errors import OutputError
from voicemon.judge.loader import list_standards, load_standard
from voicemon.judge.standard import Standard
from voicemon.names import safe_id
from voicemon.records import CallReport, FailedCall
from voicemon.report.agents import agent_page
from voicemon.report.as_csv import summary_csv
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json, call_text
from voicemon.report.media import Media
from voicemon.report.overview import index_page
from voicemon.report.rows import row_of

SIGN = "zzsign"  # an element or attribute of this name can only come from a text
HOSTILE = (
    f'"><{SIGN} {SIGN}=1>', f"'><{SIGN}>", f"' {SIGN}='1", f'" {SIGN}="1', f"<!-- {SIGN}", f"--><{SIGN}>",
    f"</script><{SIGN}>", f"</script {SIGN} ", f"</script/{SIGN}",
    f"</style><{SIGN}>", f"</title></textarea><{SIGN}>", f"]]><{SIGN}>", f"<script>{SIGN}</script>", "javascript:alert(1)",
    f"\\u003c{SIGN}>", f"&lt;{SIGN}&gt;", f"{{{{ {SIGN} }}}}{{% raw %}}", f"\u2028</script><{SIGN}>", "https://example.com/x", "//host/x",
)
LINKS = ("href", "src", "action", "formaction", "poster", "srcset", "data")
ELSEWHERE = ("javascript:", "data:text", "vbscript:", "http:", "https:", "//", "\\")
# Words of voicemon's own in a report: they choose how something is shown, and come from no file.
OWN_WORDS = frozenset((
    "outcome", "evidence", "severity", "speaker", "kind", "by_channel", "source", "method", "layout", "direction", "model", "reason_code",
    "lang", "key", "scope", "label", "started_at", "from", "to", "at", "machine_outcome",
    "human_outcome", "country"))
OWN_PARTS = frozenset(("interruptions", "roles", "waits", "audit"))


class _Shape(HTMLParser):
    """Raises :class:`AssertionError` for what only a text can have brought into a page; counts scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts, self._script = 0, ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert SIGN not in tag, f"an element <{tag[:40]}>"
        self._script = dict(attrs).get("type") or "code" if tag == "script" else ""
        self.scripts += tag == "script"
        for name, value in attrs:
            assert SIGN not in name and not name.startswith("on"), f"an attribute {name[:40]}"
            if name in LINKS:
                link = "".join((value or "").split()).lower()
                assert not link.startswith(ELSEWHERE), f"a link to {link[:40]}"

    def handle_comment(self, data: str) -> None:
        assert SIGN not in data, "a comment"

    def handle_data(self, data: str) -> None:
        if self._script == "application/json":
            json.loads(data)
        assert self._script != "code" or SIGN not in data, "words in a script"

    def handle_endtag(self, tag: str) -> None:
        self._script = ""


def make_report(seeds: tuple[CallReport, ...], rng: Random) -> bytes:
    """A mutated report as JSON; ``how`` says whether only texts were changed."""
    plain = json.loads(json.dumps(serial.to_plain(rng.choice(seeds))))
    if rng.random() < 0.6:
        for parent, key in rng.choices(list(texts_of(plain)), k=rng.choice((1, 3, 12, 60))):
            parent[key] = _hostile(parent[key], rng)
        return json_bytes({"how": "texts", "report": plain}, rng)
    return json_bytes({"how": "any", "report": mutate_plain(plain, sorted(plain["facts"]), rng)}, rng)


def _hostile(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*HOSTILE, *HOSTILE, *ODD_TEXTS)) + text[at:]


def texts_of(node: Any, name: str = "") -> Iterator[tuple[Any, Any]]:
    """Places of texts that a recording, sidecar, pack, agent or supervisor may have brought."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        called = key if isinstance(key, str) else name
        if isinstance(value, str) and called not in OWN_WORDS:
            yield node, key
        elif isinstance(value, dict | list) and called not in OWN_PARTS:
            yield from texts_of(value, called)


def feed_report(path: Path, standards: Mapping[str, Standard]) -> str:
    """Every report of one call, checked; the kind of result. What is no report is an :class:`OutputError`, as for a damaged record."""
    made: Any = {"how": "any"}
    try:
        made = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        report = serial.from_plain(made["report"], CallReport)
    except (cattrs.BaseValidationError, TypeError, KeyError, ValueError, RecursionError) as err:
        assert not isinstance(made, dict) or made.get("how") != "texts", "a report was refused for a text"
        raise OutputError("the record holds no report") from err
    standard = standards.get(report.standard) or next(iter(standards.values()))
    for lang in ("zh", "en"):
        try:
            _check(report, standard, standards, lang)
        except (KeyError, TypeError, ValueError, OverflowError) as err:
            if made.get("how") == "texts":
                raise
            raise OutputError("the parts of the record do not fit together") from err  # OUT is trusted; the call fails, and no other
    return str(made.get("how"))


def _check(report: CallReport, standard: Standard, standards: Mapping[str, Standard], lang: str) -> None:
    plain = call_json(report, standard, lang)
    json.loads(call_text(report, standard, lang).encode("utf-8", "replace"))
    media = Media(f"audio/{safe_id(report.facts.call.id)}.wav", {})
    row, agent_id = row_of(plain), str(report.facts.call.agent_id or "x")
    failed = (FailedCall(report.facts.call.id, report.facts.call.path, str(report.facts.notes)),)
    pages = (call_page(report, standard, media, lang), agent_page(agent_id, [plain], standards, lang),
             index_page([row], failed, lang, standards))
    for page, scripts in zip(pages, _plain_scripts(), strict=True):
        assert _Shape(page).scripts == scripts, "another number of scripts"
        # A browser ends a script at </script and a blank, too; this parser does not.
        assert len(re.findall("</script", page, re.IGNORECASE)) == scripts, "an end of a script"
    for line in csv.reader(io.StringIO(summary_csv([row]).lstrip("\ufeff"))):
        assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in line), "a formula in the table"


@lru_cache(maxsize=1)
def _plain_scripts() -> tuple[int, int, int]:
    """How many scripts each page has by itself."""
    templates = Path(serial.__file__).parent / "report" / "templates"
    return tuple((templates / name).read_text(encoding="utf-8").count("<script") + more  # type: ignore[return-value]
                 for name, more in (("call.html", 1), ("agent.html", 0), ("overview.html", 0)))


@lru_cache(maxsize=1)
def all_standards() -> Mapping[str, Standard]:
    return {name: load_standard(name) for name in list_standards()}


def with_notes(report: CallReport) -> CallReport:
    """The same with every list that a page can show filled, so that texts reach all of them."""
    sidecar = {"agent_name": "王", "colour": "red", "register": [{"name": "吴", "text": "x"}], **copy.deepcopy(dict(report.facts.sidecar))}
    call = replace(report.facts.call, agent_id="1023", agent_name="王小明", path="calls/one.wav")
    return replace(report, facts=replace(report.facts, sidecar=sidecar, call=call, notes=("a note", "another")))
