"""Fragments that expand to many fields, that contain themselves, or that no operation uses."""

from tests.gateway.security.hostile.entries import VALIDATION, Hostile, each, user


def _expanding(width: int, depth: int, on: str = "User", inside: str = "id", *, through: str = "{}") -> str:
    """Returns fragments of which each spreads the next one several times: `width` to the power of `depth` fields."""
    levels = " ".join(
        f"fragment F{level} on {on} {{ {' '.join([through.replace('{}', f'...F{level + 1}')] * width)} }}"
        for level in range(depth)
    )
    return f"{levels} fragment F{depth} on {on} {{ {inside} }}"


def _crossed(width: int, depth: int) -> str:
    """Returns fragments that can be merged in many combinations: each level spreads all fragments of the next."""
    levels = [
        f"fragment F{level}x{place} on User {{ followers(first: 1) {{ edges {{ node {{ "
        f"{each(width, f'...F{level + 1}x#')} }} }} }} }}"
        for level in range(depth)
        for place in range(width)
    ]
    last = each(width, f"fragment F{depth}x# on User {{ id }}")
    return f"{user(each(width, '...F0x#'))} {' '.join(levels)} {last}"


_EXPONENTIAL = [
    *(
        Hostile(
            "exponential fragments",
            f"{width} to the power of {depth}",
            f"{user('...F0')} {_expanding(width, depth)}",
            VALIDATION,
        )
        for width, depth in (
            (2, 10),
            (2, 30),
            (2, 60),
            (2, 200),
            (3, 20),
            (5, 12),
            (10, 6),
            (40, 3),
            (100, 2),
            (200, 2),
        )
    ),
    *(
        Hostile(
            "exponential fragments", f"of {inside!r}", f"{user('...F0')} {_expanding(2, 40, inside=inside)}", VALIDATION
        )
        for inside in ("a: id", "id @skip(if: false)", "__typename", "followers { __typename }", "... on Node { id }")
    ),
    *(
        Hostile(
            "exponential fragments", f"on {on}", f'{{ node(id: "x") {{ ...F0 }} }} {_expanding(2, 40, on)}', VALIDATION
        )
        for on in ("Node", "Post", "Payment")
    ),
    *(
        Hostile(
            "exponential fragments",
            f"through {name}",
            f"{user('...F0')} {_expanding(2, 18, through=through)}",
            VALIDATION,
        )
        for name, through in (
            ("inline fragments", "... on User { {} }"),
            ("conditions", "{} @include(if: true)"),
            ("two conditions", "{} @include(if: true) @skip(if: false)"),
            ("interfaces", "... on Node { ... on User { {} } }"),
        )
    ),
    *(
        Hostile("exponential fragments", f"crossed {width} by {depth}", _crossed(width, depth), VALIDATION)
        for width, depth in ((2, 12), (4, 8), (8, 4), (12, 4))
    ),
]


def _all_in_all(count: int) -> str:
    spreads = each(count, "...F#")
    return " ".join(f"fragment F{number} on User {{ {spreads} }}" for number in range(count))


_CYCLES = [
    Hostile("cyclic fragments", "one in itself", f"{user('...A')} fragment A on User {{ ...A }}", VALIDATION),
    Hostile(
        "cyclic fragments",
        "a pair",
        f"{user('...A')} fragment A on User {{ id ...B }} fragment B on User {{ ...A }}",
        VALIDATION,
    ),
    Hostile(
        "cyclic fragments",
        "in a field",
        f"{user('...A')} fragment A on User {{ posts {{ edges {{ node {{ author {{ ...A }} }} }} }} }}",
        VALIDATION,
    ),
    Hostile("cyclic fragments", "unused", f"{user('id')} fragment A on User {{ ...A }}", VALIDATION),
    *(
        Hostile(
            "cyclic fragments",
            f"a ring of {count}",
            f"{user('...F0')} "
            + " ".join(f"fragment F{at} on User {{ ...F{(at + 1) % count} }}" for at in range(count)),
            VALIDATION,
        )
        for count in (10, 100, 300)
    ),
    *(
        Hostile(
            "cyclic fragments",
            f"each of {count} in all",
            f"{user('...F0')} {_all_in_all(count)}",
            VALIDATION,
        )
        for count in (5, 20)
    ),
]

_UNUSED = [
    *(
        Hostile("unused fragments", f"{count}", f"{user('id')} {each(count, 'fragment F# on User { id }')}", VALIDATION)
        for count in (1, 50, 300)
    ),
    Hostile("unused fragments", "that expand", f"{user('id')} {_expanding(2, 60)}", VALIDATION),
    Hostile(
        "unused fragments",
        "with long values",
        f"{user('id')} fragment F on Query {{ nodes(ids: [{each(900, '#')}]) {{ id }} }}",
        VALIDATION,
    ),
    Hostile(
        "unused fragments", "of unknown types", f"{user('id')} {each(200, 'fragment F# on T# { id }')}", VALIDATION
    ),
    Hostile("unused fragments", "spread and unknown", f"{user(each(300, '...F#'))}", VALIDATION),
]

FRAGMENTS = (*_EXPONENTIAL, *_CYCLES, *_UNUSED)
