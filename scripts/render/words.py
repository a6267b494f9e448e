"""What the commands themselves say in their results, in the statements' two languages.

    word("sv", "sum")                                    "Summa"
    word("en", "agree", agreeing="764", figures="768")   "764 of 768 figures agree"

Statements bring their own labels; help and errors of the command line are in English.
"""

WORDS = {
    "tkr": ("Tkr", "SEK thousand"),
    "kr": ("Kronor", "SEK"),
    "statements": ("Uppställningar för {period}:", "Statements for {period}:"),
    # trace
    "movement": ("Rörelse {first} till {last}", "Movement {first} to {last}"),
    "year": ("Rörelse från årets början till {last}", "Movement from the beginning of the year to {last}"),
    "opening": ("Saldo ingående {first}", "Opening balance {first}"),
    "closing": ("Saldo {last}", "Balance {last}"),
    "budget": ("Budget {first} till {last}", "Budget {first} to {last}"),
    "schedule": ("Rörelse eller plan {first} till {last}", "Movement or plan {first} to {last}"),
    "added": ("läggs till", "added"),
    "turned": ("med omvänt tecken", "sign reversed"),
    "no vouchers": ("inga verifikationer", "no vouchers"),
    "by directive": ("enligt budget eller plan, utan verifikationer", "from the budget or plan, without vouchers"),
    "opening balance": ("Ingående saldo vid årets början", "Opening balance of the year"),
    "sum": ("Summa", "Total"),
    "group sum": ("Summa konton", "Total of accounts"),
    "ledger sum": (
        "Summa enligt böckerna, debet plus och kredit minus",
        "Total in the books, debit plus, credit minus",
    ),
    "sign": ("Med omvänt tecken, som raden trycks", "Sign reversed, as the row is printed"),
    "signed sum": ("Summa med radens tecken", "Total, signed as the row"),
    "rounded": ("Avrundat, tkr", "Rounded, SEK thousand"),
    "agrees": ("Verifikationerna ger radens siffra på öret.", "The vouchers give the row's figure to the öre."),
    "agrees with plan": (
        "Verifikationer och budget eller plan ger radens siffra på öret.",
        "Vouchers and budget or plan give the row's figure to the öre.",
    ),
    # compare
    "in file": ("tryckt", "printed"),
    "in books": ("böckerna", "books"),
    "missing": ("saknas", "missing"),
    "known": ("känd motsägelse", "known contradiction"),
    "stale": ("Inaktuella uppgifter i {file}:", "Entries of {file} that do not hold:"),
    "no longer differs": ("siffran skiljer sig inte längre", "the figure no longer differs"),
    "other figures": (
        "anger tryckt {printed} och krävt {required}, men siffrorna är {file} och {books}",
        "says printed {printed} and required {required}, but the figures are {file} and {books}",
    ),
    "agree": ("{agreeing} av {figures} siffror stämmer", "{agreeing} of {figures} figures agree"),
    "differ": ("{count} skiljer sig", "{count} differ"),
    "of which known": ("varav {count} kända motsägelser", "of which {count} known contradictions"),
    "not in file": ("{count} i böckerna saknas i filen", "{count} of the books are missing in the file"),
}
LANGUAGES = ("sv", "en")


def word(language: str, key: str, **values: object) -> str:
    """Return one of WORDS in a language, with its places filled."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)
