"""Imports run one way; a lower layer never knows a higher one."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "voicemon"
# Later layers may import earlier ones and their own; see docs/architecture.md.
LAYERS = (
    ("errors", "records", "spans", "serial", "settings", "names", "remote", "call_table", "collector", "encodings", "heard_reasons"),
    ("audio", "speech", "measures", "roles", "sidecar", "probes", "playable", "listening", "_models"),
    ("by_words", "call_measures", "hearing"),
    ("ear", "judge", "standards"),
    ("known_standards", "phrase_limits"),
    ("keys",),
    ("mutations", "redact"),
    ("database",),
    ("report", "store"),
    ("overview", "finding"),
    ("arrivals",),
    ("pipeline",),
    ("serving",),
    ("worker",),
    ("crew", "ledger", "resume"),
    ("ray_engine",),
    ("engines", "planning", "retention"),
    ("folder",),
    ("watch",),
    ("mutation_check",),
    ("expected",),
    ("evaluate", "review", "verify"),
    ("console", "cli_options"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
HEAVY = {"av", "ctranslate2", "faster_whisper", "jinja2", "librosa", "numpy", "onnxruntime", "scipy"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """First name below the package: ``audio`` for ``audio/decode.py``."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST, path: Path) -> Iterator[tuple[str, int]]:
    """Names below ``voicemon`` that a module imports anywhere, with the line."""
    here = ("voicemon", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[1], node.lineno) for alias in node.names if alias.name.startswith("voicemon."))
        if isinstance(node, ast.ImportFrom):
            base = (*here[: -node.level],) if node.level else ()
            name = (*base, *(node.module.split(".") if node.module else ()))
            if name[:1] == ("voicemon",):
                yield from ((n, node.lineno) for n in ([name[1]] if len(name) > 1 else [alias.name for alias in node.names]))


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_its_own_layer_and_lower_ones(path: Path) -> None:
    own = unit(path)
    if own == "__init__":
        return
    assert own in RANK, f"{own} is in no layer: add it to LAYERS"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    higher = [f"{name} (line {line})" for name, line in imported(tree, path) if RANK.get(name, -1) > RANK[own]]
    assert not higher, f"{own} imports from a higher layer: {', '.join(higher)}"


@pytest.mark.parametrize("name", ["cli.py", "cli_options.py", "__main__.py", "settings.py", "names.py", "errors.py"])
def test_the_command_line_starts_without_the_heavy_libraries(name: str) -> None:
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    top = {alias.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    top |= {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    assert not top & HEAVY


def test_hearing_and_judging_do_not_know_each_other() -> None:
    folders = (*(PACKAGE / "audio").glob("*.py"), *(PACKAGE / "measures").glob("*.py"))
    for path in [PACKAGE / "hearing.py", PACKAGE / "call_measures.py", *folders]:
        assert "judge" not in {name for name, _ in imported(ast.parse(path.read_text(encoding="utf-8")), path)}, path


def test_click_stays_in_the_command_line() -> None:
    for path in modules():
        if path.name not in ("cli.py", "cli_options.py", "console.py"):
            text = path.read_text(encoding="utf-8")
            assert "import click" not in text and "from click" not in text, path


def test_a_run_that_only_judges_loads_no_library_that_only_hearing_needs() -> None:
    """Each of its processes would pay a second for it."""
    heavy = {"ctranslate2", "faster_whisper", "librosa", "onnxruntime", "scipy"}
    tell = f"import sys, voicemon.console, voicemon.crew, voicemon.ear, voicemon.folder; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True).stdout.strip() == "[]"
