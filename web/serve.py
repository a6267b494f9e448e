"""Shows the books in the browser, through Fava, to be read: `forbundsbok serve`.

Where there are users, who asks has to log in; else whoever uses this computer can read the books there. Nothing that is
asked of it changes a file, but for who has the role `bokföra`, with `--write`, by the safe write of all commands.
Of the Python that books may name (`custom "fava-extension"`), only our own pages run.
"""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, cast

from beancount.core import data
from beancount.parser.options import OPTIONS_DEFAULTS
from fava import core
from fava.application import create_app
from fava.context import g
from fava.core import FavaLedger
from fava.core.documents import is_document_or_import_file
from fava.core.extensions import ExtensionModule
from fava.core.fava_options import FavaOptions
from fava.core.ingest import IngestModule
from fava.ext import FavaExtensionError
from flask import Flask, abort, jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug import Response

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.language import N_, telling_in, tr, translation
from forbundsbok.plugins.ledger_text import visible
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.queries.general_ledger import QUERIES
from forbundsbok.web.figures import Figures
from forbundsbok.web.gate import HEADERS, POLICY, READ, WRITTEN, Gate
from forbundsbok.web.listening import LOOPBACK as HOST
from forbundsbok.web.listening import PATIENCE, ListenError, Patience, Site, listening
from forbundsbok.web.pages import PAGES
from forbundsbok.web.pages.page import WRITES, Page, RightError, language_of
from forbundsbok.web.queries import Filters, QueryError, Reader
from forbundsbok.web.users import Entrance, Sessions, Users, UsersError
from forbundsbok.web.watching import Watcher
from forbundsbok.web.writes import RefusedError, SafeFiles

STORED = {
    "accounts": N_("The chart of accounts"),
    "movements": N_("Movements month by month"),
    "adjustments": N_("Adjustments of equity"),
}
"""Our own queries, in fewer than the 25 letters that Fava shows; the others ask for values that it does not know."""

CONTENT = "innehall"
SKIP = N_("Skip to the content")
SKIP_STYLE = (
    f"#{CONTENT}:focus {{ outline: none }} .skip {{ position: absolute; left: -100vw }} "
    ".skip:focus { left: .5rem; top: .5rem; z-index: 99; padding: .5rem 1rem; "
    "color: var(--link-color); background: var(--background) }"
)
PAGES_MODULE = "forbundsbok.web.pages"
# A browser runs what it finds in a document, as part of the books' own pages; these it only draws.
DOCUMENTS = ("document", "statement", "extension_endpoint")
DRAWN = ("application/pdf", "image/png", "image/jpeg")


class _Told(NamedTuple):
    """An error as the pages show it: in the reader's language, of characters that can be seen."""

    source: Any
    message: str
    entry: Any
    error: Any = None
    """What it tells of, where a rule or Beancount found it."""


def _load(path: str, *, is_encrypted: bool) -> tuple[list[Any], list[Any], Any]:
    """Load the books as every command does: Fava's own way ends the program where the parser crashes, as for `1/0`."""
    try:
        entries, errors, options = load_ledger(Path(path))
    except OSError as error:  # an editor that writes the file anew
        entries, errors, options = [], [_Told(NOWHERE, f"{path}: {error.strerror}", None)], {**OPTIONS_DEFAULTS}
    return entries, [_Told(each.source, visible(in_words(each)), each.entry, each) for each in errors], options


class _Pages(ExtensionModule):
    """Our own pages, whatever pages the books name, of the books as they are loaded now."""

    def load_file(self) -> None:
        self.errors = [
            FavaExtensionError(
                entry.meta, tr(N_("Only the pages of förbundsbok are shown: take the line away.")), entry
            )
            for entry in self.ledger.all_entries_by_type.Custom
            if entry.type == "fava-extension" and entry.values[0].value != PAGES_MODULE
        ]
        if self.ledger.fava_options.default_page == FavaOptions.default_page:
            self.ledger.fava_options.default_page = f"extension/{PAGES[0].address}/"
        # After the books' own, which the side bar shows first.
        queries: list[Any] = [*self.ledger.all_entries_by_type.Query, *stored_queries()]
        self.ledger.all_entries_by_type = self.ledger.all_entries_by_type._replace(Query=queries)
        figures = Figures(self.ledger.all_entries, self.ledger.load_errors, self.ledger.options)
        if not self._instances:
            self._instances = {page.address: page(self.ledger) for page in PAGES}
        for page in self._instances.values():
            cast(Page, page).figures = figures


