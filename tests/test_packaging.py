"""What is imported is declared, and what is shipped is listed."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "voicemon"
# Import names that are not the distribution's.
DISTRIBUTIONS = {
    "faster_whisper": "faster-whisper", "opencc": "opencc-python-reimplemented", "webrtcvad": "webrtcvad-wheels", "yaml": "pyyaml",
    "upath": "universal_pathlib",
}
# Imported only where their extra is asked for: module -> extra.
OPTIONAL = {"ray": "ray", "upath": "remote"}


@pytest.fixture(scope="module")
def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def imported() -> set[str]:
    """Third-party modules that the package imports."""
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"voicemon"}


def test_every_library_that_is_imported_is_declared_and_no_other(config: configparser.ConfigParser) -> None:
    listed = config["options"]["install_requires"].split()
    declared = {re.split(r"[<>=]", line)[0].lower() for line in listed}
    assert {DISTRIBUTIONS.get(name, name) for name in imported() - set(OPTIONAL)} == declared
    extras = config["options.extras_require"]
    for module, extra in OPTIONAL.items():
        assert re.search(rf"^{DISTRIBUTIONS.get(module, module)}>=[\d.]+,<[\d.]+$", extras[extra].strip(), re.M), module


def test_every_library_has_a_lower_and_an_upper_bound(config: configparser.ConfigParser) -> None:
    assert all(re.fullmatch(r"[\w.-]+>=[\d.]+,<[\d.]+", line) for line in config["options"]["install_requires"].split())


def test_every_package_folder_is_listed(config: configparser.ConfigParser) -> None:
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert folders | {"voicemon._models"} == set(config["options"]["packages"].split())


def test_every_kind_of_data_file_is_shipped(config: configparser.ConfigParser) -> None:
    patterns = [p.strip() for p in config["options.package_data"]["*"].split(",")]
    data = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    missed = [str(p) for p in data if not any(p.match(pattern) for pattern in patterns)]
    assert data and not missed
