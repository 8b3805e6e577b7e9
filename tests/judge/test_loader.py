"""Loading packs: everything that is not understood is refused with file and line; packs build on packs."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from judge.builders import EVENTS, rule_line, write_pack

from voicemon.errors import PackError
from voicemon.judge.lines import MOST_BYTES, SHIPPED, Lines, load_lines
from voicemon.judge.loader import list_standards, load_standard

GOOD = rule_line('check: must_say, say: ["您好"]')
FIRST_RULE_LINE = 7 + EVENTS.count("\n")


def refused(path: Path) -> list[str]:
    """The problems that loading reports."""
    with pytest.raises(PackError) as error:
        load_standard(path)
    return str(error.value).splitlines()


def refused_rule(folder: Path, options: str, **more: str) -> str:
    """The only problem of a pack with that rule, which must name the pack and the rule's line."""
    (problem,) = refused(write_pack(folder, rule_line(options, **more)))
    assert problem.startswith(f"{folder / 'small.yaml'}:{FIRST_RULE_LINE}: ")
    return problem


def test_a_good_pack_loads(tmp_path: Path) -> None:
    """With the line of its rule."""
    standard = load_standard(write_pack(tmp_path, GOOD, more='company: ["甲", "乙"]\nsettings: {x_s: 3}'))
    assert (standard.name, standard.company, standard.words["company"]) == ("small", ("甲", "乙"), "甲|乙")
    rule = standard.rule("R")
    assert (rule.check, rule.weight, rule.fatal, rule.evidence, rule.line) == ("must_say", 1.0, False, "direct", FIRST_RULE_LINE + 1)
    with pytest.raises(KeyError):
        standard.rule("S")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ('check: must_say, sya: ["您好"], say: ["您好"]', "unknown option 'sya' (did you mean 'say'?)"),
        ("check: must_say", "say is missing"),
        ("check: must_sya", "check must be one of must_say"),
        ("check: [must_say]", "check must be one of must_say"),
        ("check: {must_say: 1}", "check must be one of must_say"),
        ("check: must_say, say: []", "say is empty"),
        ("check: measure, path: evel.agent.snr_db", "no measure 'evel.agent.snr_db' (did you mean 'level.agent.snr_db'?)"),
        ("check: measure, path: ring.country", "no measure 'ring.country'"),
        ("check: must_say, say: [12]", "12 is not a text; quote it"),
        ("check: must_say, say: [true]", "True is not a text"),
        ('check: must_say, say: ["{nobody}"]', "unknown word list {nobody}"),
        ('check: must_say, say: ["{any:0-999}您好"]', "characters, the smaller number first"),
        ('check: must_say, say: ["您好"], where: nowhere', "'nowhere' is none of call"),
        ('check: must_say, say: ["您好"], where: {after_m: 3}', "is none of call"),
        ('check: must_say, say: ["您好"], where: {after_s: 1:30}', "'1:30' is not a number"),
        ('check: must_say, say: ["您好"], by: robot', "'robot' is none of agent, customer"),
        ('check: must_say, say: ["您好"], each: yes', "'yes' is neither true nor false"),
        ('check: must_say, say: ["您好"], times: $often', "unknown setting 'often'"),
        ('check: must_say, say: ["您好"], when: thankz', "unknown event 'thankz' (did you mean 'thanks'?)"),
        ('check: must_say, say: ["您好"], kept_when: thankz', "unknown event 'thankz'"),
        ('check: must_say, say: ["您好"], before: thankz', "unknown event 'thankz'"),
        ('check: must_say, say: ["您好"], when: thanks and', "when: ends where a name should follow"),
        ('check: must_say, say: ["您好"], when: 3', "when: ends where a name should follow"),
        ('check: must_say, say: ["您好"], weight: -1', "weight must be a number, 0 or more"),
        ('check: must_say, say: ["您好"], weight: "2"', "weight must be a number, 0 or more"),
        ('check: must_say, say: ["您好"], fatal: yes', "fatal must be true or false"),
    ],
)
def test_what_is_wrong_with_a_rule(tmp_path: Path, options: str, complaint: str) -> None:
    """File, line, rule, and what is wrong; near misses are suggested."""
    problem = refused_rule(tmp_path, options)
    assert complaint in problem and 'rule "R"' in problem


