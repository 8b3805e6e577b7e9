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


@pytest.mark.parametrize(("cores", "model", "threads"), [(2, "base", 1), (2, "large-v3", 2), (4, "base", 4), (1, "base", 1)])
def test_two_threads_of_the_small_model_are_not_taken_unasked(
    monkeypatch: pytest.MonkeyPatch, cores: int, model: str, threads: int
) -> None:
    """They wait for each other longer than they save; told to, a worker takes them."""
    monkeypatch.setattr("voicemon.settings.usable_cores", lambda: cores)
    assert Settings(model=model).threads_per_worker == threads
    assert Settings(model=model, threads=2).threads_per_worker == 2


def test_how_the_work_is_spread_does_not_change_what_facts_depend_on() -> None:
    assert Settings(workers=1).for_hearing() == Settings(workers=7, threads=3, lang="en", standard="x").for_hearing()
    assert Settings().for_hearing() != Settings(agent_channel="left").for_hearing()
