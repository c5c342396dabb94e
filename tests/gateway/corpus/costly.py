"""Documents that would take long to look at: by the square of their length, or twice as long with each line."""

from collections.abc import Sequence

from tests.gateway.corpus.entries import PARSE, VALIDATION


def _each(times: int, written: str, between: str = " ") -> str:
    return between.join(written.format(number) for number in range(times))


_NAMED = "fragment F{} on Query {{ __typename }}"
_DOUBLING = " ".join(f"fragment F{each} on Query {{ ...F{each + 1} ...F{each + 1} }}" for each in range(60))
_CYCLES = "fragment F{} on Query {{ ...F0 ...F1 ...F2 }}"
_LISTS = f"fragment F on Query {{ {'__type(name: [' + '1 ' * 430 + ']) { name } '} __typename }}"
_LONG = 1_000_000

COSTLY: Sequence[tuple[str, str, str]] = [
    ("many conflicts", f"{{ a: __schema {{ {_each(99, 'a: type{}')} }} }}", VALIDATION),
    ("arguments that differ", f"{{ __schema {{ {_each(200, 'types(a: {}) {{ name }}')} }} }}", VALIDATION),
    ("a field a thousand times", f"{{ __schema {{ {'__typename ' * 1100} }} }}", VALIDATION),
    ("a thousand fields at the top", f"{{ {'__typename ' * 1000} }}", VALIDATION),
    ("a thousand aliases", f"{{ {_each(1000, 'a{}: __typename')} }}", PARSE),
    ("five hundred aliases", f"{{ {_each(500, 'a{}: __typename')} }}", VALIDATION),
    ("fragments that meet", f"{{ {_each(130, '...F{}')} nothing }} {_each(130, _NAMED)}", VALIDATION),
    ("fragments that double", f"{{ ...F0 }} {_DOUBLING} fragment F60 on Query {{ __typename }}", VALIDATION),
    ("unused fragments", f"{{ __typename }} {_each(300, _NAMED)}", VALIDATION),
    ("operations with fragments", f"{_each(90, 'query Q{} {{ ...F1 }}')} {_each(200, _NAMED)}", VALIDATION),
    ("operations without end", _each(500, "query Q{} {{ __typename }}"), VALIDATION),
    ("unknown types", f"{{ {_each(99, '... on RevokeOtherDevicesSucc{} {{ __typename }}')} }}", VALIDATION),
    ("three unknown types", f"{{ {_each(3, '... on RevokeOtherDevicesSucc{} {{ __typename }}')} }}", VALIDATION),
    ("unknown fields far down", "\n" * 2400 + f"{{ __schema {{ {_each(105, 'type{}')} }} }}", VALIDATION),
    ("cycles far down", "\n" * 2400 + f"{{ ...F0 }} {_each(100, _CYCLES)}", VALIDATION),
    ("block strings that do not end", ('"""' + '\n\\"""' * 2499).ljust(65_536, "#"), PARSE),
    ("strings that do not end", '"' + '\\"' * 32_767, PARSE),
    ("a string that does not end before the rest", '"' + '\\"' * 1240 + "x" * 60_000, PARSE),
    ("fields of many types", f"{{ node(id: 1) {{ {'id ' * 800} {_each(77, '... on T{} {{ id }}')} }} }}", VALIDATION),
    ("lines without end", "\n" * 60_000 + "{ __typename }", PARSE),
    ("a long object", f"{{ __type(name: {{ {_each(450, 'x{}: 1')} }}) {{ name }} }}", VALIDATION),
    ("lists of operations", f"{_each(99, 'query A{} {{ ...F }}')} {_LISTS}", VALIDATION),
    ("digits without end", f"query ($id: ID! = {'9' * 5000}) {{ __type(name: $id) {{ name }} }}", VALIDATION),
    ("unknown fields", f"{{ __schema {{ {_each(900, 'type{}')} }} }}", VALIDATION),
    ("unknown fragments", f"{{ {_each(700, '...F{}')} }}", VALIDATION),
    ("unused variables", f"query ({_each(500, '$a{}: Int')}) {{ __typename }}", VALIDATION),
    ("an argument often", f"{{ __type({'name: 1 ' * 600}) {{ name }} }}", VALIDATION),
    ("a long list", f"{{ __type(name: [{'1 ' * 2000}]) {{ name }} }}", VALIDATION),
    ("directives without end", f"{{ __typename {'@skip(if: true) ' * 300} }}", VALIDATION),
    ("deep fields", f"{{ {'__type(name: 1) { fields { type { ' * 20} name {'} } } ' * 20} }}", VALIDATION),
    ("a name without end", f"{{ {'x' * 60_000} }}", VALIDATION),
    ("a string without end", f'{{ __type(name: "{"x" * _LONG}") {{ name }} }}', PARSE),
    ("a comment without end", f"{{ __typename }} # {'x' * _LONG}", PARSE),
    ("commas without end", f"{{ __typename {',' * _LONG} }}", PARSE),
]
"""Name, text and code."""
