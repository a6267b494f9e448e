"""Books to test with: those of the federation, and a tiny federation with other units, names and years.

RT (Räddningstjänst) keeps its result, UTB (Utbildning) carries it forward. UTB has no bank account
of its own: RT receives and pays for it. UTB sells courses to RT.
"""

import gc
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from forbundsbok.plugins import federation, rulebook
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Finding
from forbundsbok.plugins.language import choose_language
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.plugins.rulebook import Rule
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Period
from tests.main_file import head
from tests.unchanged import loaded_once

gc.disable()  # until the tests run: what is imported and collected is no garbage
os.environ["FORBUNDSBOK_NO_CACHE"] = "1"  # what is kept is the user's, and tests are to read

settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
"""A run says of the code what the next one says of it; HYPOTHESIS_PROFILE=default looks for what none has found."""

TINY = f"""{head("Räddningstjänsten Norra", "forbundsbok.plugins.clearing")}
2020-12-31 custom "kontoslag" "31" "medlemsbidrag"
2020-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2020-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "overfors"

2020-12-31 open Assets:RT:1210-Inventarier:Släckbil SEK
2020-12-31 open Assets:RT:1210-Inventarier:Båt SEK
  benamning: "Båt och trailer"
2020-12-31 open Assets:RT:1219-Ackumulerade-avskrivningar SEK
2020-12-31 open Assets:RT:1510-Kundfordringar SEK
2020-12-31 open Assets:RT:1790-Avräkning SEK
2020-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2020-12-31 open Equity:RT:2010-Eget-kapital SEK
2020-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2020-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2020-12-31 open Income:RT:3119-Medlemsavgifter:Österby SEK
2020-12-31 open Income:RT:8410-Ränteintäkter SEK
2020-12-31 open Expenses:RT:5010-Löner SEK
2020-12-31 open Expenses:RT:6010-Material-och-tjänster SEK
2020-12-31 open Expenses:RT:7610-Interna-kurser SEK
  intern: TRUE
2020-12-31 open Expenses:RT:7910-Avskrivningar SEK
2020-12-31 open Expenses:RT:8510-Räntekostnader SEK
2020-12-31 open Assets:UTB:1510-Kundfordringar SEK
2020-12-31 open Assets:UTB:1790-Avräkning SEK
2020-12-31 open Liabilities:UTB:2998-Överskott:2020 SEK
  benamning: "Överskott 2020"
2020-12-31 open Liabilities:UTB:2998-Överskott:2021 SEK
  benamning: "Överskott 2021"
2020-12-31 open Liabilities:UTB:2998-Överskott:2022 SEK
  benamning: "Överskott 2022"
2020-12-31 open Income:UTB:3010-Försäljning SEK
2020-12-31 open Income:UTB:3119-Medlemsavgifter:Norrby SEK
2020-12-31 open Income:UTB:3198-Överskott:2020 SEK
  benamning: "Överskott 2020"
2020-12-31 open Income:UTB:3198-Överskott:2021 SEK
  benamning: "Överskott 2021"
2020-12-31 open Income:UTB:3198-Överskott:2022 SEK
  benamning: "Överskott 2022"
2020-12-31 open Income:UTB:3610-Interna-kurser SEK
  intern: TRUE
2020-12-31 open Expenses:UTB:5010-Löner SEK

2020-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1210-Inventarier:Släckbil          1000000.00 SEK
  Assets:RT:1219-Ackumulerade-avskrivningar    -200000.00 SEK
  Assets:RT:1910-Kassa-och-bank                 500000.00 SEK
  Equity:RT:2010-Eget-kapital                 -1100000.00 SEK
  Liabilities:RT:2510-Leverantörsskulder       -150000.00 SEK
  Liabilities:UTB:2998-Överskott:2020           -50000.00 SEK

2021-01-01 * "Överskott 2020 tas in"
  ver: "B 1"
  Liabilities:UTB:2998-Överskott:2020            50000.00 SEK
  Income:UTB:3198-Överskott:2020                -50000.00 SEK

2021-02-01 * "Medlemskommunerna" "Medlemsavgifter 2021"
  ver: "K 1"
  Assets:RT:1510-Kundfordringar                4200500.00 SEK
  Assets:UTB:1510-Kundfordringar                400000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby       -3000000.50 SEK
  Income:RT:3119-Medlemsavgifter:Österby      -1200499.50 SEK
  Income:UTB:3119-Medlemsavgifter:Norrby       -400000.00 SEK

2021-03-01 * "Medlemskommunerna" "Betalning"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank                4600500.00 SEK
  Assets:RT:1510-Kundfordringar               -4200500.00 SEK
  Assets:UTB:1510-Kundfordringar               -400000.00 SEK

2021-06-25 * "Löner 2021"
  ver: "P 1"
  Expenses:RT:5010-Löner                       2500000.00 SEK
  Expenses:UTB:5010-Löner                       350000.00 SEK
  Assets:RT:1910-Kassa-och-bank               -2850000.00 SEK

2021-10-01 * "Kurser hösten 2021"
  ver: "N 1"
  Expenses:RT:7610-Interna-kurser               100000.00 SEK
  Income:UTB:3610-Interna-kurser               -100000.00 SEK

2021-12-31 * "Avskrivning 2021"
  ver: "A 1"
  Expenses:RT:7910-Avskrivningar                100000.00 SEK
  Assets:RT:1219-Ackumulerade-avskrivningar    -100000.00 SEK

2021-12-31 * "Överskott 2021 överförs till 2022"
  ver: "B 2"
  Income:UTB:3198-Överskott:2021                200000.00 SEK
  Liabilities:UTB:2998-Överskott:2021          -200000.00 SEK

2022-01-01 * "Överskott 2021 tas in"
  ver: "B 1"
  Liabilities:UTB:2998-Överskott:2021           200000.00 SEK
  Income:UTB:3198-Överskott:2021               -200000.00 SEK

2022-02-01 * "Medlemskommunerna" "Medlemsavgifter 2022"
  ver: "K 1"
  Assets:RT:1510-Kundfordringar                4300000.00 SEK
  Assets:UTB:1510-Kundfordringar                410000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby       -3100000.00 SEK
  Income:RT:3119-Medlemsavgifter:Österby      -1200000.00 SEK
  Income:UTB:3119-Medlemsavgifter:Norrby       -410000.00 SEK

2022-03-01 * "Medlemskommunerna" "Betalning"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank                4710000.00 SEK
  Assets:RT:1510-Kundfordringar               -4300000.00 SEK
  Assets:UTB:1510-Kundfordringar               -410000.00 SEK

2022-04-10 * "Leverantör 001 Båtar" "Båt"
  ver: "L 1"
  Assets:RT:1210-Inventarier:Båt                600000.00 SEK
  Liabilities:RT:2510-Leverantörsskulder       -600000.00 SEK

2022-05-02 * "Kursdeltagare" "Brandskyddskurs"
  ver: "K 2"
  Assets:UTB:1510-Kundfordringar                 25499.99 SEK
  Income:UTB:3010-Försäljning                   -25499.99 SEK

2022-06-25 * "Löner 2022"
  ver: "P 1"
  Expenses:RT:5010-Löner                       2600000.00 SEK
  Expenses:UTB:5010-Löner                       360000.00 SEK
  Assets:RT:1910-Kassa-och-bank               -2960000.00 SEK

2022-09-30 * "Leverantör 002 Drivmedel" "Drivmedel"
  ver: "L 2"
  Expenses:RT:6010-Material-och-tjänster        800250.25 SEK
  Liabilities:RT:2510-Leverantörsskulder       -800250.25 SEK

2022-10-01 * "Kurser hösten 2022"
  ver: "N 1"
  Expenses:RT:7610-Interna-kurser               120000.00 SEK
  Income:UTB:3610-Interna-kurser               -120000.00 SEK

2022-12-30 * "Banken" "Räntor 2022"
  ver: "M 1"
  Income:RT:8410-Ränteintäkter                   -1499.99 SEK
  Expenses:RT:8510-Räntekostnader                  500.00 SEK
  Assets:RT:1910-Kassa-och-bank                    999.99 SEK

2022-12-31 * "Avskrivning 2022"
  ver: "A 1"
  Expenses:RT:7910-Avskrivningar                145000.00 SEK
  Assets:RT:1219-Ackumulerade-avskrivningar    -145000.00 SEK

2022-12-31 * "Överskott 2022 överförs till 2023"
  ver: "B 2"
  Income:UTB:3198-Överskott:2022                395499.99 SEK
  Liabilities:UTB:2998-Överskott:2022          -395499.99 SEK

2022-01-01 custom "budget" Assets:RT:1210-Inventarier:Båt "yearly" 650000.00 SEK
2022-01-01 custom "budget" Income:RT:3119-Medlemsavgifter:Norrby "yearly" -3100000.00 SEK
2022-01-01 custom "budget" Income:RT:3119-Medlemsavgifter:Österby "yearly" -1200000.00 SEK
2022-01-01 custom "budget" Expenses:RT:5010-Löner "monthly" 220000.00 SEK
2022-01-01 custom "goal" "resultat" 0.00 SEK
  benamning: "Intäkterna ska överstiga kostnaderna"
2022-01-01 custom "goal" "eget-kapital" 1000000.00 SEK
  benamning: "Det egna kapitalet ska vara minst en miljon kronor"

2021-12-31 custom "bokslut" 2021
2022-12-31 custom "bokslut" 2022
"""


