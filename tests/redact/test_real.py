"""A real recording with a customer's number and name in it: what the recogniser writes of them is in no output."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from voicemon.audio.decode import decode
from voicemon.ear import WhisperEarFactory
from voicemon.folder import run
from voicemon.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples"
NAME = "zhonghuan-kept-damaged-parcel"
TOLD_S, SAID_BACK_S = (45.0, 48.5), (52.5, 55.0)  # inside the number as the customer tells it and as the agent says it back


def test_a_number_told_and_said_back_is_masked_and_silenced(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    for ending in (".flac", ".json"):
        shutil.copyfile(SAMPLES / f"{NAME}{ending}", tmp_path / "calls" / f"{NAME}{ending}")
    settings = Settings(redact=True)
    run([tmp_path / "calls"], tmp_path / "out", settings, WhisperEarFactory(settings), lambda *_: None)
    report = json.loads((tmp_path / f"out/calls/{NAME}.json").read_text(encoding="utf-8"))
    text = "".join(u["text"] for u in report["transcript"])
    assert {"phone", "surname"} <= {r["kind"] for r in report["redactions"]}
    assert text.count("【电话】") == 2 and not any(piece in text for piece in ("五九六", "1596", "6340", "谭女"))
    assert "五五零三九一" in text.replace("550391", "五五零三九一")  # the waybill is nobody's number
    (copy,) = (tmp_path / "out/calls/audio").iterdir()
    sound = decode(copy)
    for start_s, end_s in (TOLD_S, SAID_BACK_S):
        assert np.abs(sound.samples[:, round(start_s * 8000) : round(end_s * 8000)]).max() < 300
