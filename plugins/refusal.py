"""What cannot be done that was asked for, and why: told to whoever asked, and never a traceback.

    forbundsbok show resultat --year 2031

Each room has errors of its own kinds; who catches them all needs none of those rooms.
"""


class RefusalError(Exception):
    """Something that cannot be done; its text says why."""

    @property
    def messages(self) -> list[str]:
        """What is told first: each thing that is wrong, by itself."""
        return []

    @property
    def conclusion(self) -> str:
        """What is told last: what comes of it."""
        return str(self)