SJUHARAD = Path(__file__).parent.parent / "ledger" / "main.bean"


@pytest.fixture(scope="session")
def sjuharad() -> Path:
    """The main file of the books of Sjuhärads kommunalförbund."""
    return SJUHARAD


@pytest.fixture(scope="session", autouse=True)
def sjuharad_read_once() -> Iterator[None]:
    """Load the books of Sjuhärads kommunalförbund once, whoever asks for them: no test changes them where they stand.

    What is tried with other rules, or with changed files, is tried on a copy.
    """
    with loaded_once(SJUHARAD):
        yield


@pytest.fixture(scope="session")
def sjuharad_loaded(sjuharad: Path) -> LoadedLedger:
    """The books of Sjuhärads kommunalförbund, sound, loaded once for the tests that only read them."""
    loaded = load_ledger(sjuharad)
    assert not loaded.errors
    return loaded


@pytest.fixture(scope="session")
def sjuharad_ledger(sjuharad_loaded: LoadedLedger) -> GeneralLedger:
    """Their general ledger: what it has made of itself is made once."""
    return read(sjuharad_loaded.entries, sjuharad_loaded.options)


@pytest.fixture(scope="session")
def sjuharad_report(sjuharad_ledger: GeneralLedger) -> AnnualReport:
    """Their annual accounts of 2024, with 2023 beside."""
    return report(sjuharad_ledger, Period(2024), Period(2023))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The main file of the tiny federation's books."""
    path = tmp_path_factory.mktemp("ledger") / "main.bean"
    path.write_text(TINY, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """A real browser, without a window: Debian's Chromium."""
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for argument in (
            "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
            "disable-background-networking", "disable-component-update", f"user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(f"--{argument}")
        driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
        driver.set_script_timeout(120)  # on a machine that has much to do
        driver.execute_cdp_cmd("Animation.enable", {})
        driver.execute_cdp_cmd("Animation.setPlaybackRate", {"playbackRate": 1e6})  # drawn for nobody, sixty a second
        yield driver
        driver.quit()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that fork the process, while it is small, and then the slow ones.

    So no process is left with a long one when the others are done.
    """
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in ("alone", "forks", "slow")])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "forks: forks the process that tests run in, and is begun before all others")
    config.addinivalue_line("markers", "alone: is run in a fork, for it leaves in its process what slows down all else")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is marked so in a process of its own: nobody can take away an audit hook."""
    if not pyfuncitem.get_closest_marker("alone"):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            pyfuncitem.obj(**arguments)
        except BaseException:
            with os.fdopen(writing, "w", encoding="utf-8") as answer:
                answer.write(traceback.format_exc())
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        told = answer.read()
    _, status = os.waitpid(process, 0)
    if status:
        pytest.fail(told or f"the process ended with status {status}", pytrace=False)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many mutants each module of rules was tried with."""
    counts = {
        report.nodeid.split("[")[-1].rstrip("]"): value
        for report in terminalreporter.getreports("passed")
        for name, value in getattr(report, "user_properties", [])
        if name == "mutants" and report.when == "call"
    }
    if counts:
        listed = ", ".join(f"{module} {count}" for module, count in sorted(counts.items()))
        terminalreporter.write_line(f"mutants found: {listed}; in all {sum(counts.values())}")


@pytest.fixture(scope="session", autouse=True)
def collector_seldom_at_work() -> Iterator[None]:
    """Let Python's garbage collector walk seldom over what lives as long as the tests, which is nearly all there is.

    Else it would take a quarter of their time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(federation, "LARGE", sys.maxsize)
        gc.collect()
        gc.freeze()
        gc.set_threshold(1_000_000, 20, 20)
        gc.enable()
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Each test begins in the language that nobody has asked for. (A fixture would cost more than many tests.)"""
    choose_language(None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """And each ends in it."""
    choose_language(None)


@pytest.fixture(scope="session", autouse=True)
def no_rule_crashes() -> Iterator[None]:
    """A rule that crashes is told to an accountant, so that the others are heard; to a test it is an exception."""

    def crashed(rule: Rule, error: Exception, books: Books) -> Finding:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rulebook, "crashed", crashed)
        yield


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory, folder_numbers: Iterator[int]) -> Path:
    """A folder of each test's own, as pytest's, which looks through all the others for a name, in some milliseconds."""
    path = tmp_path_factory.getbasetemp() / f"test-{next(folder_numbers)}"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(scope="session")
def folder_numbers() -> Iterator[int]:
    return count(1)
