#!/usr/bin/env python3
"""What voicemon stands on: the lowest versions it allows, licences, and a bill of materials.

usage: dependencies.py lowest      constraints for pip: every library of setup.cfg at its lowest version
       dependencies.py licences    a table (Markdown) of every library that is installed because of voicemon; --write docs/licences.md
       dependencies.py sbom        a CycloneDX bill of materials (JSON) of the environment; needs `pip install cyclonedx-bom`
       dependencies.py audit       known vulnerabilities of every library that is installed because of voicemon; needs
                                   `pip install pip-audit`. Exit code 0: all were looked up and none has any; 1: a library has one;
                                   3: of some nobody could say. What could not be looked up is never called clean.
"""

from __future__ import annotations

import argparse
import configparser
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = re.compile(r"([A-Za-z0-9_.\-]+)")
MOST_LICENCE_CHARACTERS = 60  # some packages put the whole text there; then the classifier says it
NEWEST_URL = "https://pypi.org/pypi/{name}/json"  # advisories of the newest release; https://docs.pypi.org/api/json/
PATIENCE_S = 60
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 3
EXPLAINED: Mapping[str, str] = {}  # advisories that do not concern voicemon: id to why; each is printed
HEAD = """# Licences

voicemon is MIT. What it needs at run time, as installed with the newest versions it allows. Written by
`python benchmarks/dependencies.py licences --write docs/licences.md`; `python benchmarks/dependencies.py sbom > sbom.json` gives
a CycloneDX bill of materials of the environment. The wheels of `av` carry FFmpeg, which has a licence of its own (LGPL or GPL,
by how it was built).

| library | version | licence | asked for by |
|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("lowest", "licences", "sbom", "audit"))
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.what == "sbom":
        sys.exit(subprocess.run([sys.executable, "-m", "cyclonedx_py", "environment", sys.executable], check=False).returncode)
    if options.what == "audit":
        sys.exit(told(audit(installed())))
    text = "\n".join(lowest()) + "\n" if options.what == "lowest" else HEAD + "\n".join(licences()) + "\n"
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def required() -> list[str]:
    """The run-time requirements of setup.cfg, as written."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config["options"]["install_requires"].split("\n")[1:]


def lowest() -> Iterator[str]:
    """``name==version`` for each requirement, in the order of setup.cfg."""
    for line in required():
        name, version = line.split(">=")[0].strip(), line.split(">=")[1].split(",")[0].strip()
        yield f"{name}=={version}"


def licences() -> Iterator[str]:
    """A row per installed library that voicemon needs, directly or not, by name."""
    for (name, asked_by), found in sorted(_all_needed().items(), key=lambda item: item[0][0].lower()):
        yield f"| {name} | {found.version} | {_licence(found)} | {asked_by} |"


def _all_needed(more: Iterable[str] = ()) -> dict[tuple[str, str], Distribution]:
    needed: dict[tuple[str, str], Distribution] = {}
    waiting = [(_name(line), "voicemon") for line in (*required(), *more)]
    seen: set[str] = set()
    while waiting:
        name, asked_by = waiting.pop(0)
        plain = _plain(name)
        if plain in seen:
            continue
        seen.add(plain)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # of another system or Python
        needed[found.metadata["Name"], asked_by] = found
        waiting += [(_name(line), found.metadata["Name"]) for line in found.requires or () if "extra ==" not in line]
    return needed


def _name(requirement: str) -> str:
    match = REQUIREMENT.match(requirement.strip())
    return match.group(1) if match else ""


@dataclass(frozen=True)
class Audited:
    """One library: the ids of its known advisories, ``None`` where nobody could say, with the reason."""

    library: str
    version: str
    advisories: tuple[str, ...] | None
    reason: str = ""


