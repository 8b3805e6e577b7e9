"""The pages in a real browser, opened from disk: they work, fetch nothing, and hostile content does nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from browsing import PAGES, assert_quiet, click, needs_browser, page_of, until, wide

from voicemon.report.texts import texts
from voicemon.review import APPEAL_KEYS

By = pytest.importorskip("selenium.webdriver.common.by").By
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
Select = pytest.importorskip("selenium.webdriver.support.ui").Select
pytestmark = needs_browser


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_opens_from_disk_without_errors_requests_or_scrolling_sideways(browser: Any, site: Any, kind: str, lang: str) -> None:
    url = page_of(site(lang), kind)
    for width in (1280, 360):
        wide(browser, width)
        browser.get(url)
        needs, has, inner, tag = browser.execute_script(
            "const page = document.documentElement; return [page.scrollWidth, page.clientWidth, innerWidth, page.lang]")
        assert (needs, inner, tag) == (has, width, texts(lang)["lang_tag"])
    assert_quiet(browser)


def test_a_click_on_a_verdict_takes_the_player_there(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    until(lambda: browser.execute_script("return document.getElementById('sound').readyState >= 1"), "the sound")
    for at_s in ("52.00", "17.00"):
        button = browser.find_element(By.CSS_SELECTOR, f"article.v button[data-t='{at_s}']")
        click(browser, button)
        reached = browser.execute_script("return document.getElementById('sound').currentTime")
        assert float(at_s) <= reached < float(at_s) + 5.0
    assert_quiet(browser)


def test_a_link_with_a_time_opens_the_call_there(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call") + "#t=23.20")
    until(lambda: abs(browser.execute_script("return document.getElementById('sound').currentTime") - 23.2) < 0.1, "the place")


def test_the_keyboard_moves_and_plays(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    until(lambda: browser.execute_script("return document.getElementById('sound').readyState >= 1"), "the sound")
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.ARROW_RIGHT)
    assert browser.execute_script("return document.getElementById('sound').currentTime") == pytest.approx(3.0, abs=0.2)
    body.send_keys(Keys.SPACE)
    until(lambda: not browser.execute_script("return document.getElementById('sound').paused"), "playing")


def calls_shown(browser: Any) -> list[str]:
    return [link.text for link in browser.find_elements(By.CSS_SELECTOR, "#body td.id a")]


def test_the_overview_sorts_and_filters(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "overview"))
    assert calls_shown(browser) == ["call-0", "call-1", "call-2"]
    head = browser.find_element(By.CSS_SELECTOR, "th[data-key='id'] button")
    click(browser, head)
    click(browser, head)
    assert calls_shown(browser) == ["call-2", "call-1", "call-0"]
    Select(browser.find_element(By.ID, "f-agent")).select_by_index(2)
    until(lambda: calls_shown(browser) == ["call-2"], "the calls of one agent")
    click(browser, browser.find_element(By.CSS_SELECTOR, "#filters button[type='reset']"))
    until(lambda: len(calls_shown(browser)) == 3, "all calls again")
    browser.find_element(By.ID, "f-text").send_keys("call-1")
    assert calls_shown(browser) == ["call-1"]
    assert_quiet(browser)


def test_the_measures_are_drawn_with_their_targets(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "overview"))
    bands = {key: len(browser.find_elements(By.CSS_SELECTOR, f"#dist-{key} rect.band")) for key in ("rate", "level", "ring", "wait")}
    assert bands == {"rate": 1, "level": 1, "ring": 0, "wait": 0}
    assert len(browser.find_elements(By.CSS_SELECTOR, "#dist-rate rect.out")) == 1


def test_an_appeal_is_saved_as_a_file_that_can_be_taken_in(browser: Any, site: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("saved")
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.get(page_of(site(), "agent"))
    browser.find_element(By.ID, "note").send_keys("我问了 <b>贵姓</b>")
    click(browser, browser.find_element(By.CSS_SELECTOR, "#contest button"))
    (path,) = until(lambda: [p for p in folder.glob("appeal-*.json") if p.stat().st_size], "the file")  # it is there before it is whole
    appeal = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(appeal) == APPEAL_KEYS and (appeal["agent_id"], appeal["note"]) == ("1023", "我问了 <b>贵姓</b>")
    assert path.name == f"appeal-{appeal['call_id']}-{appeal['rule']}.json"
    assert_quiet(browser)


@pytest.mark.parametrize("kind", PAGES)
def test_hostile_names_words_and_reasons_do_nothing(browser: Any, site: Any, hostile_text: str, kind: str) -> None:
    url = page_of(site(hostile=True), kind)
    # An alert() would stop the next command with an exception.
    browser.get(url)
    own = browser.execute_script(
        "return [document.scripts.length, document.querySelectorAll('[onerror],[onload],[onclick],img,iframe').length]")
    assert own == [3 if kind == "call" else 2, 0]
    assert hostile_text in browser.execute_script("return document.body.textContent")
    assert_quiet(browser)
