"""Roles by option, by sidecar, and by what is said."""

from __future__ import annotations

import pytest

from voicemon.roles import RoleContext, assign_roles, role_cues, role_words

AGENT_TEXT = "您好，欢迎致电客户服务热线，请问有什么可以帮您？请您稍等。感谢您的来电，再见。"
CUSTOMER_TEXT = "你好，我想问一下我买的水壶能不能换？没有了，谢谢你。"


@pytest.mark.parametrize("agent", ["left", "right"])
def test_service_phrases_tell_the_agent_on_either_channel(agent: str) -> None:
    customer = "right" if agent == "left" else "left"
    roles = assign_roles({agent: AGENT_TEXT, customer: CUSTOMER_TEXT})
    assert (roles.agent, roles.customer, roles.method, roles.reason) == (agent, customer, "evidence", None)
    assert 0.9 < roles.margin <= 1.0


def test_the_option_wins_over_the_sidecar_and_both_over_the_words() -> None:
    texts = {"left": AGENT_TEXT, "right": CUSTOMER_TEXT}
    by_option = assign_roles(texts, option="right", sidecar_channel="left")
    assert (by_option.agent, by_option.customer, by_option.method, by_option.margin) == ("right", "left", "option", 1.0)
    assert assign_roles(texts, sidecar_channel="right").method == "sidecar"


def test_an_option_for_a_channel_that_is_not_there_is_passed_over_and_said() -> None:
    roles = assign_roles({"voice 1": AGENT_TEXT, "voice 2": CUSTOMER_TEXT}, option="left")
    assert (roles.agent, roles.method) == ("voice 1", "evidence")
    assert roles.reason is not None and "left" in roles.reason


@pytest.mark.parametrize(
    "texts",
    [{"left": "嗯", "right": "好"}, {"left": "", "right": ""}, {"left": AGENT_TEXT, "right": AGENT_TEXT}, {"mono": AGENT_TEXT}, {}],
    ids=["thin", "empty", "alike", "one channel", "none"],
)
def test_thin_evidence_is_unknown_with_a_reason(texts: dict[str, str]) -> None:
    roles = assign_roles(texts)
    assert (roles.agent, roles.customer, roles.method) == (None, None, "unknown")
    assert roles.reason and roles.margin < 0.5


@pytest.mark.parametrize("text", ["喂？喂，听得见吗？喂？", "喂？喂？再见。", "喂，你好？怎么没人说话啊？"])
def test_a_customer_whom_nobody_answers_is_not_made_the_agent(text: str) -> None:
    context = RoleContext("inbound", "left")
    assert assign_roles({"left": text, "right": ""}, context=context).agent != "left"


def test_an_agent_on_a_silent_line_is_the_agent() -> None:
    assert assign_roles({"left": "", "right": "喂，您好，说话呀。"}).agent == "right"


def test_an_agent_who_breaks_every_rule_is_told_by_plain_words() -> None:
    """Nobody says a script: it is who asks when, and who answers for the company, that tells the parties apart."""
    texts = {"left": "喂，那个包裹公司还没处理好，单号我看过了。这个说不清楚，没办法。好，挂了。",
             "right": "啥包裹啊？到底什么时候能到我家？不是说好今天给我吗？唉，那我再等等吧。"}
    assert assign_roles(texts, context=RoleContext("outbound", "left")).agent == "left"


def test_who_speaks_first_counts_inbound_only() -> None:
    texts = {"left": "喂，几号的？再见。", "right": "嗯，明天。"}
    inbound = assign_roles(texts, context=RoleContext("inbound", "left"))
    outbound = assign_roles(texts, context=RoleContext("outbound", "left"))
    assert inbound.margin > outbound.margin


def test_cues_of_the_standard_count_even_if_partly_misheard() -> None:
    texts = {"left": "年好紫金经行有什么能购帮您", "right": "嗯那个戒指"}
    cue = "您好紫金金行有什么能够帮您"
    assert assign_roles(texts, cues=(cue,)).margin > assign_roles(texts).margin
    assert assign_roles(texts, cues=("欢迎致电客户服务热线",)).margin == assign_roles(texts).margin


def test_repeating_one_phrase_is_no_overwhelming_evidence() -> None:
    twice = assign_roles({"left": "对不起您" * 2, "right": ""})
    often = assign_roles({"left": "对不起您" * 50, "right": ""})
    assert often.margin == pytest.approx(twice.margin)


def test_a_third_voice_leaves_the_customer_open() -> None:
    roles = assign_roles({"a": AGENT_TEXT, "b": CUSTOMER_TEXT, "c": "喂"})
    assert (roles.agent, roles.customer) == ("a", None)


def test_words_of_both_parties_weigh_on_both_sides() -> None:
    """Characters and pairs of them, so that a word that was misheard costs only the pairs it stands in."""
    words = role_cues().words
    assert words["您好"] > 0 > words["你们"] and words["请问"] > 0 > words["我想"]
    assert {len(word) for word in words} == {1, 2} and all(-3.0 < odds < 3.0 for odds in words.values())


def test_numerals_weigh_as_they_are_read() -> None:
    """The recogniser writes 15号 or 十五号 as it likes."""
    assert role_words("15号客服") == role_words("十五号客服") >= {"号", "十五"}


def test_what_both_say_tells_nothing() -> None:
    both = "我们这边都挺好的，您看要不要再问问。"
    assert assign_roles({"left": AGENT_TEXT + both, "right": CUSTOMER_TEXT}).margin > 0.9
    assert assign_roles({"left": both, "right": both}).margin == 0.0


def test_a_curt_and_misheard_call_without_any_script_is_told_by_its_plain_words() -> None:
    texts = {"left": "什么戒指？你哪位？行，我抽空其一趟",
             "right": "马先生吧，你那个戒指做好了，过来请。赶紧过来吧，放着儿站地方。那行，挂了阿里。"}
    assert assign_roles(texts, context=RoleContext("outbound", "right")).agent == "right"


def test_a_cue_of_which_only_a_common_part_is_said_counts_once() -> None:
    """A customer who asks for 客服中心 has not said 淘宝客服中心."""
    texts = {"left": "喂几号", "right": "是客服中心吗"}
    assert assign_roles(texts, cues=("淘宝客服中心",)).margin == assign_roles(texts).margin
