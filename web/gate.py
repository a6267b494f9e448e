"""Who is heard, what is answered, and what a browser may do with it. Fava itself trusts whoever reaches its port.

GET /books/api/query HTTP/1.1
Host: evil.example:5000          a name made to point here: 421
Sec-Fetch-Site: cross-site       an image in another page: 403
"""

from collections.abc import Collection, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug import Response

from forbundsbok.plugins.language import N_, tr

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN = {"none", "same-origin"}
METHODS = {"GET", "POST", "PUT", "DELETE"}
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

# What who may write is answered beside it. Fava's own moving, deleting and laying up of files is not.
WRITTEN = {
    "json_api.put_add_document",
    "json_api.put_add_entries",
    "json_api.put_attach_document",
    "json_api.put_format_source",
    "json_api.put_source",
    "json_api.put_source_slice",
    "json_api.delete_source_slice",
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
        if environ["REQUEST_METHOD"] not in METHODS:
            answer = Response(
                status=HTTPStatus.METHOD_NOT_ALLOWED, headers={**HEADERS, "Allow": ", ".join(sorted(METHODS))}
            )
            return answer(environ, start_response)
        if environ.get("HTTP_ORIGIN", own).lower() != own or environ.get("HTTP_SEC_FETCH_SITE", "none") not in OWN:
            return self._refused(HTTPStatus.FORBIDDEN)(environ, start_response)
        return self.app(environ, start_response)

    def _refused(self, status: HTTPStatus) -> Response:
        text = N_("The books are shown at their own address only. Write it in the browser yourself: {addresses}")
        told = tr(text, addresses=tr(" or ").join(sorted(self.origins)))
        return Response(told, status, HEADERS, mimetype="text/plain")
