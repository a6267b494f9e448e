"""Shows the books in the browser, through Fava, to be read: `forbundsbok serve`.

Nothing that is asked of it changes a file. Whoever uses this computer can read the books there: there is no password.
Of the Python that books may name (`custom "fava-extension"`), only our own pages run.
"""

import inspect
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import click
from beancount.parser.options import OPTIONS_DEFAULTS
from cheroot.wsgi import Server
from fava import core
from fava.application import create_app
from fava.context import g
from fava.core.documents import is_document_or_import_file
from fava.core.extensions import ExtensionModule
from fava.ext import FavaExtensionBase, FavaExtensionError
from flask import Flask, abort, jsonify, request
from werkzeug import Response

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import visible
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.web.gate import HEADERS, POLICY, READ, Gate
from forbundsbok.web.queries import Filters, QueryError, Reader

HOST = "127.0.0.1"
PAGES = "forbundsbok.web.pages"
# A browser runs what it finds in a document, as part of the books' own pages; these it only draws.
DRAWN = ("application/pdf", "image/png", "image/jpeg")


class _Told(NamedTuple):
    """An error as the pages show it: in the reader's language, of characters that can be seen."""

    source: Any
    message: str
    entry: Any


def _load(path: str, *, is_encrypted: bool) -> tuple[list[Any], list[Any], Any]:
    """Load the books as every command does: Fava's own way ends the program where the parser crashes, as for `1/0`."""
    try:
        entries, errors, options = load_ledger(Path(path))
    except OSError as error:  # an editor that writes the file anew
        entries, errors, options = [], [_Told(NOWHERE, f"{path}: {error.strerror}", None)], {**OPTIONS_DEFAULTS}
    return entries, [_Told(each.source, visible(in_words(each)), each.entry) for each in errors], options


class _Pages(ExtensionModule):
    """Our own pages, whatever pages the books name."""

    def load_file(self) -> None:
        self.errors = [
            FavaExtensionError(
                entry.meta, tr(N_("Only the pages of förbundsbok are shown: take the line away.")), entry
            )
            for entry in self.ledger.all_entries_by_type.Custom
            if entry.type == "fava-extension" and entry.values[0].value != PAGES
        ]
        for page in _pages():
            if page.__qualname__ not in self._instances:
                self._instances[page.__qualname__] = page(self.ledger)


def _pages() -> list[type[FavaExtensionBase]]:
    if find_spec(PAGES) is None:
        return []
    classes = inspect.getmembers(import_module(PAGES), inspect.isclass)
    return [each for _, each in classes if issubclass(each, FavaExtensionBase) and each is not FavaExtensionBase]


def reading_app(ledger: Path, port: int) -> Flask:
    """Fava with these books, behind the gate."""
    core.load_uncached = _load  # type: ignore[attr-defined, assignment]
    core.ExtensionModule = _Pages  # type: ignore[attr-defined]
    app = create_app([ledger.resolve()], load=True, read_only=True)
    for _, books in app.config["LEDGERS"].items():
        books.query_shell.shell = Reader(books)
        books.get_filtered = Filters(books)

    @app.before_request
    def what_is_answered() -> None:
        if request.endpoint not in READ and request.method == "GET":
            abort(HTTPStatus.NOT_FOUND)

    @app.before_request
    def documents_alone() -> None:
        # Fava reads any file of the computer for who names an importer.
        if request.endpoint == "json_api.get_extract" and not is_document_or_import_file(
            request.args.get("filename", ""), g.ledger
        ):
            abort(HTTPStatus.NOT_FOUND)

    @app.after_request
    def documents_without_scripts(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint not in {"document", "statement"}:
            response.headers["Content-Security-Policy"] = POLICY
        elif response.mimetype not in DRAWN:
            response.headers["Content-Security-Policy"] = "sandbox"
        return response

    @app.errorhandler(QueryError)
    def query_error(error: QueryError) -> Response:
        return Response(error.message, error.status, mimetype="text/plain")

    @app.errorhandler(HTTPStatus.UNAUTHORIZED)
    def only_read(_: Exception) -> tuple[Response, HTTPStatus]:
        # Fava's pages show what stands below `error`, where a button of theirs would write.
        text = N_("The books are only read here: nothing is saved. Take documents in by   forbundsbok import FILE")
        return jsonify(error=tr(text)), HTTPStatus.UNAUTHORIZED

    app.wsgi_app = Gate(app.wsgi_app, [f"http://{name}:{port}" for name in (HOST, "localhost")])  # type: ignore[method-assign]
    return app


def serve(ledger: Path, port: int, tell: Callable[[str], None]) -> None:
    """Answer until Ctrl-C. Raises ClickException for a port that is taken."""
    server = Server((HOST, port), reading_app(ledger, port), server_name="")
    try:
        server.prepare()
    except OSError as error:
        text = N_("Port {port} is taken. Choose another by --port.")
        raise click.ClickException(tr(text, port=port)) from error
    tell(tr(N_("{address} shows {file}. Ctrl-C ends it."), address=f"http://{HOST}:{port}", file=ledger))
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()