def stored_queries() -> list[data.Query]:
    """Return the queries that the statements are computed from, as Fava has those of books, of the same files."""
    return [
        data.Query(data.new_metadata(str(path), 1), date.min, tr(STORED[path.stem]), path.read_text(encoding="utf-8"))
        for path in sorted(QUERIES.glob("*.bql"))
    ]


class _Import(IngestModule):
    """Fava's import page with our own importers, whatever Python the books name, of documents beside the books."""

    def load_file(self) -> None:
        options = self.ledger.fava_options
        options.import_dirs = [
            each for each in options.import_dirs if is_beside(self.ledger, self.ledger.join_path(each))
        ]
        if self.module_path is not None and self.module_path.resolve() != IMPORTERS:
            self.loaded_config = None
            self.errors = self._error(
                tr(N_("Only the importers of förbundsbok are run: name   {file}"), file=IMPORTERS)
            )
            return
        super().load_file()


def _of(module: str) -> Path:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).resolve()


IMPORTERS = _of("forbundsbok.importers.config")


def is_beside(ledger: FavaLedger, path: Path | str) -> bool:
    """Whether a file is in the folder of the books, also when links are followed."""
    return Path(path).resolve().is_relative_to(Path(ledger.beancount_file_path).resolve().parent)


def reading_app(ledger: Path, port: int, patience: Patience = PATIENCE) -> Flask:
    """Fava with these books, to be read by whoever uses this computer."""
    return books_app(ledger, Site(HOST, port), patience=patience)


def books_app(
    ledger: Path,
    site: Site,
    sessions: Sessions | None = None,
    *,
    is_written: bool = False,
    patience: Patience = PATIENCE,
) -> Flask:
    """Fava with these books, behind the gate, for who is logged in."""
    core.load_uncached = _load  # type: ignore[attr-defined, assignment]
    core.ExtensionModule = _Pages  # type: ignore[attr-defined]
    core.IngestModule = _Import  # type: ignore[attr-defined]
    core.FileModule = SafeFiles  # type: ignore[attr-defined]
    app = create_app([ledger.resolve()], load=True, poll_watcher=True)
    for _, books in app.config["LEDGERS"].items():
        books.watcher = Watcher(books)
        books.watcher.update(*books.paths_to_watch())
        books.query_shell.shell = Reader(books, patience.query)
        books.get_filtered = Filters(books, patience.query)

    @app.before_request
    def what_is_answered() -> None:
        if request.method == "GET":
            if request.endpoint not in READ:
                abort(HTTPStatus.NOT_FOUND)
        elif is_written and request.endpoint == "posted" and request.method == "POST":
            pass  # each of our pages says who may
        elif not is_written or request.endpoint not in WRITTEN or request.method not in {"PUT", "DELETE"}:
            abort(HTTPStatus.UNAUTHORIZED)
        elif request.environ["forbundsbok.user"].role != "bokföra":
            abort(HTTPStatus.FORBIDDEN)

    @app.before_request
    def files_beside_the_books_alone() -> None:
        # Fava reads any file of the computer for who names an importer, and whatever document or file the books name.
        asked = request.args.get("filename", "")
        if request.endpoint == "statement":
            asked = g.ledger.statement_path(request.args.get("entry_hash", ""), request.args.get("key", ""))
        elif request.endpoint == "json_api.get_extract" and not is_document_or_import_file(asked, g.ledger):
            abort(HTTPStatus.NOT_FOUND)
        if asked and not is_beside(g.ledger, asked):
            abort(HTTPStatus.NOT_FOUND)

    @app.after_request
    def documents_without_scripts(response: Response) -> Response:
        response.headers.update(HEADERS)
        if site.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"  # a computer may be shared
        if request.endpoint not in DOCUMENTS:
            response.headers["Content-Security-Policy"] = POLICY
            if response.mimetype == "text/html":
                response.set_data(_for_listeners(response.get_data(as_text=True)))
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

    @app.errorhandler(HTTPStatus.NOT_FOUND)
    def nothing_there(_: Exception) -> Response:
        text = N_("There is nothing at this address: go back, or begin at {address}")
        return Response(tr(text, address=site.origins[0]), HTTPStatus.NOT_FOUND, mimetype="text/plain")

    @app.errorhandler(HTTPStatus.FORBIDDEN)
    def only_who_books(_: Exception) -> tuple[Response, HTTPStatus]:
        return jsonify(error=tr(N_("Only who has the role bokföra writes in the books."))), HTTPStatus.FORBIDDEN

    @app.post("/<bfile>/extension/<extension_name>/")
    def posted(extension_name: str) -> Response:
        page = g.ledger.extensions.get_extension(extension_name)
        if not isinstance(page, Page):
            abort(HTTPStatus.NOT_FOUND)
        with telling_in(page.language):
            leads = page.posted()
        if leads:
            return redirect(leads, HTTPStatus.SEE_OTHER)
        # What is refused is told on the page, as it was filled in.
        status = HTTPStatus.FORBIDDEN if isinstance(page.refused, RightError) else HTTPStatus.OK
        return app.make_response((_page(extension_name), status))

    app.config[WRITES] = is_written
    app.view_functions["json_api.put_add_document"] = _add_document
    app.view_functions["extension_report"] = _page
    inner = app.wsgi_app
    if sessions is not None:
        inner = Entrance(inner, sessions, is_secure=site.is_secure, is_behind_proxy=site.is_behind_proxy)
    app.wsgi_app = Gate(inner, site.origins)  # type: ignore[method-assign]
    return app


