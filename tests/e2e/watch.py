"""What goes wrong in a browser without anybody clicking on it: kept until the test ends."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

# Runs before a page's own scripts. Violations become console errors, whoever is told of them;
# `waiting` counts the calls under way, so that a test knows when the page has settled.
IN_EVERY_PAGE = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`)
})
window.waiting = 0
const realFetch = window.fetch
window.fetch = async (...words) => {
  window.waiting += 1
  try {
    return await realFetch(...words)
  } finally {
    setTimeout(() => { window.waiting -= 1 }, 0)
  }
}
"""


class Watch:
    """Console errors, page errors and failing answers of all contexts it is attached to."""

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def attach(self, context: BrowserContext) -> None:
        """Listen to everything that happens in the context's pages."""
        context.add_init_script(IN_EVERY_PAGE)
        context.on("console", self._hear)
        context.on("weberror", self._see_error)
        context.on("response", self._see_response)

    def expect(self, pattern: str) -> None:
        """This is no problem until the test ends."""
        self._expected.append(re.compile(pattern))

    def take(self) -> list[str]:
        """The problems so far; the next test begins with none."""
        found = [text for text in self._problems if not self._is_expected(text)]
        self._problems, self._expected = [], []
        return found

    def _is_expected(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._expected)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location.get("url", "")
            self._problems.append(f"console: {message.text} ({place})")

    def _see_error(self, error: WebError) -> None:
        page = error.page.url if error.page else "?"
        self._problems.append(f"error on {page}: {error.error}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 500:
            self._problems.append(f"{response.status} from {response.url}")
