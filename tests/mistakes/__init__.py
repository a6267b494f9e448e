"""Single mistakes of a clerk, and of one who tries to get away with something, made one by one in sound books.

    Mistake("belopp-101", "betalade 39 560 för 39 650", amount("U 79", "39650.00", "39560.00"), VARNING, "90,00")

The books are those of `ledger/` with January to June 2025 (`2025/*.bean`) on top. What is expected is said from what
the books alone can tell an excellent reader, without regard to which rules there are; `missed.txt` names the mistakes
that the rules miss today, `refused.txt` the legal bookings that they refuse. A line may be removed there, none added.
`python -m tests.mistakes` shows the table.
"""
