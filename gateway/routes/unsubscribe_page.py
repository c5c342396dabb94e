"""The page on which the reader of a mail turns off e-mails: HTML without scripts, or a sentence of plain text."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from core.i18n import Messages, language_of, messages
from gateway.http.headers import header

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Vary": "Accept, Accept-Language",
}
_FORM = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    '<button type="submit">{}</button></form>'
)
"""Posts to the address of the page, with the field that mail providers send."""


def offer_page(request: Request, kind: str) -> Response:
    """Returns the page with the button that turns off the e-mails of a kind."""
    of_language = _messages(request)
    question = of_language.text("UNSUBSCRIBE_QUESTION", kind=_kind(of_language, kind))
    return _page(request, question, 200, _FORM.format(escape(of_language.text("UNSUBSCRIBE_BUTTON"))))


def result_page(request: Request, kind: str) -> Response:
    """Returns the page that says that the e-mails of a kind are turned off."""
    of_language = _messages(request)
    return _page(request, of_language.text("UNSUBSCRIBE_DONE", kind=_kind(of_language, kind)))


def invalid_page(request: Request) -> Response:
    """Returns the page of a link that is wrong, or of a deleted account."""
    return _page(request, _messages(request).text("UNSUBSCRIBE_INVALID"), 404)


def _page(request: Request, sentence: str, status: int = 200, form: str = "") -> Response:
    """Returns a page with a sentence. A client that does not accept HTML, such as a mail provider, gets plain text."""
    of_language = _messages(request)
    headers = {**_HEADERS, "Content-Language": of_language.language}
    if "text/html" not in (header(request.scope, b"accept") or ""):
        return PlainTextResponse(f"{sentence}\n", status, headers)
    title = escape(of_language.text("UNSUBSCRIBE_TITLE"))
    return HTMLResponse(
        f'<!doctype html><html lang="{of_language.language}" dir="{of_language.direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1><p>{escape(sentence)}</p>{form}</main></body></html>",
        status,
        headers,
    )


def _messages(request: Request) -> Messages:
    return messages(language_of(None, header(request.scope, b"accept-language")))


def _kind(of_language: Messages, kind: str) -> str:
    return of_language.text(f"EMAILS_{kind}")
