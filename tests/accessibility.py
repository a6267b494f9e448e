"""What hinders readers of a page in the browser, as axe finds it at the width that the window has now.

hindrances(browser)                            in all of the page, in the light that is
hindrances(browser, ".own", only=[CONTRAST])   in a part of it, by one rule
hindrances_in_any_light(browser, ".own")       in light and in dark
"""

from collections.abc import Sequence
from typing import NamedTuple

from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome

LIGHTS = ("light", "dark")
CONTRAST = "color-contrast"
"""The one rule of axe that reads colours, of those that are on."""
TOO_WIDE = "wider than there is room for"

# Colours and the side bar take their time to change. Beside colours, axe reads markup, where elements stand, whether
# they are seen and whether they are scrolled: where all of these are as they were when all rules were tried, only a
# rule that reads colours can find another fault.
_LOOK = """
const [within, options, light, contrast, tooWide, told] = arguments
const frame = () => new Promise(requestAnimationFrame)
const layout = () => document.documentElement.outerHTML + [...document.querySelectorAll("*")].map(each => {
  const {x, y, width, height} = each.getBoundingClientRect()
  const isSeen = each.checkVisibility({opacityProperty: true, visibilityProperty: true})
  return [x, y, width, height, each.scrollWidth, each.scrollHeight, isSeen, getComputedStyle(each).overflow]
}).join()
const look = async () => {
  await frame()
  do await frame(); while (document.getAnimations().length)
  if (light) {
    const before = light == "light" ? "" : window.lookedAt
    window.lookedAt = layout()
    if (window.lookedAt === before) options.runOnly = [contrast]
  }
  const {violations} = await axe.run(within ?? document, {resultTypes: ["violations"], ...options})
  const found = violations.map(each => [each.id, each.help, each.nodes[0].html])
  const wide = [document.documentElement, ...document.querySelectorAll("article")].filter(each =>
    each.scrollWidth > each.clientWidth)
  return [...wide.map(each => [tooWide, `${each.scrollWidth} > ${each.clientWidth}`, each.tagName]), ...found]
}
look().then(told)
"""


class Hindrance(NamedTuple):
    """Something that hinders a reader."""

    rule: str
    help: str
    element: str
    """The first that it is wrong with."""
    light: str = ""


def hindrances(
    browser: Chrome, within: str | None = None, only: Sequence[str] = (), but: Sequence[str] = (), light: str = ""
) -> list[Hindrance]:
    """Find what is wrong in a part of the page: by the rules that are named, or all but those, or all."""
    if not browser.execute_script("return !!window.axe"):
        browser.execute_script(Axe().axe_script)
    options = {"runOnly": [*only]} if only else {"rules": {rule: {"enabled": False} for rule in but}}
    found = browser.execute_async_script(_LOOK, within, options, light, CONTRAST, TOO_WIDE)
    return [Hindrance(rule, text, element, light) for rule, text, element in found]


def hindrances_in_any_light(browser: Chrome, within: str) -> list[Hindrance]:
    """Find what is wrong in a part of the page in each light: by all rules where more than colours is another."""
    found = []
    for light in LIGHTS:
        media = {"features": [{"name": "prefers-color-scheme", "value": light}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        found += hindrances(browser, within, light=light)
    return found
