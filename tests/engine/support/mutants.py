"""Executors with one bug each. The comparison must detect every one of them."""

import asyncio
from collections.abc import Callable
from copy import copy
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType
from graphql.execution.executor import Executor, get_typename
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.language import REMOVE, FieldNode, Visitor, visit
from graphql.pyutils import Path, Undefined

from tests.engine.support.kinds import STOCK_EXECUTE, Execute, is_hard

Stock = ExecutorThrowingOnIncremental


def is_one(value: Any, types: Any) -> bool:
    """Calls `isinstance` without narrowing the type for type checkers."""
    return isinstance(value, types)


def executed_by(executor: type[Executor[Any]]) -> Execute:
    return lambda *args, **kwargs: STOCK_EXECUTE(*args, executor_class=executor, **kwargs)


def changed(change: Callable[[ExecutionResult], ExecutionResult]) -> Execute:
    """Returns graphql-core's executor with a change of its result."""

    def execute(*args: Any, **kwargs: Any) -> Any:
        result = STOCK_EXECUTE(*args, **kwargs)
        if not isawaitable(result):
            return change(result)

        async def later() -> ExecutionResult:
            return change(await result)

        return later()

    return execute


def changed_errors(change: Callable[[list[GraphQLError]], list[GraphQLError]]) -> Execute:
    return changed(lambda result: ExecutionResult(result.data, change(result.errors) if result.errors else None))


def each_error(change: Callable[[GraphQLError], GraphQLError]) -> Execute:
    return changed_errors(lambda errors: [change(error) for error in errors])


def each_value(change: Callable[[Any], Any]) -> Execute:
    def walk(value: Any) -> Any:
        if is_one(value, dict):
            return change({key: walk(inner) for key, inner in value.items()})
        return change([walk(inner) for inner in value] if is_one(value, list) else value)

    return changed(lambda result: ExecutionResult(walk(result.data), result.errors))


def without_location(error: GraphQLError) -> GraphQLError:
    changed = copy(error)
    changed.locations = None
    return changed


def with_other(name: str, change: Callable[[Any], Any]) -> Callable[[GraphQLError], GraphQLError]:
    def other(error: GraphQLError) -> GraphQLError:
        changed = copy(error)
        setattr(changed, name, change(getattr(error, name)))
        return changed

    return other


class Unskipping(Visitor):
    """Removes `@skip`."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value == "skip" else None


def ignoring_skip(schema: Any, document: Any, **kwargs: Any) -> Any:
    return STOCK_EXECUTE(schema, visit(document, Unskipping()), **kwargs)


class Nulling(Stock):
    """Fails to null parents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_propagation = False


class Valuing(Stock):
    """Completes returned exceptions as values."""

    def complete_value(self, *args: Any, **kwargs: Any) -> Any:
        *before, result, context = args
        result = str(result) if isinstance(result, Exception) else result
        altered: Any = (*before, result, context)
        return super().complete_value(*altered, **kwargs)


class Hasty(Stock):
    """Executes the fields of mutations all at once."""

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001
        del serially
        return super().execute_operation(False)


class Thorough(Stock):
    """Executes the fields after one that nulls its parent, as a naive breadth-first executor would."""

    def execute_fields(self, *args: Any, **kwargs: Any) -> Any:
        parent_type, _, path, grouped_field_set, _ = args
        try:
            return super().execute_fields(*args, **kwargs)
        except GraphQLError:
            for name, details in grouped_field_set.items():
                field = self.schema.get_field(parent_type, details[0].node.name.value)
                if field and not is_hard(field.type):
                    self.collected_errors.add(GraphQLError("late", path=[name]), Path(path, name, None))
            raise


class Trusting(Stock):
    """Does not call `is_type_of`."""

    def complete_object_value(self, *args: Any, **kwargs: Any) -> Any:
        return_type = copy(args[0])
        return_type.is_type_of = None
        return super().complete_object_value(*(return_type, *args[1:]), **kwargs)


class Gullible(Stock):
    """Accepts any name that a type resolver returns."""

    def ensure_valid_runtime_type(self, *args: Any, **kwargs: Any) -> Any:
        named = self.schema.get_type(args[0]) if isinstance(args[0], str) else None
        return named if isinstance(named, GraphQLObjectType) else super().ensure_valid_runtime_type(*args, **kwargs)


class Loose(Stock):
    """Completes strings and mappings as lists."""

    def complete_list_value(self, *args: Any, **kwargs: Any) -> Any:
        *before, result, context = args
        if is_one(result, (str, dict)):
            result = [*result]
        altered: Any = (*before, result, context)
        return super().complete_list_value(*altered, **kwargs)


class Lenient(Stock):
    """Accepts null as the output of a scalar."""

    @staticmethod
    def complete_leaf_value(return_type: Any, result: Any) -> Any:
        coerced = return_type.coerce_output_value(result)
        return None if coerced is Undefined else coerced


