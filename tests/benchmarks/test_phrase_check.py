"""The calibration of the phrase check: what counts as said, and weights and limits that separate it."""

from __future__ import annotations

import numpy as np
import phrase_check
import pytest
from phrase_check import Place

from voicemon.speech.confusions import pair
from voicemon.speech.pinyin import syllables


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [(2, 5, True), (2, 6, True), (1, 4, None), (3, 5, True), (5, 8, None), (9, 12, False)],
)
def test_a_phrase_was_said_where_it_stands_and_nowhere_near(start: int, end: int, said: bool | None) -> None:
    """A character more or less is no matter; what only overlaps or is close teaches nothing."""
    assert phrase_check.is_said("请挂机", "好的请挂机感谢您的来电再见", start, end) is said


def test_what_was_heard_is_laid_along_what_was_said() -> None:
    """Misspelt, missing and spare characters."""
    assert phrase_check.path_to_reference("请瓜机在见", "请挂机再见")[-1] == 5
    assert phrase_check.path_to_reference("请挂再见", "请挂机再见")[2:] in ([2, 4, 5], [3, 4, 5])


def test_weights_and_limits_tell_what_was_said_from_what_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    """Likely, and misheard as in the other scenarios, was said; the limits are in order and what is printed says how well that holds."""
    random = np.random.default_rng(7)
    places, pairs = [], []
    for i in range(400):
        said, scenario = i % 5 == 0, f"S{i % 12}"
        ratio = random.normal(-4.0 if said else -18.0, 4.0)
        heard = "请快机" if random.random() < (0.8 if said else 0.2) else "请帮机"
        places.append(Place("clean", scenario, heard, "请挂机", 0.8, ratio, random.normal(-5.0, 2.0), said))
        pairs += [(scenario, pair(*syllables(text))) for text in ("挂快", "挂挂", "请请", "机机", "帮帮", "快快")]
    found = phrase_check.report(places, pairs)
    assert found["accept_most_surely"] >= found["accept_surely"] >= found["accept_strictly"] >= found["accept"] > found["reject"]
    assert found["ratio_weight"] > 0 and found["misheard_weight"] > 0 and found["auc"] > 0.98
    assert found["scenarios_left_out"]["said_accepted"] > 0.9 and found["scenarios_left_out"]["unsaid_accepted"] < 0.1
    assert "clean: 400 questions, said 80" in capsys.readouterr().out


def test_the_line_that_foretells_the_log_odds_is_found() -> None:
    """By what is misheard and what other words may have been; twice as far off, the margin doubles."""
    random = np.random.default_rng(7)
    misheard, others = random.uniform(-12.0, 0.0, 300), random.uniform(-6.0, 4.0, 300)
    places = [Place("clean", "S1", "请快机", "请挂机", 0.8, 0.0, 0.0, False, float(o)) for o in others]
    off = random.normal(0.0, 1.0, 300)
    near, far = (phrase_check.foretold(places, misheard, 2.0 + 1.3 * misheard + 0.9 * others / 3 + k * off) for k in (1, 2))
    assert (near["foretold_bias"], near["foretold_misheard"], near["foretold_others"]) == pytest.approx((2.0, 1.3, 0.9), abs=0.3)
    assert near["foretold_margin"] == pytest.approx(1.65, abs=0.2)
    assert far["foretold_margin"] == pytest.approx(2 * near["foretold_margin"], abs=0.01)
