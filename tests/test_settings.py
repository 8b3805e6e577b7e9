"""Settings."""

import pytest

from voicemon.errors import SettingsError
from voicemon.settings import Settings


@pytest.mark.parametrize(("field", "value"), [
    ("agent_channel", "middle"), ("lang", "fr"), ("workers", 0), ("threads", -1), ("beam_size", 0)])
def test_a_setting_that_makes_no_sense_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(SettingsError, match=str(value)):
        Settings(**{field: value})


def test_workers_share_the_threads_and_each_has_at_least_one() -> None:
    assert Settings(workers=2, threads=8).threads_per_worker == 4
    assert Settings(workers=8, threads=2).threads_per_worker == 1


def test_how_the_work_is_spread_does_not_change_what_facts_depend_on() -> None:
    assert Settings(workers=1).for_hearing() == Settings(workers=7, threads=3, lang="en", standard="x").for_hearing()
    assert Settings().for_hearing() != Settings(agent_channel="left").for_hearing()
