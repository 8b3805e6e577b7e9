"""The wordings of the packs, by whose words they are."""

from __future__ import annotations

import pack_words
import pytest
from pack_words import MOST_WORDINGS, literals, wordings

from voicemon.judge.phrases import compile_phrase
from voicemon.records import AGENT, CUSTOMER


def test_the_packs_listen_for_agents_and_customers() -> None:
    found = wordings()
    assert found["提供一下运单号"] == AGENT and found["怎么还没"] == CUSTOMER
    assert set(found.values()) == {AGENT, CUSTOMER} and len(found) > 10_000


def test_a_phrase_is_taken_apart_at_its_gaps() -> None:
    phrase = compile_phrase("找{any:0-3}包裹|{thing}到了没|在", {"thing": "件|货"})
    assert sorted(literals(phrase)) == sorted(["包裹", "件到了没", "货到了没"])


def test_of_many_alternatives_some_are_taken_always_the_same() -> None:
    many = compile_phrase("|".join(f"甲{chr(0x4E00 + i)}" for i in range(3 * MOST_WORDINGS)), {})
    assert len(list(literals(many))) == MOST_WORDINGS and list(literals(many)) == list(literals(many))


def test_what_is_listened_for_of_both_parties_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = [("says", {"by": party, "says": [compile_phrase(f"{party}|两边", {})]}) for party in (AGENT, CUSTOMER)]
    monkeypatch.setattr(pack_words, "_listening", lambda: iter([*listening, ("says", {"by": "any", "says": [compile_phrase("谁都", {})]})]))
    assert wordings() == {"agent": AGENT, "customer": CUSTOMER}
