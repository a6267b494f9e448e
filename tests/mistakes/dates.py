"""Days, months and years that went wrong."""

from tests.mistakes.change import Edit, Line
from tests.mistakes.mistake import FEL, INTE, VARNING, Mistake

# ruff: noqa: E501  # a mistake is a row
# fmt: off

DATES = [
    Mistake("datum-01", "skrev 2024 i stället för 2025 i en kostnad", Edit("L 7", "2025-01-14 *", "2024-01-14 *"), FEL, "2024"),
    Mistake("datum-02", "skrev 2024 på en inbetalning", Edit("I 95", "2025-04-14 *", "2024-04-14 *"), FEL, "2024"),
    Mistake("datum-03", "skrev 2052", Edit("L 7", "2025-01-14 *", "2052-01-14 *"), FEL, "2052"),
    Mistake("datum-04", "skrev 2026", Edit("L 19", "2025-03-07 *", "2026-03-07 *"), VARNING, "2026"),
    Mistake("datum-05", "skrev 2015", Edit("L 19", "2025-03-07 *", "2015-03-07 *"), FEL, "2015"),
    Mistake("datum-06", "månad 13", Edit("L 19", "2025-03-07 *", "2025-13-07 *"), FEL, "2025-13-07|månad"),
    Mistake("datum-07", "den 30 februari", Edit("L 14", "2025-02-18 *", "2025-02-30 *"), FEL, "2025-02-30|dag"),
    Mistake("datum-08", "den 31 april", Edit("L 29", "2025-04-08 *", "2025-04-31 *"), FEL, "2025-04-31|dag"),
    Mistake("datum-09", "svenskt kort datum", Edit("L 29", "2025-04-08 *", "8/4 2025 *"), FEL, "läsas|datum"),
    Mistake("datum-10", "utan bindestreck", Edit("L 29", "2025-04-08 *", "20250408 *"), FEL, "läsas|datum|20250408"),
    Mistake("datum-11", "dag och månad omkastade: fakturan i juli", Edit("L 19", "2025-03-07 *", "2025-07-03 *"), VARNING, "2025-07-03|före|2025-03-21"),
    Mistake("datum-12", "dag och månad omkastade: betalningen före fakturan", Edit("U 157", "2025-06-05 *", "2025-05-06 *"), VARNING, "före|2025-05-06", costs=False),
    Mistake("datum-13", "betalningen daterad före fakturan", Edit("U 121", "2025-03-27 *", "2025-02-20 *"), VARNING, "före|2025-02-25", costs=False),
    Mistake("datum-14", "inbetalningen daterad före kundfakturan", Edit("I 95", "2025-04-14 *", "2025-02-14 *"), VARNING, "före|2025-03-17", costs=False),
    Mistake("datum-15", "avskrivningen för april daterad i maj", Edit("A 8", "2025-04-30 *", "2025-05-30 *"), VARNING, "april|2025-04"),
    Mistake("datum-16", "avskrivningen för januari daterad i februari (ADM)", Edit("A 1", "2025-01-31 *", "2025-02-28 *"), VARNING, "januari|2025-01"),
    Mistake("datum-17", "lönen för mars daterad i april", Edit("P 8", "2025-03-17 *", "2025-04-17 *"), VARNING, "mars|2025-03|2810|före|nettolön"),
    Mistake("datum-18", "nettolönen utbetald före lönen", Edit("U 120", "2025-03-25 *", "2025-03-05 *"), VARNING, "2810|nettolön", costs=False),
    Mistake("datum-19", "överskottet intaget i juni", Edit("B 1", "2025-01-01 *", "2025-06-01 *"), FEL, "573 650,00|2025-01-01"),
    Mistake("datum-20", "överskottet intaget i förra året", Edit("B 2", "2025-01-01 *", "2024-12-31 *"), FEL, "2024"),
    Mistake("datum-21", "återföringen daterad i det förseglade året", Edit("M 11", "2025-01-01 *", "2024-12-31 *"), FEL, "2024"),
    Mistake("datum-22", "återföringen daterad ett år för sent", Edit("M 11", "2025-01-01 *", "2026-01-01 *"), VARNING, "2026|456 389,00"),
    Mistake("datum-23", "tertialets återföring daterad före periodiseringen", Edit("M 22", "2025-05-01 *", "2025-04-01 *"), VARNING, "2960|28 000,00|före"),
    Mistake("datum-24", "E20 betald nästa år", Edit("U 129", "2025-04-15 *", "2026-04-15 *"), FEL, "2026|1 300 000,00"),
    Mistake("datum-25", "rättelsen daterad före det som rättas", Edit("M 17", "2025-03-05 *", "2025-02-05 *"), VARNING, "före|2025-02-19|L 15", costs=False),
    Mistake("datum-26", "förfallodagen före fakturadagen", Edit("L 53", "forfallodag: 2025-07-12", "forfallodag: 2025-06-02"), VARNING, "2025-06-02", costs=False),
    Mistake("datum-27", "förfallodagen ett år för sent", Edit("L 53", "forfallodag: 2025-07-12", "forfallodag: 2026-07-12"), VARNING, "2026-07-12", costs=False),
    Mistake("datum-28", "förfallodagen i fel månad: obetald och förfallen", Edit("L 52", "forfallodag: 2025-07-10", "forfallodag: 2025-06-10"), INTE, why="tio dagar senare är också en tänkbar förfallodag", costs=False),
    Mistake("datum-29", "förfallodagen inom citattecken i svensk form", Edit("L 53", "forfallodag: 2025-07-12", 'forfallodag: "12/7 2025"'), FEL, "forfallodag|12/7", costs=False),
    Mistake("datum-30", "interna tjänster för mars daterade i april", Edit("N 9", "2025-03-31 *", "2025-04-30 *"), INTE, why="månaden står bara i texten, och fritext är inte uppgifter"),
    Mistake("datum-31", "momsredovisningen för januari daterad före månadens slut", Edit("M 18", "2025-03-10 *", "2025-01-10 *"), VARNING, "2610|moms"),
    Mistake("datum-32", "inventarien börjar skrivas av ett år för tidigt", Line("register-2025.bean", "2025-04-01 custom", "2024-04-01 custom"), FEL, "2024|Utställning Energi"),
    Mistake("datum-33", "inventarien börjar skrivas av en månad för sent", Line("register-2025.bean", "2025-04-01 custom", "2025-05-01 custom"), FEL, "3 000,00|58 706,00|55 706,00"),
    Mistake("datum-34", "budgetraden daterad 2024", Line("budget/2025.bean", "2025-01-01 custom \"budget\" Expenses:NAV:6120", "2024-01-01 custom \"budget\" Expenses:NAV:6120"), FEL, "2024|6120"),
    Mistake("datum-35", "målet daterat 2026", Line("budget/2025.bean", '2025-01-01 custom "goal" "resultat"', '2026-01-01 custom "goal" "resultat"'), VARNING, "mål|resultat|2026", costs=False),
    Mistake("datum-36", "planen för E20 daterad 2026", Line("register-2025.bean", "2025-12-31 custom", "2026-12-31 custom"), FEL, "2026|1 300 000,00|E20"),
    Mistake("datum-37", "kontot öppnat efter att det används", Line("units/navet/2025.bean", "2025-01-01 open Assets:NAV:1210-Inventarier:Energi-2025", "2025-05-01 open Assets:NAV:1210-Inventarier:Energi-2025"), FEL, "Energi-2025"),
    Mistake("datum-38", "investeringsgränsen för 2025 daterad 2052", Line("register-2025.bean", "2025-01-01 custom \"investment-threshold\"", "2052-01-01 custom \"investment-threshold\""), VARNING, "2052|2025|gräns"),
    Mistake("datum-39", "kundfakturan daterad i mars i stället för april (annat kvartal)", Edit("K 56", "2025-04-14 *", "2025-03-14 *"), INTE, why="en faktura får skrivas den dagen; bara fakturan visar datumet"),
    Mistake("datum-40", "attesten AC:s tid är slut: använde gammal signatur", Edit("L 17", 'attest: "TAC"', 'attest: "AC"'), FEL, "AC"),
]
