"""The explorer as a test sees it: only what the page promises (its hooks), nothing of how it is made."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page


class Explorer:
    """A page of the explorer. `problems` collects what the page should not have done; tests may empty it."""

    def __init__(self, page: Page, problems: list[str]) -> None:
        self.page = page
        self.problems = problems

    def wait(self, state: str = "ready") -> None:
        """Wait until every figure, panel and picture shows the final state."""
        self.page.wait_for_selector(f"html[data-state={state}]", state="attached", timeout=20_000)

    @property
    def setting(self) -> str | None:
        """Slug of the setting that is shown."""
        return self.page.locator("html").get_attribute("data-setting")

    @property
    def hash(self) -> str:
        """The address after the #."""
        return str(self.page.evaluate("location.hash"))[1:]

    @property
    def alert(self) -> str:
        """What the page says of problems."""
        return self.page.locator("[role=alert]").text_content() or ""

    def go(self, fragment: str) -> None:
        """Change the address by hand and wait."""
        self.page.evaluate("fragment => { location.hash = fragment }", fragment)
        self.settle()

    def settle(self) -> None:
        """Wait for what the last action has started: events of the address arrive a task later."""
        self.page.evaluate("() => new Promise(resolve => setTimeout(resolve, 30))")
        self.wait()

    def slider(self, name: str) -> Locator:
        """One of the two sliders."""
        return self.page.locator(f"input[type=range][name={name}]")

    def figures(self) -> dict[str, float]:
        """Unrounded figures by metric."""
        found: dict[str, str] = self.page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('[data-metric]')]"
            ".map(each => [each.dataset.metric, each.dataset.value]))"
        )
        return {name: float(value) for name, value in found.items() if value != ""}

    def misclassified(self) -> list[int]:
        """Sample numbers of the misclassified images, in their order."""
        found: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-sample]')].map(each => each.dataset.sample)"
        )
        return [int(sample) for sample in found]

    def table(self, selector: str) -> list[list[str]]:
        """Text of a table's body, cell by cell."""
        rows: list[list[str]] = self.page.evaluate(
            "selector => [...document.querySelectorAll(`${selector} tbody tr`)]"
            ".map(row => [...row.cells].map(cell => cell.innerText.trim()))",
            selector,
        )
        return rows

    def colors(self, canvas: str, places: list[tuple[float, float]]) -> list[tuple[int, int, int]]:
        """Colours of a canvas at places given as shares of its width and height."""
        found: list[Any] = self.page.evaluate(
            """([selector, places]) => {
                const canvas = document.querySelector(selector);
                const context = canvas.getContext("2d");
                return places.map(([x, y]) =>
                    [...context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data]);
            }""",
            [canvas, places],
        )
        return [(red, green, blue) for red, green, blue, _ in found]
