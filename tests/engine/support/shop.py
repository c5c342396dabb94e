"""A Strawberry schema that uses every feature that Strawberry adds around a resolver."""

from asyncio import sleep
from collections.abc import AsyncGenerator, Callable
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission
from strawberry.schema.exception_handlers import ExceptionHandler
from strawberry.schema_directive import Location
from strawberry.types.info import Info

from engine.for_strawberry import EXECUTORS, declare


class Denied(BasePermission):
    message = "You may not."

    def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:
        return info.field_name.startswith("un") or (isinstance(source, Thing) and source.name == "open")


class DeniedLater(Denied):
    async def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        await sleep(0)
        return super().has_permission(source, info)


class Shout(FieldExtension):
    """Converts a result to upper case, and changes an argument."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info[Any, Any], **arguments: Any) -> str:
        return str(next_(source, info, **{**arguments, "times": 2})).upper()

    async def resolve_async(self, next_: Any, source: Any, info: Info[Any, Any], **arguments: Any) -> str:
        return str(await next_(source, info, **arguments)).upper()


@strawberry.enum
class Size(Enum):
    SMALL = "s"
    LARGE = strawberry.enum_value("l", name="BIG")


@strawberry.input
class Span:
    least: int = 0
    most: int | None = strawberry.UNSET


@strawberry.input
class Wanted:
    size: Size = Size.SMALL
    tags: list[str] = strawberry.field(default_factory=list[str])
    span: Span | None = None


class TooMany(Exception):
    """An exception that a handler converts to a result, or declines."""


@strawberry.type
class Refused:
    reason: str


@strawberry.interface
class Named:
    name: str


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION])
class Cost:
    weight: int


@strawberry.type
class Thing(Named):
    size: Size = Size.SMALL
    hidden: strawberry.Private[str] = "hidden"
    priced: int = strawberry.field(default=3, directives=[Cost(weight=2)])

    @strawberry.field
    def repeated(self, times: int = 1, between: str | None = None) -> str:
        return (between or "").join([self.name] * times)

    @strawberry.field
    def of_parent(parent: strawberry.Parent[Any]) -> str:  # noqa: N805 - Strawberry's way to say it
        return f"{parent.name} of {parent.hidden}"

    @strawberry.field
    def where(self, info: Info[Any, Any]) -> str:
        return f"{info.path.typename} {info.path.key} {info.python_name} {info.context} {info.return_type}"

    @strawberry.field
    async def later(self, info: Info[Any, Any], size: Size = Size.LARGE) -> Size | None:
        await sleep(0)
        return size if self.name == "open" and info.field_name else None

    @strawberry.field(extensions=[Shout()])
    def loud(self, times: int = 1) -> str:
        return self.name * times

    @strawberry.field(extensions=[Shout()])
    async def loud_later(self) -> str:
        return self.name

    @strawberry.field(permission_classes=[Denied])
    def guarded(self) -> str | None:
        return "seen"

    @strawberry.field(permission_classes=[DeniedLater, Denied])
    async def guarded_later(self) -> str | None:
        return "seen later"

    @strawberry.field
    def fails(self) -> str | None:
        raise TooMany(self.name)


@strawberry.type
class Other(Named):
    number: int = 1


Found = Annotated[Thing | Other, strawberry.union("Found")]
Checked = Annotated[Thing | Refused, strawberry.union("Checked")]
THINGS = [Thing(name="open"), Thing(name="shut", size=Size.LARGE)]


@strawberry.type
class Query:
    things: list[Thing] = strawberry.field(resolver=lambda: THINGS)
    unchecked: str = strawberry.field(resolver=lambda: "x", permission_classes=[Denied])

    @strawberry.field
    def found(self) -> list[Found]:
        return [*THINGS, Other(name="other")]

    @strawberry.field
    async def named(self) -> list[Named | None]:
        return [Other(name="other"), None, THINGS[0]]

    @strawberry.field
    def described(self, wanted: Wanted, also: list[int] | None = None) -> str:
        return f"{wanted!r} {also}"

    @strawberry.field
    async def described_later(
        self, wanted: Wanted | None = None, renamed: Annotated[int, strawberry.argument(name="as")] = 1
    ) -> str:
        return f"{wanted!r} {renamed}"

    @strawberry.field
    def checked(self, many: int) -> Checked:
        if many > 1:
            raise TooMany(str(many))
        return THINGS[many]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: Info[Any, Any], name: str) -> Thing:
        info.context.append(name)
        return Thing(name=f"{name} {len(info.context)}")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def opened(self, most: int = 2) -> AsyncGenerator[Thing, None]:
        for number in range(most):
            yield Thing(name=str(number))

    @strawberry.subscription(permission_classes=[Denied])
    async def refused(self) -> AsyncGenerator[int, None]:
        yield 1


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def upper(value: DirectiveValue[Any], times: int = 1) -> Any:
    return str(value).upper() * times


class Refuse(ExceptionHandler[TooMany, Refused]):
    """Converts `TooMany` to `Refused`, or declines it."""

    def handle(self, exception: TooMany, *, field: Any, info: Any) -> Refused:  # noqa: ARG002 - the protocol's
        return None if str(exception) in {"open", "3"} else Refused(reason=f"too many: {exception}")  # pyright: ignore[reportReturnType]


class Hooks(SchemaExtension):
    """Records the hooks that are called, and adds them to the response's extensions."""

    def _note(self, hook: str) -> None:
        self.execution_context.context.append(hook)

    def on_operation(self) -> Any:
        self._note("operation")
        yield
        self._note("operation ends")

    def on_execute(self) -> Any:
        self._note("execute")
        yield
        result: Any = self.execution_context.result
        self._note(f"executed {sorted(result.data or ())}")

    def get_results(self) -> dict[str, Any]:
        return {"hooks": list(self.execution_context.context)}


class Middleware(SchemaExtension):
    """Processes every value."""

    def resolve(self, _next: Any, root: Any, info: Any, *arguments: str, **named: Any) -> Any:
        value = _next(root, info, *arguments, **named)
        return value * 2 if isinstance(value, int) and not isinstance(value, bool) else value


def shop(executor: str, *, declared: bool, **options: Any) -> strawberry.Schema:
    """Returns the schema with an executor of `EXECUTORS` and further options of `strawberry.Schema`."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Thing, Other],
        execution_context_class=EXECUTORS[executor],  # pyright: ignore[reportArgumentType]
        **options,
    )
    if declared:
        declare(schema)
    return schema
