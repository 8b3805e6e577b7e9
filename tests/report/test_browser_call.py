"""The call page in a real browser: the waveform plays, and nothing is lost without the recording, without scripts or in print."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import appear, assert_quiet, click, needs_browser, page_of, until

from voicemon.report.as_html import call_page
from voicemon.report.media import Media

By = pytest.importorskip("selenium.webdriver.common.by").By
Actions = pytest.importorskip("selenium.webdriver").ActionChains
pytestmark = needs_browser
AT = "return document.getElementById('sound').currentTime"


def drawn(browser: Any) -> Any:
    """The canvases that the waveform is drawn on: one per lane, and one each for what was played."""
    return browser.execute_script(
        "const host = document.querySelector('.wave > div'); return host ? host.shadowRoot.querySelectorAll('.canvases canvas').length : 0")


def test_a_click_on_the_waveform_plays_from_there(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    until(lambda: drawn(browser) == 2 and browser.execute_script("return document.getElementById('sound').readyState >= 1"), "the waveform")
    lanes = browser.find_element(By.ID, "lanes")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", lanes)
    Actions(browser).move_to_element_with_offset(lanes, -20, 30).click().perform()
    until(lambda: not browser.execute_script("return document.getElementById('sound').paused"), "playing")
    assert 36.0 < browser.execute_script(AT) < 44.0
    assert_quiet(browser)


def test_the_waveform_is_finer_and_whole_when_zoomed(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    until(lambda: drawn(browser) == 2, "the waveform")
    click(browser, browser.find_element(By.CSS_SELECTOR, "[data-zoom='8']"))
    last = "document.querySelector('.wave > div').shadowRoot.querySelector('.canvases > div').lastElementChild"
    wide = f"return {last}.getBoundingClientRect().right"
    right = browser.execute_script("return document.getElementById('lanes').getBoundingClientRect().right")
    until(lambda: abs(browser.execute_script(wide) - right) < 3, "the wider waveform")


def test_without_the_recording_the_waveform_is_drawn_and_the_page_says_so(browser: Any, site: Any) -> None:
    out = site()
    (out / "calls/audio/a.wav").unlink()
    browser.get(page_of(out, "call"))
    until(lambda: drawn(browser) == 2, "the waveform")
    until(lambda: browser.find_element(By.ID, "trouble").text, "the reason")
    click(browser, browser.find_element(By.CSS_SELECTOR, "article.v button[data-t='17.00']"))
    until(lambda: browser.find_element(By.ID, "now").text.startswith("0:17"), "the place")


def test_a_page_made_without_audio_draws_the_waveform(browser: Any, site: Any, report: Any, standard: Any, peaks: Any) -> None:
    path = site() / "calls/silent.html"
    path.write_text(call_page(report, standard, Media(None, peaks), "zh"), encoding="utf-8")
    browser.get(path.as_uri())
    until(lambda: drawn(browser) == 2, "the waveform")
    assert_quiet(browser)


def test_without_scripts_and_in_print_the_drawn_outline_is_there(browser: Any, site: Any) -> None:
    url = page_of(site(), "call")
    shown = "return [...document.querySelectorAll('.lane svg')].map((svg) => svg.getBoundingClientRect().height > 40)"
    browser.get(url)
    until(lambda: drawn(browser) == 2, "the waveform")
    assert browser.execute_script(shown) == [False, False]
    appear(browser, "light", "print")
    assert browser.execute_script(shown) == [True, True]
    assert browser.execute_script("return getComputedStyle(document.querySelector('.player')).display") == "none"
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        appear(browser, "light")
        browser.get(url)
        assert browser.execute_script(shown) == [True, True]
        assert len(browser.find_elements(By.CSS_SELECTOR, ".rates .series")) == 3
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_rate_is_shown_over_the_denominator_that_is_chosen(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    for basis in ("turns", "speech", "call"):
        click(browser, browser.find_element(By.CSS_SELECTOR, f"input[name='basis'][value='{basis}']"))
        shown = [s.get_attribute("class") for s in browser.find_elements(By.CSS_SELECTOR, ".series") if s.is_displayed()]
        assert shown == [f"series {basis}"]


def test_the_transcript_follows_the_playback(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "call"))
    click(browser, browser.find_element(By.CSS_SELECTOR, "article.v button[data-t='52.00']"))
    line = until(lambda: browser.find_elements(By.CSS_SELECTOR, ".u.now"), "a line")[0]
    assert "查到了" in line.text
