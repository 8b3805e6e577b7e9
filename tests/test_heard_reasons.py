"""Every reason that hearing writes in English has a Chinese form."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import voicemon
from voicemon.heard_reasons import in_words

PACKAGE = Path(voicemon.__file__).parent
SOURCES = [
    *sorted((PACKAGE / "measures").glob("*.py")),
    *(PACKAGE / f"{name}.py" for name in ("by_words", "call_measures", "roles", "hearing", "sidecar", "audio/speakers", "audio/decode")),
    PACKAGE / "judge" / "score.py",
]
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACES = {"missing": "no ring-back in the recording", "name": "left", "method": "option", "source": "left", "copy": "right"}


def sentences() -> list[str]:
    """Every text in the code that becomes a reason or a note, with 7 for each figure in it."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            values: list[ast.AST] = []
            if isinstance(node, ast.keyword) and node.arg == "reason":
                values = [node.value]
            if isinstance(node, ast.Assign) and {getattr(t, "id", "") for t in node.targets} & {"reason", "notes"}:
                values = [node.value]
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append" and node.args:
                owner = getattr(node.func.value, "id", "")  # type: ignore[attr-defined]
                values = [node.args[0]] if owner in ("reasons", "notes", "passed_over") else []
            found += [text for value in values for text in written(value)]
    return [text for text in found if " " in text.strip("; ")]


def written(node: ast.AST) -> list[str]:
    """The texts in an expression; those with figures as one text each."""
    if isinstance(node, ast.JoinedStr):
        return ["".join(
            str(v.value) if isinstance(v, ast.Constant) else PLACES.get(getattr(getattr(v, "value", None), "id", ""), "7")
            for v in node.values
        )]
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    return [text for child in ast.iter_child_nodes(node) for text in written(child)]


def test_every_reason_in_the_code_has_a_chinese_form() -> None:
    texts = sentences()
    assert len(texts) >= 20
    assert [text for text in texts if not HAN.search(in_words(text, "zh")) or re.search("[a-z]{4} [a-z]{2}", in_words(text, "zh"))] == []


@pytest.mark.parametrize("text", [
    "who speaks is not known", "only unsure verdicts", "no rule with a weight could be decided", "less than 1 s of voiced speech",
    "too little is said that only an agent or only a customer would say", "the left channel is silent",
    "no speech of this party was found", "no words of this party were recognised", "no ring-back in the recording and none in the sidecar",
    "both channels hold the same audio: treated as one channel", "one voice or channel only: nothing to compare it with",
    "the length of the call from the answer on is not known", "one channel: its voices are too alike to be told apart",
])
def test_fixed_reasons_have_a_chinese_form_and_stay_english_in_english(text: str) -> None:
    assert HAN.search(in_words(text, "zh")) and not re.search("[a-z]{4}", in_words(text, "zh"))
    assert in_words(text, "en") == text


def test_figures_are_kept_and_joined_reasons_are_told_one_by_one() -> None:
    text = "no ring-back in the recording; the sidecar gives the count but not the seconds"
    assert in_words(text, "zh") == "录音里没有回铃；通话资料只有响铃次数，没有秒数"
    assert in_words("the speech is only 6 dB over the noise", "zh") == "说话声只比噪声高 6 dB"


def test_what_the_table_does_not_know_stays_as_it_is() -> None:
    assert in_words("something new", "zh") == "something new"