def test_evidence_quote_and_title(tmp_path: Path) -> None:
    """Must be given (or come from the catalogue)."""
    assert "evidence must be direct or proxy" in refused_rule(tmp_path, 'check: must_say, say: ["您好"]', evidence="gut")
    rule = 'check: must_say, say: ["您好"], examples: {fires: [], quiet: ["A: 您好"]}'
    problems = refused(write_pack(tmp_path, f"- {{id: R, {rule}}}"))
    assert [p.split(": ")[2].split(" (")[0] for p in problems[:2]] == ["quote is missing", "evidence is missing"]
    assert "title is missing" in problems[-1]


@pytest.mark.parametrize(
    ("examples", "complaint"),
    [
        ("{fires: []}", "examples must have fires"),
        ("{fires: [], quiet: []}", "at least one quiet line"),
        ("{fires: [], quiet: [1]}", "every line must be a text"),
        ('{fires: [], quiet: ["A: 您好"], loud: []}', "examples must have fires"),
        ("none", "examples must have fires"),
    ],
)
def test_examples_are_required(tmp_path: Path, examples: str, complaint: str) -> None:
    """Lists of texts, one that stays quiet at least."""
    rule = f'- {{id: R, title: t, quote: q, evidence: direct, check: must_say, say: ["您好"], examples: {examples}}}'
    (problem,) = refused(write_pack(tmp_path, rule))
    assert complaint in problem


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ("{kind: sayz}", "kind must be one of says"),
        ("says", "kind must be one of says"),
        ("{kind: [says]}", "kind must be one of says"),
        ('{kind: says, by: agent, says: ["您好"], untill: 3}', "unknown option 'untill'"),
        ('{kind: says, says: ["您好"]}', "by is missing"),
        ("{kind: condition, condition: nothing_such}", "unknown event 'nothing_such'"),
    ],
)
def test_what_is_wrong_with_an_event(tmp_path: Path, event: str, complaint: str) -> None:
    """As strictly as rules."""
    (problem,) = refused(write_pack(tmp_path, GOOD, f"\n  e: {event}"))
    assert complaint in problem and 'event "e"' in problem


def test_a_built_in_event_cannot_be_redefined(tmp_path: Path) -> None:
    """Packs would mean different things by one name."""
    (problem,) = refused(write_pack(tmp_path, GOOD, "\n  opening: {kind: wait, kinds: [hold]}"))
    assert "is built in" in problem


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("name: a\ntitle: b\nname: c", 3, "'name' is given twice (first in line 1)"),
        ("name: &x a\ntitle: b", 1, "anchors and aliases are not allowed"),
        ("name: a\ntitle: *x", 2, "anchors and aliases are not allowed"),
        ("name: a\ntitle: !!python/object:os.system b", 2, "is not allowed"),
        ("name: a\ntitle: [b", 2, "not valid YAML"),
        ("- a\n- b", 1, "a pack is a mapping"),
        ("name: a\n? [b]\n: c", 2, "a key must be a plain word"),
        ("name: a\nx: " + "[" * 30 + "]" * 30, 2, "nested too deeply"),
        ("name: a\nx: " + "9" * 5000, 2, "a number of 5000 characters"),
    ],
)
def test_yaml_is_read_strictly(tmp_path: Path, text: str, line: int, complaint: str) -> None:
    """Nothing is guessed, nothing is run."""
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    (problem,) = refused(path)
    assert problem.startswith(f"{path}:{line}: ") and complaint in problem


def test_files_that_are_no_packs(tmp_path: Path) -> None:
    """Not there, not UTF-8, far too large, nested without end: one message each."""
    assert "cannot be read" in refused(tmp_path / "none.yaml")[0]
    for name, content, complaint in (
        ("latin.yaml", "name: ä".encode("latin-1"), "is not UTF-8"),
        ("large.yaml", b"#" * (MOST_BYTES + 1), "larger than 5 MB"),
        ("deep.yaml", b"x: " + b"[" * 50_000, "nested too deeply"),
    ):
        (tmp_path / name).write_bytes(content)
        (problem,) = refused(tmp_path / name)
        assert complaint in problem and name in problem and len(problem) < 400


