"""The chart of accounts: that what a ledger says of its accounts can be read, says one thing, and is of some account.

    2023-01-01 custom "kontoslag" "31" "medlemsbidrag"
    2023-01-01 custom "kontoslag" Assets:ENHET:1318-Andel-i-förening "aktier"

What an account is, and what is asked of that, stands in plugins.roles.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Finding, Message, Remove, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.roles import KONTOSLAG, AccountKind, roles_of
from forbundsbok.plugins.rulebook import EVERY, Sees, rule, unreadable
from forbundsbok.plugins.spelling import nearest_account

VALUES = ("orealiserad-vinst", "orealiserad-forlust")
"""The kinds of account of what securities have become worth."""

TAXES = ("skatter", "statsbidrag")
"""The kinds of income that a municipality has, and no federation."""

unreadable(
    "C101",
    KONTOSLAG,
    title=N_("What accounts are is said of an account or of the beginning of their numbers, by a word of the list."),
    why=N_(
        "Rules and statements go by it: what cannot be read leaves the accounts what Kommun-Bas says that they are."
    ),
    module=__name__,
)


@rule(
    "C102",
    title=N_("Of an account, or of numbers that begin so, one thing is said."),
    why=N_("What an account is does not change over time: of two words one would count, for every year."),
    mend=N_("Remove one of the two directives."),
    after=["C101"],
)
def two_kinds(books: Books) -> Iterator[Finding]:
    first: dict[str, AccountKind] = {}
    for each in books.declared(KONTOSLAG):
        other = first.setdefault(each.what, each)
        if other is each:
            continue
        message = N_('{what} is "{word}" here and "{other_word}" at {other}. One of the two must go.')
        if each.word == other.word:
            message = N_('{what} is "{word}" already, at {other}: remove one of the two.')
        values = {"what": each.what, "word": each.word, "other_word": other.word, "other": other.entry}
        fix = [Remove(each.entry)] if each.word == other.word else []
        yield Finding(each.entry, Subject(KONTOSLAG.type, each.what), message, values, fix=fix)


@rule(
    "C103",
    title=N_("What is said of accounts is said of some that there are."),
    why=N_("Of a number or an account that is misspelt it says nothing, and the accounts that were meant are another."),
    mend=N_("Write the number or the account that is meant, or remove the directive."),
    after=["C101", "C102"],
    warns=True,
)
def kind_of_no_account(books: Books) -> Iterator[Finding]:
    for each in books.declared(KONTOSLAG):
        if any(each.covers(account) for account in books.opens):
            continue
        near = nearest_account(each.what, books.opens) if ":" in each.what else None
        message = N_('No account is opened that begins with {what}, which is said to be "{word}".')
        if near:
            message = N_('{what}, which is said to be "{word}", is not open (is {near} meant?).')
        values = {"what": each.what, "word": each.word, "near": near}
        yield Finding(each.entry, Subject(KONTOSLAG.type, each.what), message, values)


@rule(
    "C104",
    title=N_("Calculatory accounts come to nothing in every year with bokslut."),
    why=N_(
        "Kommun-Bas class 9 only divides costs within the federation: no statement shows it, so it may leave nothing."
    ),
    mend=N_("Book the other side, or the account that was meant."),
    sees=Sees(roles=("kalkyl",)),
)
def calculatory_accounts(books: Books) -> Iterator[Finding]:
    accounts = [account for account in books.postings if books.roles.has(account, "kalkyl")]
    for year in books.boksluts if accounts else ():
        total = sum((books.movements(account).get(year) or ZERO for account in accounts), ZERO)
        own = [entry for entry in books.on_accounts(accounts) if entry.date.year == year]
        if total and own:
            message = N_("The calculatory accounts come to {total} kr in {year}, last by {voucher}: {accounts}.")
            values = {"total": total, "year": year, "voucher": own[-1], "accounts": accounts}
            yield Finding(own[-1], Subject("kalkyl", "", year), message, values)


@rule(
    "C105",
    title=N_("A federation has no taxes and no general state grants."),
    why=N_("LKBR 5 kap.: what its members contribute stands where a municipality has taxes, and is no tax."),
    mend=N_('Say what the account is: custom "kontoslag" and its number, "medlemsbidrag" where members contribute.'),
    after=["C101"],
    sees=Sees(roles=TAXES),
    warns=True,
)
def taxes_of_no_municipality(books: Books) -> Iterator[Finding]:
    told = set[str]()
    for account, opened in books.opens.items():
        number = books.names[account].number if account in books.names else ""
        if number not in told and books.roles.has(account, *TAXES) and account in books.postings:
            told.add(number)  # one line says it of all accounts of a number
            message = N_('{account} counts as taxes ("{kind}"): say what it is,   {line}')
            line = _line(account, "medlemsbidrag", books)
            values = {"account": account, "kind": books.roles.slag(account).name, "line": line}
            yield Finding(opened, Subject("account", account), message, values)


@rule(
    "C106",
    title=N_("What changes in value is no money in a bank."),
    why=N_(
        "RKR R13: of what counts as money a change of value is shown as cash that has come or gone; a fund or a bond "
        "is a short-term investment."
    ),
    mend=N_(
        'Say what the account is: custom "kontoslag" and its number, "placeringar", or take away what makes it money.'
    ),
    after=["C101"],
    sees=Sees(roles=VALUES),
    warns=True,
)
def money_of_changing_value(books: Books) -> Iterator[Finding]:
    told = set[str]()
    for entry in books.having(*VALUES):
        account = next((account for account, _ in books.rows(entry) if books.roles.has(account, "kassa")), "")
        if account and account not in told and account in books.opens:
            told.add(account)
            message = N_(
                '{account} counts as money ("{kind}"), but {voucher} changes its value: what is no money is of another '
                "kind,   {line}"
            )
            line = _line(account, "placeringar", books)
            values = {"account": account, "kind": books.roles.slag(account).name, "voucher": entry, "line": line}
            yield Finding(books.opens[account], Subject("account", account), message, values)


_SAID: Sequence[tuple[re.Pattern[str], str, str]] = (
    (re.compile("nedskriv"), "avskrivningar", "nedskrivningar"),
    (re.compile("utlån|lånefordr"), "internbank", "kortfristig-utlaning"),
    (re.compile("utlån|lånefordr"), "ovriga-fordringar", "kortfristig-utlaning"),
    (re.compile("orealiser"), "finansiella-intakter", "orealiserad-vinst"),
    (re.compile("orealiser"), "finansiella-kostnader", "orealiserad-forlust"),
    (
        re.compile("realisationsvinst|vinst.*(avyttring|försäljning)"),
        "finansiella-intakter",
        "realisationsvinst-finansiell",
    ),
    (
        re.compile("realisationsförlust|förlust.*(avyttring|försäljning)"),
        "finansiella-kostnader",
        "realisationsforlust-finansiell",
    ),
    (re.compile("ränt.*pension"), "finansiella-kostnader", "ranta-pension"),
    (re.compile("resultatutjämningsreserv"), "ovrigt-eget-kapital", "resultatutjamningsreserv"),
    (re.compile("resultatreserv"), "ovrigt-eget-kapital", "resultatreserv"),
)
"""What an account's name says that it is, the kind that it then seldom is, and the kind that is meant."""


