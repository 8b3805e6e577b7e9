"""Builders of a realistic call report: ring, hold, waits, an interruption and all six outcomes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import browsing
import pytest

from voicemon import records as r
from voicemon.judge.standard import Rule, Standard, Unobservable
from voicemon.overview import write_overview
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json
from voicemon.report.media import Media, link_to
from voicemon.store import Store

HOSTILE = "<script>alert(1)</script>\"onerror='x'=cmd|' /C calc'!A0</script>"

RULE_TABLE: tuple[tuple[str, str, str, str, str], ...] = (
    ("ZJ-7.1a", "呼入问候语", "呼入:问候语:“您好,紫金金行,请问有什么能够帮您?”", "direct", "您好,紫金金行,请问有什么能够帮您?"),
    ("ZJ-7.1b", "询问顾客姓氏", "主动询问顾客姓氏如:“您贵姓”、“请问怎么称呼您”", "direct", "请问怎么称呼您?"),
    ("ZJ-3.1c", "三声内接听", "电话响三声内接听", "direct", ""),
    ("ZJ-3.3d", "请客户稍加等待", "短时间解答不了的请客户稍加等待", "direct", "请稍等,我帮您查询。"),
    ("ZJ-6.6", "语速 140–160 字/分", "语速:每分钟140-160适中", "direct", ""),
    ("ZJ-7.4b", "久等致歉", "回来的时候“不好意思,让您久等了。”", "direct", "不好意思,让您久等了。"),
    ("ZJ-7.2a", "结束前再次询问", "要再次询问客户“请问还有什么能够帮助您的吗?”“请问还有其他问题吗?”", "direct", "请问还有其他问题吗?"),
    ("ZJ-7.2c", "感谢来电", "如果没有则回答“感谢您的来电,请挂机,再见。”", "direct", "感谢您的来电,请挂机,再见。"),
    ("ZJ-7.2x2", "客户未结束不得挂机", "或者客户没有完全结束通话时自行挂机", "direct", ""),
    ("ZJ-3.4c", "语气诚恳", "语气诚恳", "proxy", ""),
    ("ZJ-9.5", "投诉回复", "顾客投诉,回复“给您照成的困扰我们万分抱歉,我会马上反映到有关部门…”", "direct", "给您造成的困扰我们万分抱歉。"),
    ("ZJ-3.6a", "整理电话记录", "整理电话记录,包括时间", "direct", ""),
)

LIMITS: dict[str, dict[str, Any]] = {
    "ZJ-6.6": {"path": "measures.speaking_rate.agent.per_minute_of_turns", "least": 140, "most": 160, "tolerance_share": 0.02},
    "ZJ-3.1c": {"path": "measures.ring.count", "least": None, "most": 3},
}

LINES: tuple[tuple[str, float, str], ...] = (
    (r.AGENT, 8.1, "您好,紫金金行,请问有什么能够帮您?"),
    (r.CUSTOMER, 12.4, "你好,我想问一下我上个月买的那条金项链能不能换款"),
    (r.AGENT, 17.0, "可以的,您有购买的小票吗"),
    (r.CUSTOMER, 20.6, "有的,票号是三零七八"),
    (r.AGENT, 23.2, "我看一下啊"),
    (r.AGENT, 52.0, "查到了,您这个是可以换的,补差价就行了"),
    (r.CUSTOMER, 57.5, "那我这个周六过来可以吗,就是"),
    (r.AGENT, 59.4, "可以可以,您带上小票和项链来我们展厅就行"),
    (r.CUSTOMER, 64.8, "好的谢谢你啊"),
    (r.AGENT, 67.0, "不客气,这是我的工作职责,感谢您的来电,请挂机,再见"),
)

VERDICTS: tuple[tuple[Any, ...], ...] = (
    ("ZJ-7.1a", "pass", "问候语完整", ((8.1, 11.8),), "您好,紫金金行,请问有什么能够帮您?", ""),
    ("ZJ-7.1b", "fail", "整通电话没有询问顾客姓氏", ((17.0, 19.4),), "可以的,您有购买的小票吗", "请问怎么称呼您?"),
    ("ZJ-3.1c", "pass", "响 2 声后接听", ((0.3, 8.1),), "", ""),
    ("ZJ-3.3d", "unsure", "这里的话听不清,可能说了“请稍等”", ((23.2, 24.4),), "我看一下啊", "请稍等,我帮您查询。"),
    ("ZJ-6.6", "fail", "语速 201 字/分,高于 160", (), "", ""),
    ("ZJ-7.4b", "fail", "等待 26.8 秒后没有致歉", ((52.0, 54.0),), "查到了", "不好意思,让您久等了。"),
    ("ZJ-7.2a", "fail", "结束前没有再次询问", ((64.8, 67.0),), "", "请问还有其他问题吗?"),
    ("ZJ-7.2c", "pass", "说了结束语", ((67.0, 72.0),), "感谢您的来电,请挂机,再见", ""),
    ("ZJ-7.2x2", "pass", "由客户先挂机", (), "", ""),
    ("ZJ-3.4c", "hint", "抢话一次,句尾偏快", ((59.4, 60.6),), "可以可以", ""),
    ("ZJ-9.5", "not_applicable", "客户没有投诉", (), "", ""),
    ("ZJ-3.6a", "not_checked", "没有提供来电登记表", (), "", ""),
)


def make_standard(**changes: Any) -> Standard:
    rules = tuple(
        Rule(id=rule_id, title=title, quote=quote, kind="required phrase", evidence=evidence, trigger="", satisfied_by="",
             broken_by="", check="measure" if rule_id in LIMITS else "must_say", options=LIMITS.get(rule_id, {}), say_instead=say,
             weight=2.0 if rule_id == "ZJ-7.2x2" else 1.0, fatal=rule_id == "ZJ-7.2x2", section=rule_id.split(".")[0])
        for rule_id, title, quote, evidence, say in RULE_TABLE
    )
    base = Standard(
        name="zijin-400", version="1", title="紫金金行 400 客服标准", company=("紫金金行",), rules=rules,
        unobservable=(Unobservable("ZJ-3.1b", "面带微笑", "录音里看不到表情"),), events={}, words={},
        settings={}, source="source 003",
    )
    return replace(base, **changes)


def make_words(text: str, start_s: float, end_s: float) -> tuple[r.Word, ...]:
    pieces = [text[i : i + 2] for i in range(0, len(text), 2)]
    step = (end_s - start_s) / max(1, len(pieces))
    return tuple(
        r.Word(piece, round(start_s + i * step, 3), round(start_s + (i + 1) * step, 3), 0.3 if i % 7 == 4 else 0.9)
        for i, piece in enumerate(pieces)
    )


def make_line(speaker: str, start_s: float, text: str) -> r.Utterance:
    end_s = round(start_s + 0.6 + len(text) * 0.19, 2)
    return r.Utterance(speaker, start_s, end_s, text, 0.8, make_words(text, start_s, end_s))


def make_measures() -> r.Measures:
    return r.Measures(
        speaking_rate={
            r.AGENT: r.SpeakingRate(92, 24.6, 27.4, 224.4, 201.5, 76.8, 95),
            r.CUSTOMER: r.SpeakingRate(reason="说话太短"),
        },
        level={
            r.AGENT: r.Level(-25.1, -24.0, -62.0, 36.9, 0.0, (r.TurnLevel(8.1, 11.9, -25.4), r.TurnLevel(52.0, 56.4, -23.0),
                                                              r.TurnLevel(59.4, 63.8, -38.2), r.TurnLevel(67.0, 72.6, -26.0))),
            r.CUSTOMER: r.Level(-28.9, -27.5, -60.0, 31.0, 0.0),
        },
        ring=r.Ring(2, 0.3, 8.1, 7.8, "recording", "cn"),
        waits=(r.Wait("ring", 0.3, 8.1), r.Wait("response", 24.8, 31.0, False), r.Wait("hold", 31.0, 52.0, True),
               r.Wait("closing", 72.6, 80.0)),
        interruptions=(r.Interruption(r.AGENT, 59.4, 60.6, False), r.Interruption(r.CUSTOMER, 61.0, 61.4, True)),
        talk_share={r.AGENT: 0.34, r.CUSTOMER: 0.21},
    )


def make_report(**call_changes: Any) -> r.CallReport:
    """A call of 80 s with everything in it; ``call_changes`` replace fields of its :class:`CallInfo`."""
    call = r.CallInfo("call-0001", "in/call-0001.flac", "ab" * 32, 80.0, 8000, 2, "zijin-400", "inbound",
                      "2026-03-12T10:15:00+08:00", "1023", "王芳")
    lines = tuple(make_line(*line) for line in LINES)
    speech = {p: tuple(r.Span(u.start_s, u.end_s) for u in lines if u.speaker == p) for p in r.PARTIES}
    facts = r.Facts(
        call=replace(call, **call_changes), roles=r.Roles("left", "right", "evidence", 0.92), speech=speech, transcript=lines,
        audit=(r.AuditMark("ghost", 23.2, 24.4, r.AGENT), r.AuditMark("speech_without_words", 28.0, 29.5, r.CUSTOMER)),
        measures=make_measures(), sidecar={"released_by": "customer"}, notes=("侧车文件说响 3 声,录音里是 2 声",),
    )
    verdicts = tuple(
        r.Verdict(rule, outcome, "proxy" if rule == "ZJ-3.4c" else "direct", reason, spans, quote, expected)
        for rule, outcome, reason, spans, quote, expected in VERDICTS
    )
    score = r.Score(50.0, 45.5, 54.5, (), None)
    return r.CallReport(facts, "zijin-400", "1", verdicts, score,
                        {"voicemon": "0.1.0", "model": "base", "model_sha256": "d01c", "standard_version": "1", "settings": {}})


def make_reviews(call_id: str) -> dict[str, tuple[r.ReviewEntry, ...]]:
    """One miss appealed and overturned, another one's appeal open."""
    appeal = ("appeal", "1023", "2026-03-12T10:00:00+00:00", "我问了贵姓")
    decision = ("overturn", "李主管", "2026-03-13T10:00:00+00:00", "听到了")
    entry = r.ReviewEntry
    return {
        "ZJ-7.1b": (entry(call_id, "ZJ-7.1b", *appeal, "fail"), entry(call_id, "ZJ-7.1b", *decision, "fail", "pass")),
        "ZJ-7.2a": (entry(call_id, "ZJ-7.2a", *appeal, "fail"),),
    }


