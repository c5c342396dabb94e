"""Counts the cost of a result: its objects, and the weights of the fields that were executed.

Only lists have to be read: all objects of a list cost the same, apart from the lists in them. An object without lists
is counted with the object that contains it, even if it is null.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from gateway.costs.terms import AnySize, Variables

Object = dict[str, Any]


class Step(NamedTuple):
    """A step from objects to a field of theirs, and what each value costs that is not null."""

    key: str
    weight: float


class FieldCounter(NamedTuple):
    """Counts what is in a field: in its lists, or in the objects that contain lists.

    `path` are the steps to the field and below it, to the next list. `weight` is what each execution costs. It is 0 if
    every object has the field: then that of the object includes it. `depth` is the number of lists around the objects.
    With `is_optional`, objects may not have the field; the path is then one step.
    """

    path: tuple[Step, ...]
    weight: float
    depth: int
    is_optional: bool
    item: "ObjectCounter"

    def count_one(self, source: Object, variables: Variables) -> float:
        """Returns the cost of the field of one object."""
        path, cost, depth, is_optional, item = self
        if is_optional and path[0].key not in source:
            return 0.0
        value: Any = source
        for key, weight in path:
            value = value[key]
            if value is None:
                return cost
            cost += weight
        if depth == 1:
            cost += item.weight * len(value)
            return cost + item.count_all(value, variables) if item.has_lists else cost
        return cost + (self._count_lists([value], variables) if depth else item.count_one(value, variables))

    def count_all(self, sources: Sequence[Object], variables: Variables) -> float:
        """Returns the cost of the field of several objects."""
        path, cost, depth, is_optional, item = self
        values: list[Any] = [source for source in sources if path[0].key in source] if is_optional else [*sources]
        cost *= len(values)
        for key, weight in path:
            values = [found for value in values if (found := value[key]) is not None]
            cost += weight * len(values)
        if depth:
            return cost + self._count_lists(values, variables)
        return cost + item.count_all(values, variables) if item.has_lists else cost

    def _count_lists(self, values: Sequence[Any], variables: Variables) -> float:
        item = self.item
        if self.depth == 1 and not item.has_lists:
            return item.weight * sum(map(len, values))
        for _ in range(self.depth):
            values = list(chain.from_iterable([value for value in values if value is not None]))
        cost = item.weight * len(values)
        return cost + item.count_all(values, variables) if item.has_lists else cost


class ObjectCounter(NamedTuple):
    """Counts what objects cost in addition to `weight`, which is what each of them costs.

    `page` is the size of a page whose items are read and not selected.
    """

    weight: float = 0.0
    fields: tuple[FieldCounter, ...] = ()
    page: AnySize | None = None
    has_lists: bool = False
    """Whether objects may cost more than their weight."""

    def count_one(self, source: Object, variables: Variables) -> float:
        """Returns the cost of what is in one object."""
        cost = 0.0 if self.page is None else self.page.value(variables)
        for field in self.fields:
            cost += field.count_one(source, variables)
        return cost

    def count_all(self, values: Sequence[Object | None], variables: Variables) -> float:
        """Returns the cost of what is in several objects. Some of them may be null."""
        sources = [value for value in values if value is not None]
        cost = 0.0 if self.page is None else self.page.value(variables) * len(sources)
        if sources:
            for field in self.fields:
                cost += field.count_all(sources, variables)
        return cost

    def at(self, path: Sequence[str | int]) -> "ObjectCounter | None":
        """Returns the counter of the objects at a path of a response in parts, or None if nothing there costs."""
        counter: ObjectCounter | None = self
        for name in path:
            if isinstance(name, str) and counter is not None:
                counter = next((field.item for field in counter.fields if field.path[0].key == name), None)
        return counter


def field_counter(key: str, weight: float, depth: int, item: ObjectCounter, *, is_optional: bool) -> FieldCounter:
    """Returns the counter of a field. Its weight includes a value without lists, even if it is null."""
    if depth or item.has_lists:
        step = Step(key, 0.0 if depth else item.weight)
        return FieldCounter((step,), weight, depth, is_optional, item)
    return FieldCounter((Step(key, 0.0),), weight + item.weight, depth, is_optional, item)


def object_counter(
    weight: float, fields: Sequence[FieldCounter], page: AnySize | None, *, apart: bool
) -> ObjectCounter:
    """Returns the counter of an object with these fields. Its weight includes those that every object has.

    With `apart`, an object may have any of the fields.
    """
    others = list[FieldCounter]()
    for field in fields:
        if apart or field.is_optional:
            others.append(field._replace(is_optional=True))
        else:
            weight += field.weight
            if field.depth or field.item.has_lists:
                others.append(field._replace(weight=0.0))
    return ObjectCounter(weight, tuple(others), page, has_lists=bool(others or page))


def merged(counters: Sequence[ObjectCounter]) -> ObjectCounter:
    """Returns the counter of objects of one of several types. Where they differ, the larger cost counts."""
    fields: dict[str, FieldCounter] = {}
    for counter in counters:
        for field in counter.fields:
            known = fields.get(field.path[0].key)
            fields[field.path[0].key] = field if known is None or known == field else _merged_fields(known, field)
    weight = max((counter.weight for counter in counters), default=0.0)
    page = next((counter.page for counter in counters if counter.page), None)
    return ObjectCounter(weight, tuple(fields.values()), page, has_lists=bool(fields or page))


def _merged_fields(one: FieldCounter, other: FieldCounter) -> FieldCounter:
    (step,), (other_step,) = one.path, other.path
    return one._replace(
        path=(Step(step.key, max(step.weight, other_step.weight)),),
        weight=max(one.weight, other.weight),
        is_optional=one.is_optional or other.is_optional,
        item=one.item if one.item is other.item else merged((one.item, other.item)),
    )


class Shortener:
    """Joins the steps of counters that count nothing by themselves, so that results are read faster."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ObjectCounter, ObjectCounter]] = {}

    def shortened(self, counter: ObjectCounter) -> ObjectCounter:
        """Returns an equivalent counter. What counters have in common is shortened once."""
        known = self._known.get(id(counter))
        if known is None:
            short = counter._replace(fields=tuple(map(self._field, counter.fields)))
            known = self._known[id(counter)] = counter, short
        return known[1]

    def _field(self, field: FieldCounter) -> FieldCounter:
        item = self.shortened(field.item)
        is_step = not (field.depth or field.is_optional or item.page) and len(item.fields) == 1
        if is_step and not item.fields[0].is_optional:
            return item.fields[0]._replace(path=(*field.path, *item.fields[0].path))
        return field._replace(item=item)