@rule(
    "C107",
    title=N_("An account is what its name says."),
    why=N_(
        "Kommun-Bas leaves many numbers to whoever uses it: write-downs, changes of value and reserves stand on rows "
        "of their own only where the ledger says which accounts are theirs."
    ),
    mend=N_("Write what the account is, as the message shows, or acknowledge it where its name means something else."),
    after=["C101", "C102"],
    sees=EVERY,
    warns=True,
)
def named_otherwise(books: Books) -> Iterator[Finding]:
    told = set[str]()
    for account, opened in books.opens.items():
        name = books.names.get(account)
        if name is None or name.number in told or account not in books.postings:
            continue
        kind, text = books.roles.slag(account).name, name.name.casefold()
        meant = next((word for says, of, word in _SAID if of == kind and says.search(text)), "")
        if meant:
            told.add(name.number)
            message = N_('{account} counts as "{kind}", but is named as "{meant}". Say what it is,   {line}')
            values = {"account": account, "kind": kind, "meant": meant, "line": _line(account, meant, books)}
            yield Finding(opened, Subject("account", account), message, values)


def _line(account: str, word: str, books: Books) -> Message:
    """Return the line that says what an account is: of its number, or in the place of what the ledger says of it."""
    number = books.names[account].number
    own = [each for each in books.declared(KONTOSLAG) if each.covers(account)]
    own = [each for each in own if ":" in each.what or each.what == number]
    if not own:
        line = f'{books.opens[account].date} custom "{KONTOSLAG.type}" "{number}" "{word}"'
        return as_written(line)
    there = max(own, key=lambda each: (":" in each.what, len(each.what)))
    what = there.what if ":" in there.what else f'"{there.what}"'
    line = f'{there.entry.date} custom "{KONTOSLAG.type}" {what} "{word}"'
    return Message(N_("{line}   (in the place of {other})"), {"line": as_written(line), "other": there.entry})


@rule(
    "C108",
    title=N_("An account is in a sealed year what that year was sealed with."),
    why=N_(
        "What an account is decides its row in every statement of every year: a kontoslag that is written later would "
        "print other figures for a year that the auditors have examined, and no seal would break."
    ),
    mend=N_(
        "Open another account for what is to be another thing, and move there what is left. Where the years before are "
        "to be stated anew, unseal them with the reason, which the journal keeps, and date the directive there."
    ),
    after=["C101", "C102"],
    sees=EVERY,
)
def kind_of_sealed_years(books: Books) -> Iterator[Finding]:
    said = books.declared(KONTOSLAG)
    later = [each for each in said if not books.is_sealed(each.entry.date)]
    sealed = roles_of(each for each in said if books.is_sealed(each.entry.date)) if later else books.roles
    changed: dict[int, list[str]] = defaultdict(list)
    for account, rows in sorted(books.postings.items()) if sealed is not books.roles else ():
        now = books.roles.slag(account)
        if books.is_sealed(rows[0][0].date) and now is not sealed.slag(account):
            causes = (n for n, each in enumerate(later) if each.covers(account) and each.word == now.name)
            changed[next(causes)].append(account)
    for number, accounts in changed.items():
        each, account = later[number], accounts[0]
        message = N_(
            '{what} is to be "{word}" from {day}, but {accounts} has postings of sealed years, which were sealed with '
            'it as "{kind}": their statements would change. Open another account for what is another thing.'
        )
        values = {
            "what": each.what,
            "word": each.word,
            "day": each.entry.date,
            "accounts": accounts[:3],
            "kind": sealed.slag(account).name,
        }
        yield Finding(each.entry, Subject(KONTOSLAG.type, each.what), message, values)
