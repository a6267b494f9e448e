"""Faults of each kind are found, in the lights and at the widths where they are, and in no other."""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from selenium.webdriver import Chrome

from tests.accessibility import CONTRAST, TOO_WIDE, hindrances_in_any_light

pytestmark = [pytest.mark.xdist_group("page"), pytest.mark.slow]
WIDTHS = {"wide": 1280, "narrow": 390}
DARK, NARROW = "(prefers-color-scheme: dark)", "(max-width: 500px)"
SCROLLED = "scrollable-region-focusable"
IN_DARK = {"wide dark", "narrow dark"}
# What is no matter of colours is told in light alone, where nothing else is another in the dark.
IN_LIGHT = {"wide light", "narrow light"}

PAGE = """<!doctype html><html lang="sv"><title>Sida</title><meta name="viewport" content="width=device-width">
<style>
:root {{ --ink: #111; --paper: #fff; color-scheme: light dark }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #eee; --paper: #111 }} }}
body, p, button {{ color: var(--ink); background: var(--paper) }}
p {{ transition: color .2s }}
#wide {{ overflow-x: auto; max-width: 1000px }} #wide div {{ width: 300px; height: 2rem }}
{style}
</style>
<main><h1>Sida</h1><p>Text</p><button><span>Spara</span></button><div id="wide"><div>Bred</div></div></main>"""

# Per page its faults, each with the rule that it breaks and where.
FAULTS: list[dict[tuple[str, str], set[str]]] = [
    {},
    {
        ("p { color: #777; background: #888 }", CONTRAST): {*IN_LIGHT, *IN_DARK},
        ("span { display: none }", "button-name"): IN_LIGHT,
        ("#wide { width: 200px }", SCROLLED): IN_LIGHT,
        ("main { width: 600px }", TOO_WIDE): {"narrow light", "narrow dark"},
    },
    {("p { color: #666 }", CONTRAST): IN_DARK},
    {
        ("p { color: #999 }", CONTRAST): IN_LIGHT,
        (f"@media {DARK} {{ span {{ display: none }} }}", "button-name"): IN_DARK,
        (f"@media {DARK} {{ #wide {{ width: 200px }} }}", SCROLLED): IN_DARK,
    },
    {(f"@media {DARK} {{ span {{ visibility: hidden }} }}", "button-name"): IN_DARK},
    {
        (
            "#wide { width: 200px; overflow: hidden }" + f"@media {DARK} {{ #wide {{ overflow: auto }} }}",
            SCROLLED,
        ): IN_DARK
    },
    {
        (f"@media {NARROW} {{ p {{ color: #666 }} }}", CONTRAST): {"narrow dark"},
        (f"@media {NARROW} {{ span {{ display: none }} }}", "button-name"): {"narrow light"},
        (f"@media {NARROW} {{ #wide {{ width: 200px }} }}", SCROLLED): {"narrow light"},
    },
    {
        (f"@media {NARROW} {{ p {{ color: #999 }} }}", CONTRAST): {"narrow light"},
        (f"@media {NARROW} and {DARK} {{ span {{ display: none }} }}", "button-name"): {"narrow dark"},
        (f"@media {NARROW} and {DARK} {{ main {{ width: 600px }} }}", TOO_WIDE): {"narrow dark"},
    },
]


@pytest.fixture(scope="module")
def page(browser: Chrome) -> Iterator[Chrome]:
    yield browser
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.get("about:blank")


@pytest.mark.parametrize("faults", FAULTS, ids=range(len(FAULTS)))
def test_a_fault_is_found_where_it_is(page: Chrome, faults: dict[tuple[str, str], set[str]]) -> None:
    style = "\n".join(style for style, _ in faults)
    page.get(f"data:text/html;charset=utf-8,{quote(PAGE.format(style=style))}")
    found = defaultdict(set)
    for width, pixels in WIDTHS.items():
        page.set_window_size(pixels, 900)
        for each in hindrances_in_any_light(page, "main"):
            found[each.rule].add(f"{width} {each.light}")
    assert found == {rule: places for (_, rule), places in faults.items()}