class Misplacing(Stock):
    """Reports the failure of an item at its list."""

    def handle_field_error(self, *args: Any, **kwargs: Any) -> None:
        *before, path = args
        altered: Any = (*before, path.prev if isinstance(path.key, int) else path)
        super().handle_field_error(*altered, **kwargs)


class Narrow(Stock):
    """Passes only the first of several merged fields to resolvers."""

    def build_resolve_info(self, field_def: Any, field_nodes: Any, parent_type: Any, path: Any) -> Any:
        return super().build_resolve_info(field_def, field_nodes[:1], parent_type, path)


def only_by_name(value: Any, _info: Any, _abstract: Any) -> Any:
    return get_typename(value)


async def _forgotten() -> None: ...


def forgetful(*args: Any, **kwargs: Any) -> Any:
    _forgotten()  # type: ignore[unused-coroutine]
    return STOCK_EXECUTE(*args, **kwargs)


def always_later(*args: Any, **kwargs: Any) -> Any:
    async def later() -> Any:
        result = STOCK_EXECUTE(*args, **kwargs)
        return await result if isawaitable(result) else result

    return later()


def busy(*args: Any, **kwargs: Any) -> Any:
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    return STOCK_EXECUTE(*args, **kwargs)


def raising(*args: Any, **kwargs: Any) -> Any:
    result = STOCK_EXECUTE(*args, **kwargs)
    if not isawaitable(result) and result.errors and result.data is None:
        raise result.errors[0]
    return result


def without_variables(*args: Any, **kwargs: Any) -> Any:
    return STOCK_EXECUTE(*args, **{**kwargs, "variable_values": None})


def first_operation(schema: Any, document: Any, *, operation_name: Any, **kwargs: Any) -> Any:
    names = [one.name.value for one in document.definitions if one.kind == "operation_definition"]
    return STOCK_EXECUTE(schema, document, operation_name=names[0] if operation_name else None, **kwargs)


def _swapped(value: Any) -> Any:
    return dict(reversed(value.items())) if is_one(value, dict) else value


def _field_alias(error: GraphQLError) -> GraphQLError:
    node = error.nodes[-1] if error.nodes else None
    name = node.name.value if isinstance(node, FieldNode) else None
    return with_other("path", lambda path: [*path[:-1], name] if path and name and path[-1] != name else path)(error)


MUTANTS: dict[str, Execute] = {
    "drops an error": changed_errors(lambda errors: errors[1:]),
    "drops the last of several errors": changed_errors(lambda errors: errors[:-1] if len(errors) > 1 else errors),
    "doubles an error": changed_errors(lambda errors: [*errors, errors[-1]]),
    "adds an error": changed_errors(lambda errors: [*errors, GraphQLError("added")]),
    "gives errors in another order": changed_errors(lambda errors: errors[::-1]),
    "gives no errors as an empty list": changed(lambda result: ExecutionResult(result.data, result.errors or [])),
    "swaps keys": each_value(_swapped),
    "makes floats of ints": each_value(lambda value: float(value) if type(value) is int else value),
    "makes ints of booleans": each_value(lambda value: int(value) if type(value) is bool else value),
    "makes tuples of lists": each_value(lambda value: tuple(value) if is_one(value, list) else value),
    "drops the last item": each_value(lambda value: value[:-1] if is_one(value, list) else value),
    "drops nulls": each_value(
        lambda value: {key: one for key, one in value.items() if one is not None} if is_one(value, dict) else value
    ),
    "loses locations": each_error(without_location),
    "gives the first location only": each_error(
        with_other("locations", lambda places: places[:1] if places else places)
    ),
    "gives a wrong location": each_error(with_other("locations", lambda places: places[::-1] if places else places)),
    "gives the path of the parent": each_error(with_other("path", lambda path: path[:-1] if path else path)),
    "gives names instead of aliases in paths": each_error(_field_alias),
    "loses the original error": each_error(with_other("original_error", lambda _: None)),
    "loses extensions": each_error(with_other("extensions", lambda _: {})),
    "changes messages": each_error(with_other("message", lambda text: text.rstrip("."))),
    "counts items from one": each_error(
        with_other("path", lambda path: [key + 1 if isinstance(key, int) else key for key in path] if path else path)
    ),
    "ignores @skip": ignoring_skip,
    "fails to null a parent": executed_by(Nulling),
    "takes exceptions for values": executed_by(Valuing),
    "runs mutations at once": executed_by(Hasty),
    "goes on after a failure": executed_by(Thorough),
    "does not ask is_type_of": executed_by(Trusting),
    "takes any type": executed_by(Gullible),
    "takes strings for lists": executed_by(Loose),
    "lets scalars be undefined": executed_by(Lenient),
    "places failures of items at lists": executed_by(Misplacing),
    "tells resolvers of one node": executed_by(Narrow),
    "does not ask is_type_of for a type": lambda *args, **kwargs: STOCK_EXECUTE(
        *args, type_resolver=only_by_name, **kwargs
    ),
    "forgets to await": forgetful,
    "always awaits": always_later,
    "fails in the background": busy,
    "raises": raising,
    "ignores variables": without_variables,
    "runs the first operation": first_operation,
}