def test_an_unknown_name_lists_the_standards() -> None:
    """So that one can choose."""
    assert all(name in refused(Path("nobody"))[0] for name in list_standards())


def test_all_problems_at_once(tmp_path: Path) -> None:
    """With their own lines."""
    rules = "\n".join((rule_line('check: must_say, sya: ["x"]', "A"), rule_line("check: nothing", "B"), GOOD, GOOD, '- {title: "no id"}'))
    problems = refused(write_pack(tmp_path, rules, more="colour: red\nwords: {n: 3}"))
    found = "\n".join(problems)
    for complaint in ("unknown option 'colour'", "words: n: not a text", "unknown option 'sya'", "say is missing", 'rule "B": check must be',  # noqa: E501
                      f'rule "R" stands already in line {FIRST_RULE_LINE + 3}', "every rule is a mapping with an id"):  # fmt: skip
        assert complaint in found
    assert [int(p.split(":")[1]) for p in problems if 'rule "' in p] == [FIRST_RULE_LINE + k for k in (1, 1, 2, 4)]


def test_texts_that_look_like_something_else_stay_texts(tmp_path: Path) -> None:
    """Norway, times and octal numbers."""
    path = write_pack(tmp_path, GOOD, more='words: {a: no, b: 1:30, c: 007, d: 2026-01-01, e: "on"}')
    assert dict(load_standard(path).words) == {"a": "no", "b": "1:30", "c": "007", "d": "2026-01-01", "e": "on"}


def test_settings_fill_in_limits(tmp_path: Path) -> None:
    """``$name`` stands for a number."""
    path = write_pack(tmp_path, rule_line('check: must_say, say: ["您好"], times: $often'), more="settings: {often: 2}")
    assert load_standard(path).rule("R").options["times"] == 2.0


CHILD = """name: child
title: "child"
version: "2"
extends: small.yaml
words: {hello: "你好"}
"""


def child(folder: Path, more: str) -> Path:
    """A pack on top of one with the rules R and S, a word list and a setting."""
    rules = rule_line('check: must_say, say: ["{hello}"], weight: 2') + "\n" + rule_line('check: must_say, say: ["再见"]', "S")
    write_pack(folder, rules.replace("id: R,", "id: R,", 1), more='words: {hello: "您好", bye: "再见"}\nsettings: {x: 1}')
    path = folder / "child.yaml"
    path.write_text(CHILD + more, encoding="utf-8")
    return path


def test_a_standard_can_be_sent_to_another_process(tmp_path: Path) -> None:
    """Whole, with what still knows its lines."""
    standard = load_standard(write_pack(tmp_path, GOOD))
    sent = pickle.loads(pickle.dumps(standard))
    assert (sent, sent.digest) == (standard, standard.digest)
    assert (number := load_lines(tmp_path / "small.yaml").line_of["name"]) == 1
    assert pickle.loads(pickle.dumps(number)).path == tmp_path / "small.yaml"


def test_extends_takes_what_is_not_changed(tmp_path: Path) -> None:
    """Words, settings and rules of the base; the base's rules read the new words."""
    standard = load_standard(child(tmp_path, ""))
    assert (standard.name, standard.version, [r.id for r in standard.rules]) == ("child", "2", ["R", "S"])
    assert dict(standard.words) == {"hello": "你好", "bye": "再见"} and standard.settings["x"] == 1
    assert standard.rule("R").options["say"][0].elements[0][0].literal == "你好"


def test_a_fault_is_told_in_the_file_in_which_it_stands(tmp_path: Path) -> None:
    """In the base, or in the rule or section of the pack itself that is laid over it."""
    base = write_pack(tmp_path, rule_line("check: must_say, say: [1]") + "\n" + rule_line("check: count, say: x, most: 1", rule_id="S"))
    top = tmp_path / "top.yaml"
    top.write_text("extends: small.yaml\nname: top\nrules:\n- id: S\n  leest: 2\nsettings: 3\n", encoding="utf-8")
    assert sorted(problem.split(": ")[0] for problem in refused(top)) == [
        f"{base}:{FIRST_RULE_LINE}", f"{top}:5", f"{top}:6"
    ]


