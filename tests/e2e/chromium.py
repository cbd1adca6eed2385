"""Chromium, as the tests of the page use it: with a trap for scripts that should not run, and a person's gestures."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)
# Runs before anything of the page: what a hostile text would set, every breach of the policy, and what the page noted.
TRAP = """
window.__xss = 0; window.__breaches = []; window.__marks = [];
for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => { window.__xss += 1; };
document.addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI}) =>
  window.__breaches.push(`${violatedDirective} ${blockedURI}`));
new PerformanceObserver(list => window.__marks.push(...list.getEntries().map(({name, startTime}) => [name, startTime])))
  .observe({entryTypes: ['mark']});
"""
# What no text may have become: the page itself has none of these but its own module and style sheet.
STRANGERS = """
return document.querySelectorAll(`img, iframe, object, embed, base, form[action], foreignObject, animate, set,
  script:not([src^="/_mock/page/"]), link:not([href^="/_mock/page/"]), a:not([href^="/_mock/"]):not([href^="#"]),
  [style*=url], [onerror], [onload], [onclick], [onmouseover], [onfocus], [srcdoc]`).length
"""


def missing() -> list[str]:
    """Return what is not installed of what a browser needs."""
    return [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]


@contextmanager
def started() -> Iterator[Chrome]:
    """Start a browser, and end it."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, "--window-size=1280,800"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TRAP})
    try:
        yield browser
    finally:
        browser.quit()


@dataclass
class Page:
    """The page of a world, used as a person would."""

    browser: Chrome

    def until(self, found: Callable[[], Any], seconds: float = 15) -> Any:
        return WebDriverWait(self.browser, seconds, 0.05, ignored_exceptions=(Exception,)).until(lambda _: found())

    def all(self, selector: str) -> list[Any]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map(part => part.textContent)"
        return self.browser.execute_script(script, selector)

    def click(self, selector: str, text: str = "") -> None:
        def act() -> bool:
            next(part for part in self.all(selector) if text in part.text and part.is_enabled()).click()
            return True

        self.until(act)

    def run(self, script: str, *given: Any) -> Any:
        return self.browser.execute_script(script, *given)

    def drawn(self, after: float = 0) -> float:
        """Return when the view was first drawn after an instant, both in milliseconds since the page was asked for."""
        marks = "return window.__marks.find(([name, at]) => name === 'drawn' && at > arguments[0])?.[1]"
        return self.until(lambda: self.run(marks, after))

    def unharmed(self) -> None:
        assert self.run("return [window.__xss, window.__breaches]") == [0, []]
        assert self.run(STRANGERS) == 0
        loud = [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        unexpected = [message for message in loud if "Failed to load resource" not in message]
        assert not unexpected, "\n".join(unexpected)


def opened(browser: Chrome, address: str) -> Page:
    """Open an address anew; what the page before it has said is not this one's."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(address)
    return Page(browser)


def show(browser: Chrome, world: Any) -> Page:
    page = opened(browser, f"{world.server.origin}/_mock/#world={world.id}")
    page.until(lambda: page.run("return document.querySelector('.now')"))
    return page


def vendor(world: Any, provider: str) -> httpx2.Client:
    return httpx2.Client(base_url=world.url(provider), headers={"authorization": f"Bearer {world.api_key}"})
