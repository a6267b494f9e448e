"""Files, registers and settings that went wrong."""

from tests.mistakes.change import Add, Edit, Line, Match, Move, Remove
from tests.mistakes.mistake import FEL, INTE, VARNING, Mistake

# ruff: noqa: E501  # a mistake is a row
# fmt: off

REGISTER, BUDGET, MAIN, ATTEST = "register-2025.bean", "budget/2025.bean", "main.bean", "attest.bean"
NAVET = "units/navet/2025.bean"
PLAN = '2025-12-31 custom "provision-plan" "E20" "Utbetalning" 1300000.00 SEK'
ASSET = '2025-06-01 custom "asset" "Solpanel till utställning Energi" Assets:NAV:1210-Inventarier:Energi-2025 96000.00 SEK\n  manader: 120\n'

FILES = [
    Mistake("register-01", "inventariens belopp omkastat i registret", Line(REGISTER, "96000.00", "69000.00"), FEL, "96 000,00|27 000,00|69 000,00"),
    Mistake("register-02", "inventariens nyttjandetid en siffra för lite", Line(REGISTER, "360000.00 SEK\n  manader: 120", "360000.00 SEK\n  manader: 12"), FEL, "30 000,00|58 706,00|85 706,00"),
    Mistake("register-03", "nyttjandetiden glömd", Line(REGISTER, "96000.00 SEK\n  manader: 120", "96000.00 SEK"), FEL, "manader"),
    Mistake("register-04", "nyttjandetiden noll", Line(REGISTER, "96000.00 SEK\n  manader: 120", "96000.00 SEK\n  manader: 0"), FEL, "manader|0"),
    Mistake("register-05", "inventarien på fel konto i registret", Line(REGISTER, "Energi-2025 96000.00", "Belysning-och-lokal-2024 96000.00"), FEL, "96 000,00|Belysning|Energi"),
    Mistake("register-06", "inventarien på fel enhet i registret", Line(REGISTER, "Assets:NAV:1210-Inventarier:Energi-2025 96000.00", "Assets:ADM:1210-Inventarier:Datorer-2023 96000.00"), FEL, "ADM|96 000,00"),
    Mistake("register-07", "inventarien två gånger i registret", Add(REGISTER, ASSET), FEL, "Solpanel"),
    Mistake("register-08", "inventarien på ett konto som inte finns", Line(REGISTER, "Energi-2025 96000.00", "Energi-2052 96000.00"), FEL, "Energi-2052"),
    Mistake("register-09", "inventariens värde negativt", Line(REGISTER, "96000.00", "-96000.00"), FEL, "96 000,00"),
    Mistake("register-10", "planens belopp omkastat", Line(REGISTER, "1300000.00", "3100000.00"), INTE, why="året är öppet, och mer kan betalas; planen är beslutet"),
    Mistake("register-11", "planraden med fel slag", Line(REGISTER, '"Utbetalning"', '"Index"'), FEL, "E20|Index"),
    Mistake("register-12", "planraden med stavfel i slaget", Line(REGISTER, '"Utbetalning"', '"Utbetaling"'), FEL, "Utbetaling"),
    Mistake("register-13", "planraden för en avsättning som inte finns", Line(REGISTER, '"E20"', '"E2O"'), FEL, "E2O"),
    Mistake("register-14", "planraden två gånger", Add(REGISTER, PLAN), FEL, "E20"),
    Mistake("register-15", "planraden negativ", Line(REGISTER, "1300000.00", "-1300000.00"), FEL, "1 300 000,00"),
    Mistake("register-16", "mer betalt enligt planen än avsättningen räcker till", Line(REGISTER, "1300000.00", "13000000.00"), FEL, "E20|13 000 000,00"),
    Mistake("register-17", "investeringsgränsen omkastad", Line(REGISTER, "29400.00", "94200.00"), INTE, why="prisbasbeloppet står inte i böckerna"),
    Mistake("register-18", "budgeten på ett konto som inte finns", Line(BUDGET, "Expenses:NAV:6120-Städning", "Expenses:NAV:6121-Städning"), FEL, "6121"),
    Mistake("register-19", "budgetens tecken fel på en kostnad", Line(BUDGET, 'Expenses:NAV:6120-Städning "yearly" 478000.00', 'Expenses:NAV:6120-Städning "yearly" -478000.00'), VARNING, "6120|478 000,00"),
    Mistake("register-20", "budgetens tecken fel på en intäkt", Line(BUDGET, '3119-Medlemsavgifter:Tranemo "yearly" -205000.00', '3119-Medlemsavgifter:Tranemo "yearly" 205000.00'), VARNING, "Tranemo|205 000,00"),
    Mistake("register-21", "budgetbeloppet omkastat", Line(BUDGET, "6120-Städning \"yearly\" 478000.00", "6120-Städning \"yearly\" 487000.00"), INTE, why="den antagna budgeten är ett beslut som bara protokollet visar"),
    Mistake("register-22", "två budgetrader för samma konto och dag", Add(BUDGET, '2025-01-01 custom "budget" Expenses:NAV:6120-Städning "yearly" 487000.00 SEK'), FEL, "6120"),
    Mistake("register-23", "perioden stavad fel", Line(BUDGET, '6120-Städning "yearly"', '6120-Städning "yerly"'), FEL, "yerly"),
    Mistake("register-24", "månadsbudget i stället för årsbudget", Line(BUDGET, '6120-Städning "yearly"', '6120-Städning "monthly"'), INTE, why="beloppet kan vara beslutat så; jämförelsen med utfallet visar det"),
    Mistake("register-25", "budgeten utan belopp", Line(BUDGET, '6120-Städning "yearly" 478000.00 SEK', '6120-Städning "yearly"'), FEL, "budget|6120"),
    Mistake("register-26", "attesträtt för en enhet som inte finns", Add(REGISTER, '2025-03-01 custom "attest" "VIK-NAV" "NVA" 40000.00 SEK\n  roll: "Vikarie"'), FEL, "NVA"),
    Mistake("register-27", "attesträtt utan belopp", Add(REGISTER, '2025-03-01 custom "attest" "VIK-NAV" "NAV"\n  roll: "Vikarie"'), FEL, "attest|belopp"),
    Mistake("register-28", "attesträtt med negativt belopp", Add(REGISTER, '2025-03-01 custom "attest" "VIK-NAV" "NAV" -40000.00 SEK\n  roll: "Vikarie"'), FEL, "40 000,00"),
    Mistake("register-29", "attesträttens slut före dess början", Add(REGISTER, '2025-03-01 custom "attest" "VIK-NAV" "NAV" 40000.00 SEK\n  roll: "Vikarie"\n  till: 2025-02-01'), FEL, "2025-02-01"),
    Mistake("register-30", "attesträtten ändrad i det förseglade året", Line(ATTEST, '"BVC-NAV" "NAV" 40000.00', '"BVC-NAV" "NAV" 400000.00'), FEL, "2023|BVC-NAV"),
    Mistake("register-31", "enhetens överskott ändrat i det förseglade året", Line("units.bean", '"BRB" "Business Region Borås"\n  overskott: "overfors"', '"BRB" "Business Region Borås"\n  overskott: "behalls"'), FEL, "BRB"),
    Mistake("register-32", "ett nytt direktiv stavat fel", Add(REGISTER, '2025-03-01 custom "asett" "Bil" Assets:NAV:1210-Inventarier:Energi-2025 30000.00 SEK\n  manader: 60'), FEL, "asett"),
    Mistake("register-33", "året 2025 förklarat färdigt i juni", Add("bokslut.bean", '2025-12-31 custom "bokslut" 2025'), FEL, "2025"),
    Mistake("register-34", "bokslut med fel år", Add("bokslut.bean", '2025-12-31 custom "bokslut" 2024'), FEL, "2024|2025"),
    Mistake("register-35", "tog bort sigillet för 2024", Match("bokslut.bean", r'(custom "bokslut" 2024\n)  sigill: "\w+"\n', r"\1"), FEL, "2024"),
    Mistake("register-36", "ändrade sigillets första tecken", Match("bokslut.bean", r'(custom "bokslut" 2024\n  sigill: ")\w{4}', r"\g<1>0123"), FEL, "2024"),
    Mistake("register-37", "tog bort hela sigillet för 2023", Match("bokslut.bean", r'(custom "bokslut" 2023\n)(?:  sigill.*\n)+', r"\1"), FEL, "2023"),
    Mistake("register-38", "ändrade ett belopp i ett förseglat år", (Edit("L 19", "30770.00", "30707.00", year=2024), Edit("L 19", "-38462.50", "-38399.50", year=2024)), FEL, "2024"),
    Mistake("register-39", "ändrade en text i ett förseglat år", Edit("L 19", "Städning januari 2024", "Städning jan 2024", year=2024), FEL, "2024", costs=False),
    Mistake("register-40", "ändrade attesten i ett förseglat år", Edit("L 19", 'attest: "BVC-NAV"', 'attest: "VC-NAV"', year=2024), FEL, "2024"),
    Mistake("register-41", "tog bort en verifikation i ett förseglat år", Remove("L 19", 2024), FEL, "2024"),
    Mistake("register-42", "ändrade en ingående balans", (Line("opening.bean", "400089.00", "400098.00"), Line("opening.bean", "111961.00", "111952.00")), FEL, "2023|1310"),
    Mistake("register-43", "ändrade ett utgående saldo i fjolårets fil", Line("units/medarbetarcentrum/2024.bean", "2025-01-01 balance Assets:MC:1510-Kundfordringar                   249315.00", "2025-01-01 balance Assets:MC:1510-Kundfordringar                   249351.00"), FEL, "36,00|249 315,00|MC:1510"),
    Mistake("register-44", "glömde läsa in enhetens fil", Line(MAIN, 'include "units/navet/2025.bean"\n', ""), FEL, "L 1|NAV|nummer"),
    Mistake("register-45", "läste in samma fil två gånger", Line(MAIN, 'include "units/navet/2025.bean"\n', 'include "units/navet/2025.bean"\ninclude "units/navet/2025.bean"\n'), FEL, "navet/2025.bean"),
    Mistake("register-46", "stavade filen fel", Line(MAIN, 'include "units/navet/2025.bean"', 'include "units/navet/2052.bean"'), FEL, "2052.bean"),
    Mistake("register-47", "glömde läsa in budgeten", Line(MAIN, 'include "budget/2025.bean"\n', ""), VARNING, "budget|mål", costs=False),
    Mistake("register-48", "glömde läsa in registret", Line(MAIN, 'include "register-2025.bean"\n', ""), FEL, "Energi|E20"),
    Mistake("register-49", "glömde läsa in fjolårets fil", Line(MAIN, 'include "units/navet/2024.bean"\n', ""), FEL, "2024"),
    Mistake("register-50", "verifikationen i en annan enhets fil", Move("L 14", "units/forbundskansli/2025.bean"), INTE, why="filen är för läsarens skull; enheten står i kontot", costs=False),
    Mistake("register-51", "verifikationen i fjolårets fil", Move("L 14", "units/navet/2024.bean"), INTE, why="filen är för läsarens skull; dagen avgör året", costs=False),
    Mistake("register-52", "stängde av reglerna: tog bort pluginraden", Line(MAIN, 'plugin "forbundsbok.federation"\n', ""), INTE, why="utan regler finns ingen som kan säga till vid inläsningen; kommandot check kan kräva dem"),
    Mistake("register-53", "vidgade toleransen", Line(MAIN, 'option "tolerance_multiplier" "0"', 'option "tolerance_multiplier" "1"'), FEL, "tolerance"),
    Mistake("register-54", "annan valuta", Line(MAIN, 'option "operating_currency" "SEK"', 'option "operating_currency" "EUR"'), FEL, "EUR|SEK"),
    Mistake("register-55", "glömde sista citattecknet i en fil", Line(NAVET, '"Städning januari 2025" ^', '"Städning januari 2025 ^'), FEL, "citattecken|\""),
    Mistake("register-56", "en rad utan indrag", Edit("L 14", "  Assets:FK:1650", "Assets:FK:1650"), FEL, "indrag|blanksteg|läsas"),
    Mistake("register-57", "ett konto stängdes fast det har saldo", Add(NAVET, "2025-06-30 close Assets:NAV:1910-Handkassa"), FEL, "1910"),
    Mistake("register-58", "ett konto öppnades två gånger", Add(NAVET, "2025-06-30 open Expenses:NAV:6120-Städning SEK"), FEL, "6120"),
    Mistake("register-59", "ett saldo som inte stämmer", Add(NAVET, "2025-07-01 balance Assets:NAV:1910-Handkassa 9000.00 SEK"), FEL, "1910"),
    Mistake("register-60", "lät Beancount gissa ett saldo (pad)", Add(NAVET, "2025-06-29 pad Assets:NAV:1910-Handkassa Equity:NAV:2010-Eget-kapital\n\n2025-07-01 balance Assets:NAV:1910-Handkassa 9000.00 SEK"), FEL, "pad|2010|eget kapital"),
    Mistake("register-61", "kontot öppnat utan valuta och med fel rot för klassen", Add(NAVET, "2025-01-01 open Income:NAV:6130-Fönsterputs"), FEL, "6130"),
    Mistake("register-62", "nytt konto utanför kontoplanen", Add(NAVET, "2025-01-01 open Liabilities:NAV:8610-Obeskattade-reserver SEK"), FEL, "8610"),
    Mistake("register-63", "ett internt konto utan intern: TRUE", Add(NAVET, '2025-01-01 open Expenses:NAV:7620-Interna-hyror SEK\n\n2025-06-30 * "Intern hyra juni"\n  ver: "{N}"\n  underlag: "underlag/2025/N-0019.pdf"\n  Income:ADM:3610-Interna-tjänster -5000.00 SEK\n  Expenses:NAV:7620-Interna-hyror 5000.00 SEK'), FEL, "7620"),
]
