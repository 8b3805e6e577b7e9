"""All pages in print, in the dark, by keyboard, and with file names that try to be something else."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import PAGES, appear, assert_quiet, needs_browser, page_of, wide, write_tone

from voicemon.overview import write_overview
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json
from voicemon.report.media import Media, link_to
from voicemon.report.rows import call_href
from voicemon.store import Store

By = pytest.importorskip("selenium.webdriver.common.by").By
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
pytestmark = needs_browser
# What a file system takes as a name; a slash it does not.
EVIL_NAME = "<script>alert(1)<\"onerror='alert(2)' =cmd|' C calc'!A0 %2e%2e #t=9 ?x&y"
OUTLINE = """
const e = document.activeElement;
return e === document.body ? [] : [getComputedStyle(e).outlineStyle, e.outerHTML.slice(0, 90)];
"""
BRIGHTNESS = """
const parts = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
return (parts[0] + parts[1] + parts[2]) / 3;
"""


@pytest.mark.parametrize("kind", PAGES)
def test_the_theme_of_the_system_is_followed_and_print_is_always_light(browser: Any, site: Any, kind: str) -> None:
    browser.get(page_of(site(), kind))
    assert browser.execute_script(BRIGHTNESS) > 200
    appear(browser, "dark")
    assert browser.execute_script(BRIGHTNESS) < 60
    appear(browser, "dark", "print")
    assert browser.execute_script(BRIGHTNESS) == 255
    shown = "return [...document.querySelectorAll('.noprint')].filter((e) => getComputedStyle(e).display !== 'none').length"
    assert browser.execute_script(shown) == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_printed_page_is_no_wider_than_its_paper(browser: Any, site: Any, kind: str, lang: str) -> None:
    browser.get(page_of(site(lang), kind))
    wide(browser, 720)  # A4 less its margins, at 96 to the inch
    appear(browser, "light", "print")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 720
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert printed.startswith("JVBERi0")  # %PDF- in base64


@pytest.mark.parametrize("kind", ["call", "overview"])
def test_the_first_tab_skips_to_what_matters(browser: Any, site: Any, kind: str) -> None:
    browser.get(page_of(site(), kind))
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.get_attribute("class") == "skip" and skip.is_displayed() and skip.rect["x"] >= 0
    target = skip.get_attribute("href").rsplit("#", 1)[1]
    skip.send_keys(Keys.ENTER)
    assert abs(browser.execute_script("return document.getElementById(arguments[0]).getBoundingClientRect().top", target)) < 300


@pytest.mark.parametrize("kind", PAGES)
def test_whatever_has_the_focus_shows_it(browser: Any, site: Any, kind: str) -> None:
    browser.get(page_of(site(), kind))
    for _ in range(12):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        outline = browser.execute_script(OUTLINE)
        assert not outline or outline[0] != "none", outline[1]


def test_a_file_name_of_markup_and_formulas_is_only_a_name(browser: Any, tmp_path: Any, build: Any, standard: Any, peaks: Any) -> None:
    store, report = Store(tmp_path), build(id=EVIL_NAME, path=f"in/{EVIL_NAME}.wav", agent_id=EVIL_NAME, agent_name=EVIL_NAME)
    store.prepare()
    write_tone(tmp_path / f"calls/audio/{EVIL_NAME}.wav", 1.0)
    audio = link_to(f"audio/{EVIL_NAME}.wav")
    store.save_facts(report.facts, {"audio_href": audio, "peaks": peaks})
    store.write(f"calls/{EVIL_NAME}.html", call_page(report, standard, Media(audio, peaks), "zh"))
    store.save_report(EVIL_NAME, call_json(report, standard, "zh"))
    write_overview(store, (), {standard.name: standard}, "zh")
    browser.get((tmp_path / "index.html").as_uri())
    name = browser.find_element(By.CSS_SELECTOR, "#body td.id a")
    assert name.text == EVIL_NAME
    agent = browser.find_element(By.CSS_SELECTOR, "#body td:nth-child(6) a").get_attribute("href")
    browser.get(name.get_attribute("href"))
    assert browser.find_element(By.TAG_NAME, "h1").text == EVIL_NAME and browser.current_url.endswith(call_href(EVIL_NAME)[6:])
    assert browser.execute_script("return document.getElementById('sound').error") is None
    browser.get(agent)
    assert EVIL_NAME in browser.find_element(By.TAG_NAME, "h1").text
    assert_quiet(browser)


@pytest.mark.parametrize(("kind", "what"), [("agent", "tbody td.num"), ("agent", "tbody td:first-child a"), ("call", ".u .who")])
def test_names_and_times_are_not_broken_in_a_narrow_window(browser: Any, site: Any, kind: str, what: str) -> None:
    """``Custome/r`` and a date in five lines cannot be read; a table may be scrolled instead."""
    browser.get(page_of(site("en"), kind))
    wide(browser, 390)
    lines = """return [...document.querySelectorAll(arguments[0])].map((e) => {
      const range = document.createRange();
      range.selectNodeContents(document.createTreeWalker(e, NodeFilter.SHOW_TEXT).nextNode());
      return new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size;
    })"""
    found = browser.execute_script(lines, what)
    assert found and set(found) == {1}
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
