"""A mistake and what should be said of it; a legal booking, of which nothing may be said that stops it."""

from dataclasses import dataclass

from tests.mistakes.change import Change

FEL, VARNING, INTE = "fel", "varning", "kan inte upptäckas"
KINDS = {
    "belopp": "Belopp: siffror och komman",
    "tecken": "Tecken",
    "datum": "Datum",
    "enhet": "Enheter",
    "konto": "Konton",
    "moms": "Moms",
    "nyckel": "Länkar och uppgifter",
    "glomt": "Glömt",
    "dubbelt": "Dubbelt",
    "register": "Filer och register",
    "fusk": "Försök att komma undan",
}


@dataclass(frozen=True)
class Mistake:
    """What the clerk did, and what the books should answer: a word or an amount of the message in `says`, `a|b` either.

    `costs`: it costs money or misstates a figure. `why` says why the books alone cannot tell.
    """

    id: str
    did: str
    change: Change | tuple[Change, ...]
    expected: str
    says: str = ""
    costs: bool = True
    why: str = ""

    @property
    def kind(self) -> str:
        """The kind of mistake, the first word of the id."""
        return self.id.partition("-")[0]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is changed, in order."""
        return self.change if isinstance(self.change, tuple) else (self.change,)


@dataclass(frozen=True)
class Legal:
    """A booking that is odd but right: there may be a warning, and no error."""

    id: str
    did: str
    change: Change | tuple[Change, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is changed, in order."""
        return self.change if isinstance(self.change, tuple) else (self.change,)
