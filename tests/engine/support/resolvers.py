"""The functions of the generated schemas. The world of the run determines what each of them does."""

from asyncio import sleep
from collections.abc import Callable
from typing import Any

from tests.engine.support.sources import failure, identity, known, streamed
from tests.engine.support.world import World


def resolver(kind: str, owner: str, name: str, *, quiet: bool) -> Callable[..., Any] | None:
    """Returns the resolver of a field, or None for the default resolver, which reads the source."""
    if kind == "default":
        return None

    async def resolve_later(source: Any, info: Any, **args: Any) -> Any:
        world: World = info.context
        world.enter(info)
        for _ in range(world.chance(owner, name, "naps", identity(source)).below(4)):
            await sleep(0)
        return world.resolve(owner, name, source, info, args)

    def resolve(source: Any, info: Any, **args: Any) -> Any:
        world: World = info.context
        world.enter(info)
        return world.resolve(owner, name, source, info, args)

    def resolve_perhaps_later(source: Any, info: Any, **args: Any) -> Any:
        world: World = info.context
        value = resolve(source, info, **args)
        return world.perhaps_later(value, world.chance(owner, name, "perhaps", identity(source)))

    if quiet or kind == "sync":
        return resolve
    return resolve_later if kind == "async" else resolve_perhaps_later


def is_type_of(kind: str, name: str, *, quiet: bool) -> Callable[..., Any] | None:
    """Returns the `is_type_of` of an object type, or None."""
    if kind == "none":
        return None

    def check(value: Any, info: Any) -> Any:
        world: World = info.context
        chance = world.chance("is_type_of", name, identity(value))
        if chance.happens(world.bad):
            raise failure(chance, f"is_type_of {name} of {identity(value)}", info)
        right = known(value, "_type", None) == name
        return right is not chance.happens(world.bad)

    async def check_later(value: Any, info: Any) -> Any:
        world: World = info.context
        chance = world.chance("is_type_of later", name, identity(value))
        if chance.happens(world.bad):
            # Time decides which of several failures is the first, so all have the same message.
            raise ValueError("is_type_of fails later")
        for _ in range(chance.below(3)):
            await sleep(0)
        return 1 if known(value, "_type", None) == name else ""

    def check_perhaps_later(value: Any, info: Any) -> Any:
        world: World = info.context
        late = world.chance("is_type_of perhaps", name, identity(value)).happens(world.delay)
        return check_later(value, info) if late else check(value, info)

    if quiet or kind == "sync":
        return check
    return check_later if kind == "async" else check_perhaps_later


def resolve_type(kind: str, name: str, *, quiet: bool) -> Callable[..., Any] | None:
    """Returns a type resolver, or None for the default one, which reads `__typename`."""
    if kind == "default":
        return None

    def resolve(value: Any, info: Any, abstract: Any) -> Any:
        world: World = info.context
        chance = world.chance("resolve_type", name, abstract.name, identity(value))
        if chance.happens(world.bad):
            if chance.happens(0.5):
                raise failure(chance, f"resolve_type {name} of {identity(value)}", info)
            return chance.pick([None, "Nope", "Int", 5, *world.schema.type_map])
        return known(value, "_type", None)

    async def resolve_later(value: Any, info: Any, abstract: Any) -> Any:
        world: World = info.context
        for _ in range(world.chance("resolve_type", identity(value)).below(3)):
            await sleep(0)
        return resolve(value, info, abstract)

    def resolve_perhaps_later(value: Any, info: Any, abstract: Any) -> Any:
        world: World = info.context
        late = world.chance("resolve_type perhaps", identity(value)).happens(world.delay)
        return resolve_later(value, info, abstract) if late else resolve(value, info, abstract)

    if quiet or kind == "sync":
        return resolve
    return resolve_later if kind == "async" else resolve_perhaps_later


def stream_of(world: World, owner: str, name: str, info: Any, args: dict[str, Any]) -> Any:
    """Returns the events of a subscription, or a value that is no stream."""
    chance = world.chance("events", owner, name, args)
    if chance.happens(world.failing):
        raise failure(chance, f"subscribe {owner}.{name}", info)
    if chance.happens(world.bad):
        return chance.pick([None, 5, [1], ValueError("no events")])
    root = world.schema.get_type(owner)
    events = [world.source(root, chance) for _ in range(chance.below(4))]  # type: ignore[arg-type]
    broken = failure(chance, f"events of {owner}.{name}", None) if chance.happens(world.failing) else None
    return streamed(events, chance.below(2), broken)


def subscriber(owner: str, name: str) -> Callable[..., Any]:
    """Returns the subscribe function of a field of the subscription root."""

    def subscribe(_root: Any, info: Any, **args: Any) -> Any:
        world: World = info.context
        return world.perhaps_later(stream_of(world, owner, name, info, args), world.chance("subscribe", name))

    return subscribe
