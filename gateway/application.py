"""The ASGI application with its layers."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp


class Application(Starlette):
    """Handles requests by `front`, then by the router. Middleware that an adopter adds is around both.

    Starlette would add a layer around all of them, which answers unexpected errors. `front` does this, too.
    """

    def __init__(self, front: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._front = front

    def build_middleware_stack(self) -> ASGIApp:
        """Returns the router with its layers. Starlette calls it at the first request."""
        app = self._front(ExceptionMiddleware(self.router, handlers=self.exception_handlers))
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app
