#!/usr/bin/env python3
"""What voicemon stands on: the lowest versions it allows, licences, and a bill of materials.

usage: dependencies.py lowest      constraints for pip: every library of setup.cfg at its lowest version
       dependencies.py licences    a table (Markdown) of every library that is installed because of voicemon; --write docs/licences.md
       dependencies.py sbom        a CycloneDX bill of materials (JSON) of the environment; needs `pip install cyclonedx-bom`
"""

from __future__ import annotations

import argparse
import configparser
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = re.compile(r"([A-Za-z0-9_.\-]+)")
MOST_LICENCE_CHARACTERS = 60  # some packages put the whole text there; then the classifier says it
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
    parser.add_argument("what", choices=("lowest", "licences", "sbom"))
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.what == "sbom":
        sys.exit(subprocess.run([sys.executable, "-m", "cyclonedx_py", "environment", sys.executable], check=False).returncode)
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


def _all_needed() -> dict[tuple[str, str], Distribution]:
    needed: dict[tuple[str, str], Distribution] = {}
    waiting = [(_name(line), "voicemon") for line in required()]
    seen: set[str] = set()
    while waiting:
        name, asked_by = waiting.pop(0)
        plain = re.sub(r"[-_.]+", "-", name).lower()
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


def _licence(found: Distribution) -> str:
    about = found.metadata
    short = about.get("License-Expression") or about.get("License") or ""
    if not short or len(short) > MOST_LICENCE_CHARACTERS or "\n" in short:
        short = ", ".join(c.rsplit("::", 1)[-1].strip() for c in about.get_all("Classifier") or () if c.startswith("License ::"))
    return short or "not stated in its metadata"


if __name__ == "__main__":
    main()