def make_hostile() -> r.CallReport:
    """The same call with markup, handlers and formulas in every string that a recording or sidecar can bring."""
    report = make_report(id=HOSTILE, path=HOSTILE, agent_id=HOSTILE, agent_name=HOSTILE, started_at=HOSTILE, direction=HOSTILE)
    facts = replace(
        report.facts, notes=(HOSTILE,), sidecar={HOSTILE: HOSTILE},
        transcript=tuple(replace(u, text=HOSTILE, words=make_words(HOSTILE, u.start_s, u.end_s)) for u in report.facts.transcript),
    )
    verdicts = tuple(replace(v, reason=HOSTILE, quote=HOSTILE, expected=HOSTILE) for v in report.verdicts)
    return replace(report, facts=facts, verdicts=verdicts, made_with={HOSTILE: HOSTILE})


def make_hostile_standard() -> Standard:
    standard = make_standard(title=HOSTILE)
    return replace(standard, rules=tuple(replace(x, title=HOSTILE, quote=HOSTILE, say_instead=HOSTILE) for x in standard.rules))


def make_peaks(n: int = 1200, duration_s: float = 80.0) -> dict[str, list[int]]:
    """A plausible envelope of each channel of :func:`make_report`."""
    report = make_report()
    peaks: dict[str, list[int]] = {}
    for party, channel in ((r.AGENT, "left"), (r.CUSTOMER, "right")):
        values = [2] * n
        for span in report.facts.speech[party]:
            for i in range(int(span.start_s / duration_s * n), min(n, int(span.end_s / duration_s * n))):
                values[i] = int(40 + 60 * abs(math.sin(i * 0.37) * math.cos(i * 0.071)))
        peaks[channel] = values
    return peaks


