"""What may be asked of Fava: a question from this computer's own browser, that reads.

Fava trusts whoever reaches its port, and hands a query to beanquery's shell as it stands. That shell has commands
beside its queries, and Fava's `--read-only` does not know of them, since they come by GET:

    .output /srv/books/main.bean          the file is cut to nothing
    CREATE TABLE x USING 'csv:/etc/passwd'  any file is opened

An image in any web page can send them. Here beanquery's own parser says what a query is, and there is no shell behind.
"""

import io
from collections.abc import Collection, Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from beanquery import Cursor, ParseError, connect
from beanquery.parser import ast
from beanquery.render import beancount
from fava.beans.abc import Directive
from fava.core import FavaLedger
from fava.json_api import FavaJSONAPIError
from werkzeug import Response

from forbundsbok.plugins.language import N_, tr

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN = {"none", "same-origin"}
READING = (ast.Select, ast.Balances, ast.Journal, ast.Print)


class QueryError(FavaJSONAPIError):
    """The query is none that reads, or cannot be answered."""

    status = HTTPStatus.BAD_REQUEST


class Reader:
    """Stands in for Fava's shell: answers the statements that read, and knows no commands."""

    def __init__(self, ledger: FavaLedger) -> None:
        self.ledger = ledger

    def run(self, entries: Sequence[Directive], query: str) -> Cursor | str:
        """A table, or for PRINT the directives as text."""
        books = connect("beancount:", entries=entries, errors=self.ledger.errors, options=self.ledger.options)
        try:
            statement = books.parse(query or " ")  # the parser falls over nothing at all
            if not isinstance(statement, READING):
                raise QueryError(tr("The books are read here: SELECT, BALANCES, JOURNAL and PRINT, and nothing else."))
            cursor = books.execute(statement)
            return _printed(cursor) if isinstance(statement, ast.Print) else cursor
        except QueryError:
            raise
        except ParseError as error:
            text = N_("The query cannot be read as SELECT, BALANCES, JOURNAL or PRINT: wrong at character {place}.")
            raise QueryError(tr(text, place=error.parseinfo.pos + 1)) from error
        except Exception as error:  # a bad pattern, date or depth comes as Python's own error
            raise QueryError(tr("The query cannot be answered: {why}", why=error)) from error


def _printed(cursor: Cursor) -> str:
    """The directives as text; Fava itself shows nothing for PRINT."""
    text = io.StringIO()
    beancount.render(cursor.description, cursor.fetchall(), text, dcontext=cursor.connection.options["dcontext"])
    return text.getvalue()


# What a browser may load and run of the pages: their own files, Fava's parser (WebAssembly), and styles in the text.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "object-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# What is answered of all that Fava knows. `jump` is not: it leads to whatever address the Referer names.
READ = {
    "static",
    "index",
    "account",
    "document",
    "statement",
    "holdings_by",
    "report",
    "help_page",
    "download_query",
    "download_journal",
    "extension_endpoint",
    "extension_js_module",
    "extension_report",
    *(
        f"json_api.get_{name}"
        for name in (
            "account_report",
            "balance_sheet",
            "changed",
            "commodities",
            "context",
            "documents",
            "errors",
            "events",
            "extract",
            "help",
            "imports",
            "income_statement",
            "journal",
            "journal_page",
            "ledger_data",
            "narration_transaction",
            "narrations",
            "options",
            "payee_accounts",
            "payee_transaction",
            "query",
            "source",
            "source_slice",
            "statistics",
            "trial_balance",
        )
    ),
}


class Gate:
    """Refuses what comes by another name than this computer's own, and what another page has sent.

    A page whose name is made to point at 127.0.0.1 is known by its Host; one that sends from elsewhere by its
    Origin, or by Sec-Fetch-Site, which every browser of today sends with what has no Origin, such as an image.
    """

    def __init__(self, app: "WSGIApplication", origins: Collection[str]) -> None:
        self.app = app
        self.origins = origins
        self.hosts = {origin.partition("://")[2]: origin for origin in origins}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        own = self.hosts.get(environ.get("HTTP_HOST", "").lower())
        if own is None:
            return self._refused(HTTPStatus.MISDIRECTED_REQUEST)(environ, start_response)
        if environ.get("HTTP_ORIGIN", own).lower() != own or environ.get("HTTP_SEC_FETCH_SITE", "none") not in OWN:
            return self._refused(HTTPStatus.FORBIDDEN)(environ, start_response)
        return self.app(environ, start_response)

    def _refused(self, status: HTTPStatus) -> Response:
        text = N_("The books are shown at their own address only. Write it in the browser yourself: {addresses}")
        told = tr(text, addresses=tr(" or ").join(sorted(self.origins)))
        return Response(told, status, HEADERS, mimetype="text/plain")
