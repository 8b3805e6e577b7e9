"""The command line: options, exit codes, messages. The work itself is replaced by a recorder, but for one short real run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from voicemon import cli
from voicemon.cli import ExitStatus, commands
from voicemon.errors import OutputError, PackError
from voicemon.folder import RunResult
from voicemon.records import FailedCall
from voicemon.settings import DEFAULT_CALL_LIMIT, Settings

FINE = RunResult(found=1, rows=(), failed=(), analysed=("a",), judged_again=(), skipped={}, duplicates={})
EMPTY = FailedCall("b", "b.wav", "b.wav: is empty")
FAILED = RunResult(found=1, rows=(), failed=(EMPTY,), analysed=(), judged_again=(), skipped={}, duplicates={})
README = Path(__file__).parent.parent / "README.md"


def main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the console script's entry point; its exit code."""
    monkeypatch.setattr("sys.argv", ["voicemon", *arguments])
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # set by main, and put back after the test
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_products_are_rounded_alike_whatever_threads_are_set() -> None:
    """NumPy reads the number when it is first imported, which is after the command has begun."""
    code = ("import os, sys; from voicemon import cli\n"
            "cli.commands.main = lambda **_: print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules); cli.main()")
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "4", "PYTHONPATH": str(README.parent)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_what_the_terminal_cannot_hold_stops_nothing() -> None:
    """Redirected output of a Chinese Windows is GBK, which has no real minus sign."""
    code = "import sys; from voicemon import cli\ncli.commands.main = lambda **_: print('音量 −45.6 \U0001f600'); cli.main()"
    environment = {**os.environ, "PYTHONIOENCODING": "gbk", "PYTHONPATH": str(README.parent)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout.decode("gbk").strip() == "音量 -45.6 ?"


@pytest.fixture
def folder_run(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Records the calls of ``folder.run``, which finds nothing wrong."""
    seen: list[Any] = []

    def recorded(*arguments: Any) -> RunResult:
        seen.append(arguments)
        return FINE

    monkeypatch.setattr("voicemon.folder.run", recorded)
    return seen


def test_run_hands_its_options_to_the_folder(
    monkeypatch: pytest.MonkeyPatch, folder_run: list[Any], tmp_path: Path
) -> None:
    given = {"--standard": "hotline", "--agent-channel": "left", "--lang": "en", "--workers": "3", "--model": "small"}
    options = [text for pair in given.items() for text in pair]
    assert main(monkeypatch, "run", "a.wav", "b", "--out", str(tmp_path), *options) == ExitStatus.FINE
    paths, out, settings, make_ear, _ = folder_run[0]
    assert (paths, out, make_ear.settings) == ((Path("a.wav"), Path("b")), tmp_path, settings)
    assert settings == Settings("hotline", "small", "left", "en", 3, call_limit=DEFAULT_CALL_LIMIT)


@pytest.mark.parametrize("arguments", [
    ("run",), ("run", "x"), ("run", "x", "--out", "y", "--agent-channel", "up"), ("run", "x", "--out", "y", "--workers", "0"),
    ("nonsense",),
    ("judge", "/no/such/folder"), ("run", "x", "--out", "y", "--fail-under", "200")])
def test_wrong_usage_is_exit_code_2(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    assert main(monkeypatch, *arguments) == ExitStatus.USAGE


@pytest.mark.parametrize("error", [PackError("x.yaml:3: unknown key"), OutputError("out: cannot be written")])
def test_an_error_on_purpose_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def stop(*_: Any) -> None:
        raise error

    monkeypatch.setattr("voicemon.folder.run", stop)
    assert main(monkeypatch, "run", "x", "--out", "y") == ExitStatus.USAGE
    assert capsys.readouterr().err == f"voicemon: {error}\n"


def test_ctrl_c_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("voicemon.folder.run", stop)
    assert main(monkeypatch, "run", "x", "--out", "y") == ExitStatus.STOPPED
    assert "run the same command again" in capsys.readouterr().err


@pytest.mark.parametrize("quiet", [True, False])
def test_a_call_that_could_not_be_analysed_is_exit_code_3_and_is_named_even_when_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    monkeypatch.setattr("voicemon.folder.run", lambda *_: FAILED)
    assert main(monkeypatch, "run", "x", "--out", "y", *(["-q"] if quiet else [])) == ExitStatus.CALL_FAILED
    captured = capsys.readouterr()
    assert "b.wav: is empty" in captured.out + captured.err and (not captured.out or not quiet)


def test_a_run_for_real_counts_calls_and_says_where_to_look(
    kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kit.call("one.wav")
    kit.call("two.wav")
    monkeypatch.setattr("voicemon.ear.WhisperEarFactory", lambda settings: kit.fake_ear())
    assert main(monkeypatch, "run", str(kit.folder), "--out", str(kit.out), "--standard", str(kit.pack), "--workers", "1", "-v") == 0
    said = capsys.readouterr().out
    assert "2 found: 1 analysed, 0 judged again, 0 skipped, 1 the same audio twice, 0 not analysed" in said
    assert str(kit.out / "index.html") in said and "recognise" in said


def test_fail_under_is_exit_code_1_when_a_call_scores_less(
    kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which, and what people decided counts."""
    kit.call("one.wav")
    monkeypatch.setattr("voicemon.ear.WhisperEarFactory", lambda settings: kit.fake_ear("这件事我们已经处理完了再见"))
    common = ("run", str(kit.folder), "--out", str(kit.out), "--standard", str(kit.pack), "--agent-channel", "left", "--workers", "1", "-q")
    assert main(monkeypatch, *common) == ExitStatus.FINE
    assert main(monkeypatch, *common, "--fail-under", "50") == ExitStatus.DIFFERENCE
    assert "1 call under --fail-under 50: one" in capsys.readouterr().err
    decided = ("review", "decide", str(kit.out), "one", "T-1", "--overturn", "--by", "a", "--reason", "b", "--standard", str(kit.pack))
    assert main(monkeypatch, *decided) == ExitStatus.FINE  # whoever decided that it was kept need not be told each night that it was not
    assert main(monkeypatch, *common, "--fail-under", "50") == ExitStatus.FINE


def test_a_folder_without_recordings_says_what_would_be_one(
    kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (kit.folder / "call.silk").write_bytes(b"x")
    assert main(monkeypatch, "run", str(kit.folder), "--out", str(kit.out)) == ExitStatus.FINE
    assert ".wav" in capsys.readouterr().err


@pytest.mark.parametrize(("examples", "told"), [
    ('{fires: ["A: 您好"], quiet: ["A: 您好"]}', "gave pass"), ('{fires: ["W: long"], quiet: ["A: 您好"]}', "cannot be judged"),
    ('{fires: ["M: no.such = 1 / A: 喂"], quiet: ["A: 您好"]}', "cannot be judged"), ('{fires: ["喂"], quiet: ["A: 您好"]}', "use A:")])
def test_standards_check_judges_the_examples(kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                             examples: str, told: str) -> None:
    """As docs/packs.md says: an example that comes out otherwise is a problem of the pack."""
    text = kit.pack.read_text(encoding="utf-8")
    kit.pack.write_text(text[: text.index("examples:")] + f"examples: {examples}\n", encoding="utf-8")
    assert main(monkeypatch, "standards", "check", str(kit.pack)) == ExitStatus.USAGE
    assert "T-1" in (said := capsys.readouterr().err) and told in said


def test_standards_check_leaves_examples_of_the_extended_pack_to_that(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another company's name they come out otherwise, and are not this pack's."""
    text = kit.pack.read_text(encoding="utf-8")
    kit.pack.write_text(text.replace('fires: ["A: 喂"]', 'fires: ["A: 您好"]'), encoding="utf-8")
    child = kit.pack.with_name("child.yaml")
    child.write_text('name: child\ntitle: "c"\nversion: "1"\nextends: tiny.yaml\n', encoding="utf-8")
    assert main(monkeypatch, "standards", "check", str(child)) == ExitStatus.FINE


def test_standards_check_accepts_a_good_pack_and_refuses_a_bad_one_with_its_line(kit: Any, monkeypatch: pytest.MonkeyPatch,
                                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, "standards", "check", str(kit.pack)) == ExitStatus.FINE
    kit.pack.write_text(kit.pack.read_text(encoding="utf-8").replace("    by: agent", "    bye: agent"), encoding="utf-8")
    assert main(monkeypatch, "standards", "check", str(kit.pack)) == ExitStatus.USAGE
    assert "tiny.yaml:" in capsys.readouterr().err


def test_standards_show_prints_every_rule(kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, "standards", "show", str(kit.pack)) == ExitStatus.FINE
    assert "T-1" in capsys.readouterr().out


def test_models_lists_base_with_its_state(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    main(monkeypatch, "models", "--no-verify")
    assert "base" in capsys.readouterr().out


def every_command() -> list[list[str]]:
    found = []
    for name, command in commands.commands.items():
        inner = getattr(command, "commands", None)
        found += [[name, sub] for sub in inner] if inner else [[name]]
    return found


@pytest.mark.parametrize("command", [*every_command(), []], ids=" ".join)
def test_every_command_has_help_that_starts_without_the_heavy_libraries(command: list[str]) -> None:
    result = CliRunner().invoke(commands, [*command, "--help"])
    assert result.exit_code == 0 and "Usage" in result.output


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_and_option_is_in_the_readme_or_a_page_of_docs(command: list[str]) -> None:
    pages = [README, *sorted((README.parent / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert f"voicemon {' '.join(command)}" in text
    here: Any = commands
    for name in command:
        here = here.commands[name]
    for parameter in here.params:
        for option in parameter.opts:
            assert not option.startswith("--") or option in text, option


def test_every_exit_code_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert all(f"| {status.value} |" in text for status in ExitStatus)


def test_an_error_of_the_system_that_nobody_expected_is_one_line_with_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(*_: Any) -> RunResult:
        raise PermissionError(13, "Permission denied", "/some\x1b[2J/file")

    monkeypatch.setattr("voicemon.folder.run", fails)
    assert main(monkeypatch, "run", "a.wav", "--out", str(tmp_path)) == ExitStatus.USAGE
    told = capsys.readouterr().err
    assert "file: Permission denied" in told and "\x1b" not in told and "Traceback" not in told