def test_a_rule_whose_id_is_no_text_is_refused_also_in_a_pack_that_extends_another(tmp_path: Path) -> None:
    """An id that cannot be looked up must not stop the merging."""
    problems = refused(child(tmp_path, "rules:\n- {id: {a: 1}, title: t}\n"))
    assert any("every rule is a mapping with an id (a text)" in problem for problem in problems)


def test_a_rule_is_changed_field_by_field(tmp_path: Path) -> None:
    """And a new one is added."""
    standard = load_standard(child(tmp_path, "rules:\n- {id: R, title: other}\n" + rule_line('check: must_say, say: ["喂"]', "T")))
    assert [r.id for r in standard.rules] == ["R", "S", "T"]
    assert (standard.rule("R").title, standard.rule("R").weight) == ("other", 2.0)


def test_drop_leaves_rules_out(tmp_path: Path) -> None:
    """Only ones that are there."""
    assert [r.id for r in load_standard(child(tmp_path, "drop: [R]")).rules] == ["S"]
    (problem,) = refused(child(tmp_path, "drop: [X]"))
    assert problem.endswith("child.yaml:6: drop: there is no rule 'X'")


def test_packs_cannot_extend_each_other_in_a_ring(tmp_path: Path) -> None:
    """Nor themselves, nor what is not there."""
    for name, base in (("a", "b.yaml"), ("b", "a.yaml"), ("c", "c.yaml"), ("d", "none.yaml")):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nextends: {base}\n", encoding="utf-8")
    assert "extends this pack in turn" in refused(tmp_path / "a.yaml")[0]
    assert "extends this pack in turn" in refused(tmp_path / "c.yaml")[0]
    assert "none.yaml: cannot be read" in refused(tmp_path / "d.yaml")[0]


def test_the_catalogue_fills_in_what_the_source_says(tmp_path: Path) -> None:
    """Quote and evidence by the rule's id, only if the pack asks for it."""
    rule = '- {id: ZJ-8.7, title: t, check: must_say, say: ["您好"], examples: {fires: [], quiet: ["A: 您好"]}}'
    assert load_standard(write_pack(tmp_path, rule, more="catalogue: rules.csv")).rule("ZJ-8.7").quote
    assert "quote is missing" in refused(write_pack(tmp_path, rule))[0]


def test_unobservable_needs_a_reason(tmp_path: Path) -> None:
    """In words."""
    assert load_standard(write_pack(tmp_path, GOOD, more='unobservable: {X: "no camera"}')).unobservable[0].reason == "no camera"
    (problem,) = refused(write_pack(tmp_path, GOOD, more="unobservable: {X: 3}"))
    assert problem.endswith(":4: unobservable: X: say why, as a text")


def _plain(value: object) -> object:
    """A parsed pack with the line of each key and the type of each value."""
    if isinstance(value, Lines):
        return value.line, value.line_of, {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else (type(value), value)


@pytest.mark.parametrize("name", [*list_standards(), "_common"])
def test_a_shipped_pack_is_the_same_whichever_way_it_is_parsed(name: str) -> None:
    """Shipped packs are read by libyaml where it is there, a text and a pack of one's own always by PyYAML itself."""
    path = SHIPPED / f"{name}.yaml"
    assert _plain(load_lines(path)) == _plain(load_lines(path, path.read_text(encoding="utf-8")))


def test_a_tab_between_tokens_is_refused_on_every_machine(tmp_path: Path) -> None:
    """libyaml takes it, PyYAML does not: what loads here must load elsewhere."""
    path = write_pack(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8").replace("name: small", "name:\tsmall"), encoding="utf-8")
    assert "cannot start any token" in refused(path)[0]


def test_an_unknown_check_does_not_hide_what_else_is_wrong_with_the_rule(tmp_path: Path) -> None:
    """The check that may be meant, an event that is not there, and missing examples, all at once."""
    rule = "- {id: R, title: t, quote: q, evidence: direct, check: must_sai, when: thankz, examples: {fires: []}}"
    with pytest.raises(PackError) as told:
        load_standard(write_pack(tmp_path, rule))
    assert all(part in str(told.value) for part in ("did you mean 'must_say'?", "unknown event 'thankz'", "examples must have"))
