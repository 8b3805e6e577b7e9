"""Ids of calls."""

from pathlib import PurePath

import pytest

from voicemon.names import MAX_CHARACTERS, assign_ids, printable, safe_id


@pytest.mark.parametrize("name", ["dev-s01-kept", "来电录音_01", "2026.03.12"])
def test_a_harmless_name_is_its_own_id(name: str) -> None:
    assert safe_id(name) == name


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b\'c', "line\nbreak", "\x1b[31mred", "<script>", "...", "", "a/b", "CON:x|y?"])
def test_a_hostile_name_becomes_one_plain_component(name: str) -> None:
    made = safe_id(name)
    assert made and not set(made) & set("/\\\n\"'<>|?:\x1b") and not made.startswith(".")


def test_different_hostile_names_get_different_ids() -> None:
    assert len({safe_id(name) for name in ("a?b", "a*b", "a<b", "a b?", "a_b")}) == 5


def test_a_very_long_name_fits_a_file_system() -> None:
    made = safe_id("录" * 300)
    assert len(made) < MAX_CHARACTERS + 12 and len(f".{made}.verdicts.json".encode()) < 255


def test_an_id_never_looks_like_a_side_file_of_another_call() -> None:
    assert not safe_id("call.probes").endswith(".probes")


def test_the_same_stem_in_two_folders_takes_the_folder_and_the_same_in_one_the_ending() -> None:
    paths = [PurePath(p) for p in ("a/x.wav", "b/x.wav", "y.wav", "y.mp3", "z.wav")]
    assert [assign_ids(paths)[p] for p in paths] == ["a-x", "b-x", "y.wav", "y.mp3", "z"]


def test_ids_do_not_depend_on_the_order_of_files() -> None:
    paths = [PurePath(p) for p in ("a/x.wav", "b/x.wav", "X.flac", "a-x.wav")]
    assert assign_ids(paths) == assign_ids(reversed(paths))
    assert len({name.casefold() for name in assign_ids(paths).values()}) == len(paths)


def test_an_id_that_is_taken_is_not_given_again() -> None:
    made = assign_ids([PurePath("x.wav")], taken={"x", "x.wav"})
    assert made[PurePath("x.wav")] not in ("x", "x.wav")


def test_escape_sequences_and_newlines_are_shown_not_obeyed() -> None:
    assert printable("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
