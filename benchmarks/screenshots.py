"""Pictures of the three pages for the README: ``python benchmarks/screenshots.py OUT [DEST]``.

OUT is what ``voicemon run samples --out OUT`` wrote; DEST is ``docs/images`` unless given. Takes a call page in the light theme, the
overview and a self-review, each as WebP of at most 300 kB, in headless Chromium from disk. Needs the extra ``browser``, Chromium and
its driver, and a font with Chinese characters.
"""

from __future__ import annotations

import argparse
import base64
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pages import browser

MOST_BYTES = 300_000
QUALITIES = (82, 70, 55, 40)
SETTLED = "return document.readyState === 'complete'"


@dataclass(frozen=True)
class Picture:
    """One page as it is taken: where it is in OUT, how large the window is, and what is done to it first."""

    name: str
    page: str
    width_px: int
    height_px: int
    theme: str = "light"
    script: str = ""


# The player stands still at a place where both parties have spoken.
AT_20_S = "const s = document.getElementById('seek'); s.value = 20; s.dispatchEvent(new Event('input'))"
PICTURES = (
    Picture("call", "calls/zijin-broken-hang-up.html", 1240, 1130, script=AT_20_S),
    Picture("call-dark", "calls/zhonghuan-broken-talk-over.html", 1240, 900, "dark", AT_20_S),
    Picture("overview", "index.html", 1240, 1130),
    Picture("agent", "agents/1002.html", 1240, 1130),
)


def taken(driver: Any, out: Path, picture: Picture) -> bytes:
    """The window as WebP, at the best quality that stays under :data:`MOST_BYTES`."""
    size = {"width": picture.width_px, "height": picture.height_px, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    theme = [{"name": "prefers-color-scheme", "value": picture.theme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": theme})
    driver.get((out / picture.page).resolve().as_uri())
    driver.execute_script(picture.script or SETTLED)
    # Two frames, so that the waveform and what follows the position are drawn.
    driver.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")
    for quality in QUALITIES:
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": quality})
        image = base64.b64decode(shot["data"])
        if len(image) <= MOST_BYTES:
            return image
    raise SystemExit(f"{picture.page}: over {MOST_BYTES} bytes at the lowest quality; take a smaller window")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("dest", type=Path, nargs="?", default=Path(__file__).parent.parent / "docs" / "images")
    asked = parser.parse_args(arguments)
    missing = [p.page for p in PICTURES if not (asked.out / p.page).is_file()]
    if missing:
        print(f"{asked.out} has no {', '.join(missing)}; run: voicemon run samples --out {asked.out}", file=sys.stderr)
        return 2
    asked.dest.mkdir(parents=True, exist_ok=True)
    driver = browser()
    try:
        for picture in PICTURES:
            image = taken(driver, asked.out, picture)
            (asked.dest / f"{picture.name}.webp").write_bytes(image)
            print(f"{picture.name}.webp  {len(image) / 1000:.0f} kB")
    finally:
        driver.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
