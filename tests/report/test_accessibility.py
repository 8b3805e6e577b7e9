"""The pages against axe-core: nothing serious or critical, in both themes, on a wide and a narrow screen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from browsing import PAGES, appear, needs_browser, page_of, wide

AXE = Path(__file__).parent.parent / "data" / "axe" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then((found) => done(found.violations.map((v) => [
  v.impact, v.id, v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")}: ${[...n.any, ...n.all].map((c) => c.message).join("; ")}`)])));
"""


def test_the_checker_is_the_one_that_is_noted() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in (AXE.parent / "README.md").read_text(encoding="utf-8")


def findings(browser: Any) -> list[Any]:
    """What axe finds that is serious or worse, with everything that folds unfolded."""
    browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    browser.set_script_timeout(60)
    return [v for v in browser.execute_async_script(RUN) if v[0] in ("serious", "critical")]


@needs_browser
@pytest.mark.parametrize(("theme", "lang"), [("light", "zh"), ("dark", "zh"), ("light", "en")])
@pytest.mark.parametrize("kind", PAGES)
def test_nothing_serious_is_found(browser: Any, site: Any, kind: str, theme: str, lang: str) -> None:
    url = page_of(site(lang, reviewed=True), kind)
    for width in (1280, 360):
        wide(browser, width)
        appear(browser, theme)
        browser.get(url)
        assert browser.execute_script("return matchMedia('(prefers-color-scheme: dark)').matches") == (theme == "dark")
        assert findings(browser) == []


@needs_browser
def test_the_checker_finds_what_is_wrong(browser: Any, site: Any) -> None:
    browser.get(page_of(site(), "agent"))
    browser.execute_script("document.querySelector('h1').style.color = '#ddd'; document.querySelector('#note').removeAttribute('id')")
    browser.execute_script("const b = document.createElement('button'); document.querySelector('main').append(b)")
    assert {v[1] for v in findings(browser)} >= {"color-contrast", "button-name"}
