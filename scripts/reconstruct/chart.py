"""The units of Sjuhärads kommunalförbund, their parties, accounts and printed labels.

Assets:NAV:1510-Kundfordringar          account("Assets", "NAV", "1510-Kundfordringar")
Income:BRB:3198-Överskott:2024          its benamning: "Överskott 2024"
"""

from __future__ import annotations

from dataclasses import dataclass

from forbundsbok.plugins.units import CARRIED, KEPT


@dataclass(frozen=True)
class ChartUnit:
    code: str
    name: str
    folder: str
    surplus: str  # KEPT or CARRIED
    fees: str  # the fee row of the unit's own income statement
    note: str  # title of the note on its fees
    fees_total: str = ""  # the fee row of the total, when it differs
    surplus_note: str = ""  # "ordning": the note labels its surplus rows by position


UNITS = (
    ChartUnit("FK", "Förbundskansli", "forbundskansli", KEPT,
              "Förbundsbidrag, Förbundskansli", "Förbundsbidrag, Förbundskansli"),
    ChartUnit("ADM", "Administration", "administration", KEPT,
              "Förbundsbidrag, Administration", "Förbundsbidrag, Administration"),
    ChartUnit("RU", "Regional utveckling", "regional-utveckling", KEPT,
              "Förbundsbidrag, Regional utveckling", "Förbundsbidrag, Regional utveckling"),
    ChartUnit("VU", "Välfärdsutveckling", "valfardsutveckling", KEPT,
              "Förbundsbidrag, Välfärdsutveckling", "Förbundsbidrag, Välfärdsutveckling"),
    ChartUnit("BRB", "Business Region Borås", "business-region-boras", CARRIED,
              "Medlemsavgifter, BRB", "Medlemsavgifter, Business Region Borås"),
    ChartUnit("DSO", "Dataskyddsombud", "dataskyddsombud", CARRIED,
              "Medlemsavgifter, DSO", "Medlemsavgifter, Dataskyddsombud"),
    ChartUnit("MC", "Medarbetarcentrum", "medarbetarcentrum", CARRIED,
              "Medlemsavgifter, MC", "Medlemsavgifter, Medarbetarcentrum"),
    ChartUnit("VOC", "Vård- och omsorgscollege Sjuhärad", "vard-och-omsorgscollege", CARRIED,
              "Medlemsavgifter, VO-college", "Medlemsavgifter, Vård- och omsorgscollege",
              "Medlemsavgifter VO-college", "ordning"),
    ChartUnit("NAV", "Navet science center", "navet", KEPT,
              "Medlemsavgifter, Navet", "Medlemsavgifter, Navet science center"),
    ChartUnit("NVS", "Närvårdssamverkan Södra Älvsborg", "narvardssamverkan", CARRIED,
              "Medlemsavgifter, NVS", "Medlemsavgifter, Närvårdssamverkan"),
)  # fmt: skip
CODES = tuple(unit.code for unit in UNITS)
ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")

BANK = "Assets:FK:1610-Internbank"
VAT_IN = "Assets:FK:1650-Momsfordran"
VAT_OUT = "Liabilities:FK:2610-Utgående-moms"
OTHER_INCOME = "3010-Försäljning-och-övriga-intäkter"
CLEARING = "1790-Avräkning"
KINDS = {"31": "medlemsbidrag"}
"""What accounts are, where it is something else than Kommun-Bas says, by the beginning of their numbers."""
MATERIAL = "material och tjänster"

PrintedRow = tuple[str, str]

REGION = "Västra Götalandsregionen"
SKATTEVERKET = "Skatteverket"
MUNICIPALITIES = {
    "Bollebygd": "Bollebygds kommun",
    "Borås": "Borås stad",
    "Herrljunga": "Herrljunga kommun",
    "Mark": "Marks kommun",
    "Svenljunga": "Svenljunga kommun",
    "Tranemo": "Tranemo kommun",
    "Ulricehamn": "Ulricehamns kommun",
    "Varberg": "Varbergs kommun",
    "Vårgårda": "Vårgårda kommun",
}

