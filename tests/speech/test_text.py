"""Text as it is compared, and numbers as they are read."""

from __future__ import annotations

from importlib.resources import files

import pytest
from opencc import OpenCC

from voicemon.speech.text import _traditional, normalise, numbers_as_read, simplify


@pytest.mark.parametrize(("text", "plain"), [
    ("您好！中环国际，很高兴为您服务。", "您好中环国际很高兴为您服务"), ("感謝您的來電", "感谢您的来电"), ("ＡＢＣ　１２", "abc12"),
    (" D H L ", "dhl"), ("……？", "")])
def test_normalised_text_is_simplified_folded_and_bare(text, plain):
    """Simplified, half width, lower case, no punctuation and no spaces."""
    assert normalise(text) == plain


@pytest.mark.parametrize(("text", "simple"), [("等著吧", "等着吧"), ("著名的著作", "著名的著作"), ("顯著", "显著")])
def test_zhe_is_written_as_it_is_said(text, simple):
    """著 becomes 着 except in words of writing and fame."""
    assert simplify(text) == simple


@pytest.mark.parametrize(("text", "read"), [
    ("15号", "十五号"), ("10公斤", "十公斤"), ("105元", "一百零五元"), ("110", "一百一十"), ("2000件", "二千件"), ("2026年", "二零二六年"),
    ("0571", "零五七一"), ("95188", "九五一八八"), ("13800138000", "一三八零零一三八零零零"),
    ("3.5折", "三点五折"), ("1,200元", "一千二百元"),
    ("12,0000", "十二万"), ("8632", "八六三二"), ("8632元", "八千六百三十二元"), ("139,8810,2235", "一三九,八八一零,二二三五"),
    ("13812345678,13912345678", "一三八一二三四五六七八,一三九一二三四五六七八"), ("1" * 13 + ",000", "一" * 13 + ",零零零"),
    ("电话是138,0066,2517,您记一下", "电话是一三八,零零六六,二五一七,您记一下"), ("612-077", "六一二-零七七"),
    ("138-0066-251", "一三八-零零六六-二五一"),
    ("801号客服为您服务", "八零一号客服为您服务"), ("客服代表502很高兴", "客服代表五零二很高兴"), ("2单元301", "二单元三零一"),
    ("301室", "三零一室"), ("801号克服为您服务", "八零一号克服为您服务"), ("85折", "八五折"), ("80折", "八十折"), ("8折", "八折"),
    ("手机是139", "手机是一三九"), ("尾号是367", "尾号是三六七"), ("拨打114", "拨打一一四"), ("转802", "转八零二"),
    ("工号206号", "工号二零六号"), ("一共5000", "一共五千"), ("尾号5000", "尾号五零零零"), ("2000年", "二零零零年"),
    ("转300元", "转三百元"), ("电话300个", "电话三百个"),
    ("手机139", "手机一三九"), ("这手机899太贵", "这手机八百九十九太贵"), ("转300", "转三百"), ("电话400", "电话四零零"),
    ("电话费128", "电话费一百二十八"),
    ("969号", "九百六十九号"), ("100-200元", "一百-二百元"), ("1000-2000元", "一千-二千元"), ("12,300,000", "一千二百三十万"),
    ("8%", "百分之八"), ("10:05", "十点零五"), ("9:00", "九点"), ("没有数字", "没有数字")])
def test_numerals_are_written_as_they_are_read(text, read):
    """Quantities as quantities; years, long numbers and leading zeros digit by digit."""
    assert numbers_as_read(text) == read


def test_a_part_of_what_was_said_is_read_as_in_its_place():
    """A word with a number in it is read by the words around it, which are not given back."""
    assert numbers_as_read("801", "您好,", "号客服为您服务") == "八零一"
    assert numbers_as_read("502", "客服代表", "") == "五零二"
    assert numbers_as_read("801", "您好,", "号院") == "八百零一"


def test_only_what_holds_a_traditional_character_is_put_through_opencc(monkeypatch):
    """It takes as long for a text that has nothing to change; whatever its tables change holds one of those characters."""
    tables = [files("opencc").joinpath("dictionary", name).read_text(encoding="utf-8") for name in ("TSPhrases.txt", "TSCharacters.txt")]
    written = [line.split("\t")[0] for table in tables for line in table.splitlines()]
    converted = OpenCC("t2s")
    assert [simplify(w + "的") for w in written if "著" not in w] == [converted.convert(w + "的") for w in written if "著" not in w]
    monkeypatch.setattr("voicemon.speech.text._converter", lambda: None)
    assert simplify("您好,很高兴为您服务") == "您好,很高兴为您服务"


def test_without_its_tables_opencc_is_asked_about_every_text(monkeypatch):
    """Another edition of the library may keep them elsewhere."""
    _traditional.cache_clear()
    monkeypatch.setattr("voicemon.speech.text._TABLES", ("NONE.txt",))
    try:
        assert simplify("感謝您") == "感谢您"
    finally:
        _traditional.cache_clear()
