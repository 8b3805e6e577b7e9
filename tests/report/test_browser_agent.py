"""The self-review in a real browser: a clip plays and stops, a verdict is contested from where it stands, by keyboard too."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import assert_quiet, click, needs_browser, page_of, until

By = pytest.importorskip("selenium.webdriver.common.by").By
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
pytestmark = needs_browser
PLAYING = "return !document.getElementById('clip').paused"
AT = "return document.getElementById('clip').currentTime"


def test_a_clip_plays_its_moment_and_stops_at_its_end(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "agent"))
    button = browser.find_element(By.CSS_SELECTOR, ".well button[data-src]")
    start_s, end_s = (float(button.get_attribute(f"data-{name}")) for name in ("from", "to"))
    click(browser, button)
    until(lambda: browser.execute_script(PLAYING), "playing")
    assert start_s <= browser.execute_script(AT) < end_s
    browser.execute_script("document.getElementById('clip').currentTime = arguments[0]", end_s - 0.3)
    until(lambda: not browser.execute_script(PLAYING), "the end of the clip")
    assert browser.execute_script(AT) < end_s + 2.0
    assert_quiet(browser)


def test_a_clip_is_played_and_stopped_by_keyboard(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "agent"))
    button = browser.find_element(By.CSS_SELECTOR, ".work button[data-src]")
    button.send_keys(Keys.ENTER)
    until(lambda: browser.execute_script(PLAYING), "playing")
    button.send_keys(Keys.ENTER)
    until(lambda: not browser.execute_script(PLAYING), "stopping")


def test_a_recording_that_is_gone_is_said_and_the_call_stays_reachable(browser: Any, site: Any) -> None:
    out = site()
    (out / "calls/audio/a.wav").unlink()
    browser.get(page_of(out, "agent"))
    click(browser, browser.find_element(By.CSS_SELECTOR, ".work button[data-src]"))
    until(lambda: browser.find_element(By.ID, "trouble").text, "the reason")
    assert browser.find_elements(By.CSS_SELECTOR, ".work a[href*='#t=']")


def test_a_verdict_is_contested_from_where_it_stands(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "agent"))
    button = browser.find_element(By.CSS_SELECTOR, ".work button[data-contest]")
    click(browser, button)
    assert browser.find_element(By.ID, "which").get_attribute("value") == button.get_attribute("data-contest")
    assert browser.switch_to.active_element.get_attribute("id") == "note"