# What a row is called in print, where the account's own name does not say it.
LABELS = {
    "1310-Aktier": "Aktier i Mediapoolen AB och Gryning Vård AB",
    "1610-Internbank": "Internbanken",
    "1210-Inventarier:Äldre": "Inventarier anskaffade före 2023",
    "1210-Inventarier:Datorer-2023": "Datorer Administration 2023",
    "1210-Inventarier:Utställningar-2023": "Utställningar och teknik 2023 Navet science center",
    "1210-Inventarier:Belysning-och-lokal-2024": "Belysningsarmatur samt lokalunderhåll Navet science center",
    "2293-Statlig-infrastruktur": "Bidrag till statlig infrastruktur",
    "2294-Socionomutbildning": "Medfinansiering socionomutbildning",
    "3150-Fakturerat:SÄS-och-Närhälsan": "Fakturerat SÄS och Närhälsan",
    "3150-Fakturerat:HSNK": "Fakturerat HSNK",
    "3190-Medfinansiering:Högskolan-i-Borås": "Medfinansiering Högskolan i Borås",
    "3190-Medfinansiering:VEGO": "Medfinansiering projekt VEGO",
    "3510-Statsbidrag": "Statsbidrag",
    "3521-MRU:NAVET": "MRU NAVET",
    "3522-MRU:DRUM": "MRU DRUM",
    "3523-KN:DRUM": "KN DRUM",
    "3524-MRU:Fossilfri": "MRU Fossilfri Boråsregion",
    "3525-MRU:LUMP": "MRU LUMP",
    "3526-MRU:Digitaliseringsstrateg": "MRU Digitaliseringsstrateg",
    "3527-MRU:Västsvenska-etableringar": "MRU Västsvenska etableringar för grön omställning",
    "3528-MRU:Fullföljda-studier": "MRU Fullföljda studier",
    "3531-VGR:Tekniktrappan": "VGR Tekniktrappan",
    "3532-VGR:Föräldrastöd-ABC": "VGR Socialt hållbart föräldrastöd- ABC",
    "3533-VGR:SamBio": "VGR SamBio",
    "3534-VGR:Suicidprevention": "VGR Suicidprevention välfärd",
    "3535-VGR:Samsjuklighet": "VGR Samsjuklighet välfärd",
    "3536-VGR:Närvårdssamverkan": "VGR Närvårdssamverkan",
    "3580-Nollning": "Nollning av projektkostnader genom tidigare utbetalade medel",
    "3590-EU-bidrag": "EU-bidrag",
}
# The row labels of accounts with one detail a year or municipality.
DETAIL_LABELS = {
    "3111": "{}",
    "3119": "{}",
    "3195": "Beslutade och ej avslutade interna projekt {}",
    "3198": "Överskott {}",
    "2998": "Överskott {}",
}
INTERNAL = ("36", "7610", "8490", "8590")


def unit_metadata(unit: ChartUnit) -> dict[str, str]:
    """What the unit's directive says below it."""
    said = {
        "overskott": unit.surplus,
        "avgifter": unit.fees,
        "avgifter-total": unit.fees_total,
        "avgifter-not": unit.note,
        "overskott-not": unit.surplus_note,
    }
    return {key: text for key, text in said.items() if text}


def account(root: str, unit: str, name: str) -> str:
    return f"{root}:{unit}:{name}"


def payable(unit: str) -> str:
    return account("Liabilities", unit, "2510-Leverantörsskulder")


def receivable(unit: str) -> str:
    return account("Assets", unit, "1510-Kundfordringar")


def unit_of(account: str) -> str:
    return account.split(":")[1]


def name_of(account: str) -> str:
    """`3198-Överskott:2024`: what stands after root and unit."""
    return account.split(":", 2)[2]


def number_of(account: str) -> str:
    return name_of(account)[:4]


def row(account: str) -> PrintedRow:
    """The printed row that an account belongs to; a row of all units together has unit ""."""
    number, unit = number_of(account), unit_of(account)
    if number == "1650" or number[:2] == "17":
        return "", "interimsfordringar"
    if number[:2] in ("26", "28"):
        return "", "moms mm"
    if number[:2] == "30":
        return unit, "övriga intäkter"
    if number[:2] == "45" and number not in ("4520", "4530"):
        return unit, "bidrag"
    if "50" <= number[:2] <= "57":
        return unit, "personal"
    if "60" <= number[:2] <= "78" and number not in ("7450", "7610"):
        return unit, MATERIAL
    if number in ("2960", "2970"):
        return unit, "interimsskulder"
    return unit, account


def is_balance(account: str) -> bool:
    return account.startswith(("Assets:", "Equity:", "Liabilities:"))


def is_internal(account: str) -> bool:
    return number_of(account).startswith(INTERNAL)


def label(account: str) -> str:
    """The printed label of an account, or "" when its name says it."""
    name = name_of(account)
    head, _, detail = name.partition(":")
    if name[:4] in DETAIL_LABELS:
        return DETAIL_LABELS[name[:4]].format(detail)
    return LABELS.get(name) or LABELS.get(head, "")


def sort_key(account: str) -> tuple[int, str]:
    return ROOTS.index(account.split(":")[0]), name_of(account)
