"""A real browser without a network for tests of the pages, and a small OUT for it to open."""

from __future__ import annotations

import json
import math
import shutil
import struct
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from voicemon.report.rows import agent_href, call_href

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
try:
    from selenium import webdriver
except ImportError:
    webdriver = None
MISSING = [
    name
    for name, found in (("selenium (pip install voicemon[browser])", webdriver), ("chromium", CHROMIUM), ("chromedriver", DRIVER))
    if not found
]
needs_browser = pytest.mark.skipif(bool(MISSING), reason=f"no browser test without {', '.join(MISSING)}")
WAIT_S = 10.0
PAGES = ("call", "overview", "agent")


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """One browser without a network, without a window, that keeps its console and what it asks for."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking", "--disable-component-update", "--no-first-run", "--mute-audio", "--force-prefers-reduced-motion",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def fresh(driver: Any) -> Any:
    """The browser at an empty page, of ordinary size and in the light theme, with nothing in its logs."""
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    appear(driver, "light")
    driver.get("about:blank")
    driver.set_window_size(1280, 900)
    driver.get_log("browser")
    driver.get_log("performance")
    return driver


def appear(driver: Any, theme: str, media: str = "") -> None:
    """Prefer a ``light`` or ``dark`` page; ``media`` may be ``print``."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [{"name": "prefers-color-scheme", "value": theme}]})


def wide(driver: Any, width_px: int) -> None:
    """A screen of this width, of an ordinary height."""
    size = {"width": width_px, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def write_tone(path: Path, duration_s: float = 80.0, rate_hz: int = 8000) -> None:
    samples = (int(3000 * math.sin(0.2 * i)) for i in range(int(duration_s * rate_hz)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(b"".join(struct.pack("<h", s) for s in samples))


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
