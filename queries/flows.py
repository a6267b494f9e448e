"""Flows as statements take them: which events the postings are of, told by the vouchers (plugins/flows.py).

flow_lines(books)     # [FlowLine("forvarv", PostingLine(... 1210-Inventarier, 90000.00 ...)), ...]
"""

from typing import NamedTuple

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.flows import flows
from forbundsbok.queries.statement import PostingLine


class FlowLine(NamedTuple):
    """What of a posting is of an event: the event's word, and the posting with that amount."""

    flow: str
    line: PostingLine


def flow_lines(books: Books) -> list[FlowLine]:
    """Return what each posting of the books is of events, part by part."""
    lines = []
    for flow in books.once(flows):
        entry, meta = flow.entry, flow.entry.meta
        voucher, payee, text = (str(each or "") for each in (meta.get("ver"), entry.payee, entry.narration))
        file, line = str(meta["filename"]), int(meta["lineno"])
        posting = PostingLine(entry.date, voucher, payee, text, flow.account, flow.amount, file, line)
        lines.append(FlowLine(flow.word, posting))
    return lines