def _for_listeners(page: str) -> str:
    """Say in which language a page of Fava's is and where its own begins, and lead there who goes by keys."""
    language = language_of(g.ledger) if hasattr(g, "ledger") else ""
    skip = f'<a class="skip" href="#{CONTENT}">{translation(SKIP, language)}</a>'
    for before, after in (
        ("<html>", f'<html lang="{language}">'),
        ("</head>", f"<style>{SKIP_STYLE}</style></head>"),
        ("<body>", f"<body>{skip}"),
        ("<article>", f'<article role="main" id="{CONTENT}" tabindex="-1">'),
    ):
        page = page.replace(before, after, 1)
    return page


def _page(extension_name: str) -> str:
    """Answer with a page of ours, called by what it shows."""
    page = g.ledger.extensions.get_extension(extension_name)
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    drawn = cast(Page, page).drawn()
    return render_template("_layout.html", content=Markup(drawn.content), page_title=drawn.title)


def _add_document() -> Response:
    upload = request.files.get("file")
    if upload is None:
        raise RefusedError(tr(N_("There is no document in what was sent.")))
    files = cast(SafeFiles, g.ledger.file)
    path = files.take_in(upload, request.form.get("hash", ""))
    return jsonify(data=tr(N_("written: {file}"), file=path.name), mtime=str(g.ledger.mtime))


def serve(
    ledger: Path,
    site: Site,
    users: Users,
    tell: Callable[[str], None],
    *,
    is_written: bool = False,
    patience: Patience = PATIENCE,
) -> None:
    """Answer until Ctrl-C. Raises ListenError for a site where the books must or can not be shown, UsersError."""
    if users.path.exists() and users.path.resolve().is_relative_to(ledger.resolve().parent):
        raise UsersError(tr(N_("{file} stands among the books: users have a file outside them."), file=users.path))
    has_users = bool(users.read())
    site.refuse_unsafe(has_users=has_users)
    if is_written and not has_users:
        raise ListenError(tr(N_("Who writes in the books is named: forbundsbok user add NAME --role bokföra")))
    sessions = Sessions(users) if has_users else None
    app = books_app(ledger, site, sessions, is_written=is_written, patience=patience)
    server = listening(app, site, patience)
    tell(tr(N_("{address} shows {file}. Ctrl-C ends it."), address=site.origins[0], file=ledger))
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()
