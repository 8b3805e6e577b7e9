"""Reasons that hearing writes in English appear in Chinese on Chinese pages."""

from __future__ import annotations

from dataclasses import replace

from voicemon.judge.standard import Standard
from voicemon.records import CallReport, Level, Roles, Score
from voicemon.report.as_html import call_page
from voicemon.report.media import Media


def test_a_chinese_page_tells_roles_notes_measures_and_score_in_chinese(report: CallReport, standard: Standard) -> None:
    measures = replace(report.facts.measures, level={p: Level(reason="who speaks is not known") for p in ("agent", "customer")})
    facts = replace(
        report.facts, measures=measures, notes=("the right channel is silent",),
        roles=Roles(None, None, "unknown", 0.1, "too little is said that only an agent or only a customer would say"),
    )
    unknown = replace(report, facts=facts, score=Score(None, None, None, (), "no rule with a weight could be decided"))
    chinese, english = (call_page(unknown, standard, Media(), lang) for lang in ("zh", "en"))
    for there, here in (("who speaks is not known", "说话人不明"), ("the right channel is silent", "右声道无声"),
                        ("too little is said", "能区分客服和客户的话太少"), ("no rule with a weight", "没有一条计分的规则能够判定")):
        assert here in chinese and there not in chinese
        assert there in english
