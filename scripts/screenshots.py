"""The pictures of the README and of the portal's front page, taken from a running demo.

`.venv/bin/python -m scripts.screenshots [--base http://groove.localhost:8000]`
"""

import argparse
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.steps import ROOT, Failure, say
from tests.e2e import browser, pages
from tests.e2e.watch import Watch

LARGEST = 120_000
QUALITIES = range(90, 30, -5)
LANGUAGES = {"en": "en-US", "zh-hans": "zh-CN"}
# The stack's own demo sign-in, asked for as its button does.
SIGNS_IN = """async (api) => {
  const bootstrap = JSON.parse(document.getElementById('bootstrap').textContent)
  const headers = {'Content-Type': 'application/json', 'X-CSRFToken': bootstrap.csrf_token}
  return (await fetch(`${api}/demo-sessions`, {method: 'POST', headers, body: '{}'})).status
}"""


@dataclass(frozen=True)
class Shot:
    """One page as somebody who is signed in sees it, and the files it goes into."""

    path: str
    api: str
    window: dict[str, int]
    scale: int
    docs: str
    portal: str

    def files(self, language: str) -> Iterator[Path]:
        """The portal shows a picture in its reader's language, the README the English one."""
        yield ROOT / "frontend" / "pictures" / "product" / f"{self.portal}.{language}.webp"
        if language == "en":
            yield ROOT / "docs" / "pictures" / f"{self.docs}.webp"


SHOTS = (
    Shot("/console/", "/api/console/v1", pages.DESK, 1, docs="dashboard", portal="console"),
    Shot("/", "/api/storefront/v1", pages.PHONE, 2, docs="storefront", portal="phone"),
)


def take(chromium: Browser, base: str, shot: Shot, language: str) -> bytes:
    """The page as PNG."""
    context = chromium.new_context(
        viewport=shot.window,
        device_scale_factor=shot.scale,
        locale=LANGUAGES[language],
        reduced_motion="reduce",
    )
    watch = Watch()
    watch.attach(context)
    page = context.new_page()
    try:
        _open_signed_in(page, base, shot)
        picture = page.screenshot(animations="disabled")
    finally:
        context.close()
    if problems := watch.take():
        raise Failure(f"{base}{shot.path}: {'; '.join(problems)}")
    return picture


def shrink(picture: bytes) -> bytes:
    """As WebP, as good as fits."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in QUALITIES:
        output = io.BytesIO()
        image.save(output, "WEBP", quality=quality, method=6)
        if output.tell() <= LARGEST:
            return output.getvalue()
    raise Failure(f"A picture of {image.width} × {image.height} does not fit into {LARGEST} bytes.")


def main() -> int:
    """Take all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://groove.localhost:8000", help="the demo shop")
    base = parser.parse_args().base.rstrip("/")
    options = browser.launch_options({})
    if options is None:
        sys.stderr.write(f"{browser.MISSING}\n")
        return 1
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(**options)
            for shot in SHOTS:
                for language in LANGUAGES:
                    _write(shot, language, shrink(take(chromium, base, shot, language)))
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _open_signed_in(page: Page, base: str, shot: Shot) -> None:
    page.goto(base + shot.path)
    status = page.evaluate(SIGNS_IN, shot.api)
    if status != 201:
        raise Failure(f"{base} lets nobody try it ({status}): start it with `make demo`.")
    pages.open_page(page, base + shot.path)


def _write(shot: Shot, language: str, content: bytes) -> None:
    for file in shot.files(language):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        say(f"  {file.relative_to(ROOT)}  {len(content) // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
