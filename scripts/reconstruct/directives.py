"""The files of facts: units, provisions, assets, attest, closed years, goals and budget.

    2022-12-31 custom "unit" "BRB" "Business Region Borås"
      overskott: "overfors"
    2024-01-01 custom "budget" Income:BRB:3119-Medlemsavgifter:Borås "yearly" -688000.00 SEK

Each function gives the text of one file.
"""

from __future__ import annotations

from datetime import date

from forbundsbok.plugins.budget import EQUITY, RESULT
from forbundsbok.scripts.reconstruct.attest import ATTESTS
from forbundsbok.scripts.reconstruct.chart import CODES, KINDS, UNITS, sort_key, unit_metadata, unit_of
from forbundsbok.scripts.reconstruct.solve import Solution
from forbundsbok.scripts.reconstruct.vouchers import OPENING_YEAR, YEARS, Ore, kr
from forbundsbok.scripts.reconstruct.yearend import PROVISIONS

OPENING_DAY = date(OPENING_YEAR, 12, 31)
GOALS = (
    (RESULT, 0, "Förbundets kostnader ska inte överstiga intäkterna"),
    (EQUITY, 6_000_000, "Förbundet ska uppvisa ett eget kapital om lägst 6 000 tkr"),
)
# Half a price base amount of each year, from that year on.
INVESTMENT_THRESHOLDS = {2023: "26250.00 SEK", 2024: "28650.00 SEK"}
INVESTMENT_MONTHS = 36


def sek(amount: Ore) -> str:
    sign, whole = "-" if amount < 0 else "", abs(amount)
    return f"{sign}{whole // 100}.{whole % 100:02d} SEK"


def custom(day: date, kind: str, *values: str, **meta: str) -> str:
    lines = [f'{day} custom "{kind}" {" ".join(values)}']
    lines += [f"  {key}: {value}" for key, value in meta.items() if value]
    return "\n".join(lines)


def quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def joined(*parts: str) -> str:
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def unit_order(name: str) -> tuple[int, int, str]:
    return (CODES.index(unit_of(name)), *sort_key(name))


def units_text() -> str:
    units = (
        custom(
            OPENING_DAY, "unit", quoted(unit.code), quoted(unit.name),
            **{key: quoted(text) for key, text in unit_metadata(unit).items()},
        )
        for unit in UNITS
    )  # fmt: skip
    return joined(";; Förbundets enheter, vad som händer med deras överskott och hur de skrivs.", *units)


def chart_text() -> str:
    kinds = [custom(OPENING_DAY, "kontoslag", quoted(number), quoted(kind)) for number, kind in KINDS.items()]
    return joined(";; Vad konton är, där det är något annat än vad Kommun-Bas säger.", "\n".join(kinds))


def provisions_text(solution: Solution) -> str:
    accounts = {code: names[0] for code, names in PROVISIONS.items()}
    decided = [
        custom(
            date(2014, 12, 12), "provision", '"E20"', accounts["E20"],
            benamning=quoted("Bidrag till statlig infrastruktur"), totalbelopp="15000000.00 SEK",
            prisniva=quoted("2013 års prisnivå"),
        ),
        custom(
            date(2024, 6, 14), "provision", '"SOC"', accounts["SOC"],
            benamning=quoted("Medfinansiering socionomutbildning"), totalbelopp="1500000.00 SEK",
        ),
    ]  # fmt: skip
    plan = [
        custom(date(year, 12, 31), "provision-plan", quoted(code), quoted(kind), sek(kr(kronor)))
        for (code, kind, year), kronor in sorted(
            solution.plan.items(), key=lambda item: (item[0][0], item[0][2], item[0][1])
        )
        if kronor
    ]
    comment = ";; Avsättningar: vad som är beslutat, och planen år för år från beslutet."
    return joined(comment, *decided, "\n".join(plan))


def assets_text(solution: Solution) -> str:
    thresholds = (
        custom(date(year, 1, 1), "investment-threshold", amount, manader=str(INVESTMENT_MONTHS))
        for year, amount in INVESTMENT_THRESHOLDS.items()
    )
    register = (
        custom(
            asset.start, "asset", quoted(asset.name), asset.account,
            sek(kr(asset.monthly * asset.months)), manader=str(asset.months),
        )
        for asset in solution.assets
    )  # fmt: skip
    return joined(
        ";; Vad som räknas som investering: mer än ett halvt prisbasbelopp, minst tre år.",
        *thresholds,
        ";; Anläggningsregistret: dagen är den första i den första månad som skrivs av.",
        *register,
    )


def attest_text() -> str:
    rights = (
        custom(
            attest.start, "attest", quoted(attest.sign), quoted(attest.unit),
            sek(kr(attest.limit)), roll=quoted(attest.role), till=str(attest.end or ""),
        )
        for attest in ATTESTS
    )  # fmt: skip
    comment = ";; Vem som får beslutsattestera för vilken enhet, upp till vilket belopp och när."
    return joined(comment, *rights)


def bokslut_text() -> str:
    return joined(
        ";; Räkenskapsår som är färdiga.", *(custom(date(year, 12, 31), "bokslut", str(year)) for year in YEARS)
    )


def budget_text(amounts: dict[str, int]) -> str:
    goals = (
        custom(date(year, 1, 1), "goal", quoted(kind), sek(kr(least)), benamning=quoted(text))
        for year in YEARS
        for kind, least, text in GOALS
    )
    budget = (
        custom(date(2024, 1, 1), "budget", name, '"yearly"', sek(kr(amounts[name])))
        for name in sorted(amounts, key=unit_order)
    )
    return joined(";; Finansiella mål.", *goals, ";; Budget 2024, helår per konto.", "\n".join(budget))
