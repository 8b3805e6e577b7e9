"""The model itself: what it holds while it hears."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from voicemon.speech.engine import Recogniser

LENGTHS = 40
MOST_GROWTH_MIB = 16
PROGRAM = f"""
import ctypes
import numpy as np
from voicemon.speech.models import find_model
from voicemon.speech.whisper import Whisper

class Used(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

def used_mib():
    told = ctypes.CDLL(None).mallinfo2
    told.restype = Used
    return told().uordblks / 2**20

model = Whisper(find_model("base"), threads=1)
sound = np.zeros(16000, dtype=np.float32)
for i in range(10):
    model.encode([sound], 10 + i / 50)
before_mib = used_mib()
for i in range({LENGTHS}):
    model.encode([sound], 10.5 + i / 50)
print(used_mib() - before_mib)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library tells what is in use")
def test_windows_of_ever_new_lengths_leave_nothing_behind() -> None:
    """Code for each length, kept, would be 1 to 2 MB a window: a process that runs for days meets every length there is."""
    unset = {name: value for name, value in os.environ.items() if not name.startswith("ONEDNN_")}
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=unset).stdout
    assert float(told) < MOST_GROWTH_MIB


@pytest.mark.parametrize(("cap", "capped"), [(5, True), (12, True), (400, False)])
def test_a_text_is_cut_off_at_its_cap_and_nowhere_before(
    recogniser: Recogniser, call_audio: dict[str, np.ndarray], cap: int, capped: bool
) -> None:
    """What was cut off is said so: words that nobody knows are missing would count as not said."""
    whisper = recogniser.whisper
    decoded = whisper.decode(whisper.encode([call_audio["agent"]], 30.0), [cap], beam=2)[0]
    assert (len(decoded.tokens) == cap, decoded.capped) == (capped, capped)


def test_a_text_that_fills_the_decoder_is_cut_off_too(
    recogniser: Recogniser, call_audio: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of 30 s may be longer than what the decoder has room for; here it has little."""
    monkeypatch.setattr("voicemon.speech.whisper.MOST_POSITIONS", 20)
    whisper = recogniser.whisper
    decoded = whisper.decode(whisper.encode([call_audio["agent"]], 30.0), [400], beam=2)[0]
    assert len(decoded.tokens) == 10 and decoded.capped


def test_what_is_asked_of_a_text_is_what_its_alignment_says(recogniser: Recogniser, call_audio: dict[str, np.ndarray]) -> None:
    """Forcing a text through the decoder without placing its words gives the same probabilities, whatever goes with it."""
    whisper = recogniser.whisper
    texts = [whisper.tokens_of(text) for text in ("感谢您的来电再见", "感谢您的来店")]
    encoded = whisper.encode([call_audio["agent"][int(7.4 * 16000) : int(9.3 * 16000)]], 4.0)
    both = whisper.joined([np.asarray(encoded)] * 2)
    asked = whisper.token_log_probs(both, texts)
    aligned = whisper.align(both, texts, [1.9, 1.9])
    for log_probs, words in zip(asked, aligned, strict=True):
        assert float(np.sum(log_probs)) == pytest.approx(sum(w.log_prob for w in words), abs=1e-3)
