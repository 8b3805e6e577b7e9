"""The overview in a real browser: filters reach every picture, agents are compared as in the tables, thousands of calls stay usable."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import assert_quiet, click, needs_browser, page_of, until
from pages import made_up_rows

from voicemon.report.comparison import compare_agents
from voicemon.report.overview import index_page
from voicemon.report.render import number

By = pytest.importorskip("selenium.webdriver.common.by").By
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
Select = pytest.importorskip("selenium.webdriver.support.ui").Select
pytestmark = needs_browser
CHANGE = "const f = document.getElementById(arguments[0]); f.value = arguments[1]; f.dispatchEvent(new Event('change', {bubbles: true}))"


@pytest.fixture
def many(browser: Any, tmp_path: Any, standard: Any) -> Any:
    """5,000 made-up calls of 60 agents, open in the browser."""
    rows = made_up_rows(5000, standard)
    path = tmp_path / "index.html"
    path.write_text(index_page(rows, [], "en", {standard.name: standard}), encoding="utf-8")
    browser.get(path.as_uri())
    return rows


def text(browser: Any, selector: str) -> str:
    return str(browser.find_element(By.CSS_SELECTOR, selector).text)


def test_agents_are_compared_by_the_page_as_by_the_tables(browser: Any, many: Any) -> None:
    wanted = [(f"{a.agent_name} {a.agent_id}", f"mean {number(a.mean)} ({number(a.low)}–{number(a.high)}), calls: {a.calls}")
              for a in compare_agents(many)]
    items = browser.execute_script(
        "return [...document.querySelectorAll('#agents li')].map((i) => [i.children[0].textContent, i.children[2].textContent])")
    assert [tuple(item) for item in items] == wanted


def test_a_filter_reaches_the_tiles_the_pictures_and_the_agents(browser: Any, many: Any) -> None:
    one = many[0].agent_id
    own = [row for row in many if row.agent_id == one]
    Select(browser.find_element(By.ID, "f-agent")).select_by_visible_text(f"{many[0].agent_name} {one}")
    until(lambda: text(browser, "#n-calls") == str(len(own)), "the calls of one agent")
    assert len(browser.find_elements(By.CSS_SELECTOR, "#agents li")) == 1
    assert f", calls: {len(own)}" in text(browser, "#about-rate")
    worst = browser.find_elements(By.CSS_SELECTOR, "#worst li a")
    assert worst and {link.text for link in worst} <= {row.id for row in own}


def test_pages_of_calls_are_turned(browser: Any, many: Any) -> None:
    assert text(browser, "#shown") == "1–50 of 5000" and not browser.find_element(By.ID, "previous").is_enabled()
    click(browser, browser.find_element(By.ID, "next"))
    assert text(browser, "#shown") == "51–100 of 5000"
    browser.find_element(By.ID, "f-text").send_keys("call-04999")
    until(lambda: text(browser, "#shown") == "1–1 of 1", "the one call")


def test_dates_bound_what_is_shown(browser: Any, many: Any) -> None:
    for name, day in (("from", "2026-03-01"), ("to", "2026-03-31")):
        browser.execute_script(CHANGE, f"f-{name}", day)
    assert text(browser, "#n-calls") == str(sum((row.started_at or "").startswith("2026-03") for row in many))


def test_half_a_year_is_shown_by_weeks_or_months_and_no_day_is_lost(browser: Any, many: Any) -> None:
    titles = browser.execute_script("return [...document.querySelectorAll('#days > div')].map((d) => d.title)")
    assert 2 <= len(titles) <= 31
    assert sum(int(title.rsplit(" ", 1)[1]) for title in titles) == len(many)


def test_a_rule_is_filtered_by_keyboard_alone(browser: Any, many: Any) -> None:
    button = browser.find_element(By.CSS_SELECTOR, "#rules button")
    browser.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    pressed = until(lambda: browser.find_elements(By.CSS_SELECTOR, "#rules button[aria-pressed='true']"), "the filter")[0]
    n = pressed.find_element(By.CSS_SELECTOR, ".many").text.split(" / ")[0]
    assert text(browser, "#n-calls") == n
    head = browser.find_element(By.CSS_SELECTOR, "th[data-key='score'] button")
    head.send_keys(Keys.SPACE)
    assert browser.find_element(By.CSS_SELECTOR, "th[data-key='score']").get_attribute("aria-sort") == "ascending"


def test_what_people_decided_stands_beside_the_machines_figures(browser: Any, site: Any) -> None:
    browser.get(page_of(site("en", reviewed=True), "overview"))
    Select(browser.find_element(By.ID, "f-outcome")).select_by_value("reviewed")
    until(lambda: text(browser, "#n-calls") == "1", "the reviewed call")
    cells = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#body td")]
    assert cells[0] == "call-0" and "machine 46–54" in cells[1] and cells[2].split() == ["3", "machine", "4"]
    Select(browser.find_element(By.ID, "f-outcome")).select_by_value("appealed")
    until(lambda: text(browser, "#n-calls") == "1", "the call with an open appeal")
    assert_quiet(browser)