@pytest.fixture
def report() -> r.CallReport:
    return make_report()


@pytest.fixture
def standard() -> Standard:
    return make_standard()


@pytest.fixture
def hostile() -> tuple[r.CallReport, Standard]:
    return make_hostile(), make_hostile_standard()


@pytest.fixture
def build() -> Callable[..., r.CallReport]:
    return make_report


@pytest.fixture
def peaks() -> dict[str, list[int]]:
    return make_peaks()


@pytest.fixture
def hostile_text() -> str:
    return HOSTILE


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browsing.chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def browser(chromium: Any) -> Any:
    return browsing.fresh(chromium)


@pytest.fixture
def site(tmp_path: Path, build: Callable[..., Any], standard: Standard, peaks: Any) -> Callable[..., Path]:
    """Writes an OUT of three calls with all its pages; ``hostile`` ones on demand."""

    def write(lang: str = "zh", hostile: bool = False, reviewed: bool = False) -> Path:
        store = Store(tmp_path)
        store.prepare()
        browsing.write_tone(tmp_path / "calls/audio/a.wav")
        agents = ("1023", "1023", "2000")
        reports = [build(id=f"call-{i}", agent_id=a, started_at=f"2026-03-1{i}T10:00:00+08:00") for i, a in enumerate(agents)]
        pack, failed = standard, r.FailedCall("bad", "bad.wav", "is empty")
        if hostile:
            evil, pack = make_hostile(), make_hostile_standard()
            info = replace(evil.facts.call, id="evil", agent_id="1023")
            reports = [replace(evil, facts=replace(evil.facts, call=info))]
            failed = r.FailedCall(HOSTILE, HOSTILE, HOSTILE)
        if reviewed:
            reports = [replace(reports[0], reviews=make_reviews(reports[0].facts.call.id)), *reports[1:]]
        for report in reports:
            call_id = report.facts.call.id
            store.write(f"calls/{call_id}.html", call_page(report, pack, Media(link_to("audio/a.wav"), peaks), lang))
            store.save_facts(report.facts, {"audio_href": link_to("audio/a.wav"), "peaks": peaks})
            store.save_report(call_id, call_json(report, pack, lang))
        write_overview(store, (failed,), {pack.name: pack}, lang)
        return tmp_path

    return write