def installed() -> dict[str, str]:
    """The version of each library that is installed because of voicemon, by name; of an extra too, where that is installed."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = [line for text in config["options.extras_require"].values() for line in text.split("\n") if line]
    return {name: found.version for (name, _), found in sorted(_all_needed(extras).items())}


def audit(libraries: Mapping[str, str], ask: Callable[[Mapping[str, str]], list[Audited]] | None = None,
          newest: Callable[[str], Mapping[str, Any]] | None = None) -> list[Audited]:
    """What is known of each of ``libraries`` (name: version), by pip-audit.

    An index that has no page per release is asked for the page of the newest one, which serves where that is what is installed.
    """
    answers = []
    for answer in (ask or by_pip_audit)(libraries):
        answers.append(answer if answer.advisories is not None else _by_newest(answer, newest or page_of_newest))
    return answers


def by_pip_audit(libraries: Mapping[str, str]) -> list[Audited]:
    """One run of pip-audit; where it cannot be run or ends without an answer, nothing is known of any."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as wanted:
        wanted.write("".join(f"{name}=={version}\n" for name, version in libraries.items()))
        wanted.flush()
        command = [sys.executable, "-m", "pip_audit", "--requirement", wanted.name, "--no-deps", "--disable-pip", "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = {_plain(entry["name"]): entry for entry in json.loads(done.stdout)["dependencies"]}
    except (ValueError, KeyError):
        last = (done.stderr.strip() or "no answer").rsplit("\n", 1)[-1][:200]
        return [Audited(name, version, None, f"pip-audit: {last}") for name, version in libraries.items()]
    answers = []
    for name, version in libraries.items():
        entry = found.get(_plain(name), {})
        known = None if "vulns" not in entry else tuple(sorted({vulnerability["id"] for vulnerability in entry["vulns"]}))
        answers.append(Audited(name, version, known, "" if known is not None else entry.get("skip_reason", "pip-audit does not name it")))
    return answers


def page_of_newest(name: str) -> Mapping[str, Any]:
    with urllib.request.urlopen(NEWEST_URL.format(name=_plain(name)), timeout=PATIENCE_S) as answer:
        page: dict[str, Any] = json.load(answer)
        return page


def _by_newest(asked: Audited, newest: Callable[[str], Mapping[str, Any]]) -> Audited:
    try:
        page = newest(asked.library)
        if page["info"]["version"] != asked.version:
            return Audited(asked.library, asked.version, None, f"{asked.reason}; the page of {page['info']['version']} says nothing of it")
        known = {entry["id"] for entry in page["vulnerabilities"] if not entry.get("withdrawn")}
    except (OSError, ValueError, KeyError, TypeError) as err:
        return Audited(asked.library, asked.version, None, f"{asked.reason}; {type(err).__name__}")
    return Audited(asked.library, asked.version, tuple(sorted(known)))


def told(answers: list[Audited]) -> int:
    """Print what was found; the exit code."""
    for advisory, why in EXPLAINED.items():
        print(f"passed over {advisory}: {why}")
    answers = [replace(a, advisories=None if a.advisories is None else tuple(sorted({*a.advisories} - {*EXPLAINED}))) for a in answers]
    for answer in answers:
        if answer.advisories:
            print(f"VULNERABLE {answer.library} {answer.version}: {', '.join(answer.advisories)}")
        elif answer.advisories is None:
            print(f"advisories unreachable: {answer.library} {answer.version} ({answer.reason})")
    unknown = sum(answer.advisories is None for answer in answers)
    vulnerable = sum(bool(answer.advisories) for answer in answers)
    print(f"{len(answers)} libraries: {len(answers) - unknown - vulnerable} without a known vulnerability, {vulnerable} with one, "
          f"{unknown} that could not be looked up")
    return VULNERABLE if vulnerable else UNKNOWN if unknown or not answers else CLEAN


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(found: Distribution) -> str:
    about = found.metadata
    short = about.get("License-Expression") or about.get("License") or ""
    if not short or len(short) > MOST_LICENCE_CHARACTERS or "\n" in short:
        short = ", ".join(c.rsplit("::", 1)[-1].strip() for c in about.get_all("Classifier") or () if c.startswith("License ::"))
    return short or "not stated in its metadata"


if __name__ == "__main__":
    main()
