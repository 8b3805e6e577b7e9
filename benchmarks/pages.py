"""Time to open, sort and filter the overview of many calls in Chromium: ``python benchmarks/pages.py [--calls 5000] [--keep FOLDER]``.

The rows are made up (a fixed seed). The page is opened from disk in a headless browser three times; the median counts. Exits with 1
where opening takes longer than 2 s of processor time, or a sort or a filter longer than 0.1 s. Needs the extra ``browser``, Chromium
and its driver.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voicemon.judge.loader import load_standard
from voicemon.judge.standard import Standard
from voicemon.report.overview import index_page
from voicemon.report.rows import CallRow, agent_href, call_href

OPEN_S, ACTION_S = 2.0, 0.1
AGENTS, RUNS, SEED = 60, 3, 7
STANDARD = "zijin-400"
# What a person does, as scripts that return once the page has been laid out again.
CHOOSE = "const s = document.getElementById('f-agent'); s.selectedIndex = {i}; s.dispatchEvent(new Event('change', {{bubbles: true}}))"
TYPE = "const s = document.getElementById('f-text'); s.value = '12'; s.dispatchEvent(new Event('input', {bubbles: true}))"
ACTIONS = {
    "sort by score": "document.querySelector(\"th[data-key='score'] button\").click()",
    "sort by call": "document.querySelector(\"th[data-key='id'] button\").click()",
    "filter by agent": CHOOSE.format(i=3),
    "clear the filter": CHOOSE.format(i=0),
    "type into the search": TYPE,
    "next page": "document.getElementById('next').click()",
}


def made_up_rows(n: int, standard: Standard) -> list[CallRow]:
    """``n`` calls of :data:`AGENTS` agents over half a year, with misses, scores and measures as they are seen."""
    rng = random.Random(SEED)
    rules = [(rule.id, rule.title) for rule in standard.rules if rule.evidence == "direct" and rule.weight > 0]
    weights = [1 / (1 + i) for i in range(len(rules))]
    return [_row(i, rng, sorted(set(rng.choices(rules, weights, k=rng.choice((0, 0, 1, 2, 3, 5, 8)))))) for i in range(n)]


def _row(i: int, rng: random.Random, failed: list[tuple[str, str]]) -> CallRow:
    agent, unsure = rng.randrange(AGENTS), rng.choice((0, 0, 0, 1, 2))
    decided = 42
    value = round(100 * (1 - len(failed) / decided), 1)
    low = round(100 * (decided - len(failed)) / (decided + unsure), 1)
    call_id = f"call-{i:05d}"
    day = f"2026-{1 + i % 6:02d}-{1 + i % 28:02d}T{9 + i % 9:02d}:{i % 60:02d}:00+08:00"
    return CallRow(
        id=call_id, href=call_href(call_id), agent_id=str(1000 + agent), agent_name=f"客服{agent:02d}", standard=STANDARD,
        direction="inbound", started_at=day, duration_s=rng.uniform(30, 400), score=value, score_low=low, score_high=value, fatal=(),
        outcomes={"fail": len(failed), "unsure": unsure, "pass": decided - len(failed)}, failed=tuple(failed), unsure=(),
        rate_per_minute=rng.gauss(165, 25), level_dbov=rng.gauss(-26, 4), ring_to_answer_s=abs(rng.gauss(7, 3)), ring_count=2,
        longest_wait_s=rng.expovariate(1 / 12),
    )


def browser() -> Any:
    """A headless Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1280,900"):
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def busy_s(driver: Any) -> float:
    """Processor time in s that the page's own thread has used; another program that is busy does not count."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def measured(driver: Any, page: Path) -> dict[str, tuple[float, float]]:
    """Seconds by the clock and of processor time: opening the page until it is laid out, then each action."""
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        driver.get("about:blank")
        steps = {"open": lambda: driver.get(page.as_uri()), **{name: _script(driver, action) for name, action in ACTIONS.items()}}
        for name, step in steps.items():
            begin, busy = time.monotonic(), busy_s(driver) if name != "open" else 0.0
            step()
            driver.execute_script("return document.body.offsetHeight")
            found.setdefault(name, []).append((time.monotonic() - begin, busy_s(driver) - busy))
    return {name: (statistics.median(s for s, _ in runs), statistics.median(b for _, b in runs)) for name, runs in found.items()}


def _script(driver: Any, action: str) -> Callable[[], Any]:
    return lambda: driver.execute_script(action)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--keep", type=Path, help="write the page here and leave it")
    asked = parser.parse_args(arguments)
    standard = load_standard(STANDARD)
    rows = made_up_rows(asked.calls, standard)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        begin = time.process_time()
        html = index_page(rows, [], "zh", {standard.name: standard})
        print(f"{len(rows)} calls of {len({agent_href(r.agent_id or '') for r in rows})} agents: page made in "
              f"{time.process_time() - begin:.2f} s of processor time, {len(html.encode('utf-8')) / 1e6:.2f} MB")
        (folder / "index.html").write_text(html, encoding="utf-8")
        driver = browser()
        try:
            seconds = measured(driver, folder / "index.html")
        finally:
            driver.quit()
    print(f"{'':24}{'clock':>10}{'processor':>12}")
    for name, (clock, busy) in seconds.items():
        print(f"{name:24}{clock:8.3f} s{busy:10.3f} s")
    return int(any(busy > (OPEN_S if name == "open" else ACTION_S) for name, (_, busy) in seconds.items()))


if __name__ == "__main__":
    sys.exit(main())
