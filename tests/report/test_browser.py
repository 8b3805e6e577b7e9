"""The pages in a real browser, opened from disk: they work, fetch nothing, and hostile content does nothing."""

from __future__ import annotations

import json
import math
import shutil
import struct
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voicemon.overview import write_overview
from voicemon.records import FailedCall
from voicemon.report.as_html import call_page
from voicemon.report.as_json import call_json
from voicemon.report.media import Media, link_to
from voicemon.report.rows import agent_href, call_href
from voicemon.report.texts import texts
from voicemon.review import APPEAL_KEYS
from voicemon.store import Store

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
except ImportError:
    webdriver = None
MISSING = [
    name
    for name, found in (("selenium (pip install voicemon[browser])", webdriver), ("chromium", CHROMIUM), ("chromedriver", DRIVER))
    if not found
]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"no browser test without {', '.join(MISSING)}")
WAIT_S = 10.0
PAGES = ("call", "overview", "agent")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser without a network, without a window, that keeps its console and what it asks for."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking", "--disable-component-update", "--no-first-run", "--mute-audio", "--force-prefers-reduced-motion",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Any) -> Any:
    """The browser at an empty page and of ordinary size, with nothing in its logs."""
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.get("about:blank")
    chromium.set_window_size(1280, 900)
    chromium.get_log("browser")
    chromium.get_log("performance")
    return chromium


def write_tone(path: Path, duration_s: float = 80.0, rate_hz: int = 8000) -> None:
    samples = (int(3000 * math.sin(0.2 * i)) for i in range(int(duration_s * rate_hz)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(b"".join(struct.pack("<h", s) for s in samples))


@pytest.fixture
def site(tmp_path: Path, build: Callable[..., Any], standard: Any, peaks: Any, request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Writes an OUT of three calls with all its pages; ``hostile`` ones on demand."""

    def write(lang: str = "zh", hostile: bool = False) -> Path:
        store = Store(tmp_path)
        store.prepare()
        write_tone(tmp_path / "calls/audio/a.wav")
        agents = ("1023", "1023", "2000")
        reports = [build(id=f"call-{i}", agent_id=a, started_at=f"2026-03-1{i}T10:00:00+08:00") for i, a in enumerate(agents)]
        pack, failed = standard, FailedCall("bad", "bad.wav", "is empty")
        if hostile:
            evil, pack = request.getfixturevalue("hostile")
            text = request.getfixturevalue("hostile_text")
            info = replace(evil.facts.call, id="evil", agent_id="1023")
            reports = [replace(evil, facts=replace(evil.facts, call=info))]
            failed = FailedCall(text, text, text)
        for report in reports:
            call_id = report.facts.call.id
            store.write(f"calls/{call_id}.html", call_page(report, pack, Media(link_to("audio/a.wav"), peaks), lang))
            store.write_json(f"calls/{call_id}.json", call_json(report, pack, lang))
        write_overview(store, (failed,), {pack.name: pack}, lang)
        return tmp_path

    return write


def page_of(out: Path, kind: str) -> str:
    name = {"call": call_href(next((out / "calls").glob("*.html")).stem), "overview": "index.html", "agent": agent_href("1023")}[kind]
    return (out / name).as_uri()


def until(condition: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about in {WAIT_S:g} s")


def click(browser: Any, element: Any) -> None:
    """A real click, with the element in the middle of the window."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    element.click()


def assert_quiet(browser: Any) -> None:
    """Nothing in the console, and nothing asked for but files and what the page itself holds."""
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:", "about:"))] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_opens_from_disk_without_errors_requests_or_scrolling_sideways(browser: Any, site: Any, kind: str, lang: str) -> None:
    url = page_of(site(lang), kind)
    for width in (1280, 360):
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
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
    (path,) = until(lambda: list(folder.glob("appeal-*.json")), "the file")
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
    assert own == [2, 0]
    assert hostile_text in browser.execute_script("return document.body.textContent")
    assert_quiet(browser)
