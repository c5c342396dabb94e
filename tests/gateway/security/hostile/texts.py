"""Texts that are long or strange: names, strings, numbers, comments, Unicode, control characters, and deep nesting."""

from tests.gateway.security.hostile.entries import INPUT, PARSE, VALIDATION, Hostile, each, nested, user

_KIB = 1024

_LONG = [
    *(
        Hostile("long names", name, text, code)
        for name, text, code in (
            ("an alias of 257 letters", user(f"{'x' * 257}: id"), VALIDATION),
            ("an alias of 60,000 letters", user(f"{'x' * 60_000}: id"), VALIDATION),
            ("an operation of 257 letters", f"query {'x' * 257} {{ __typename }}", VALIDATION),
            ("a field of 60,000 letters", user("x" * 60_000), VALIDATION),
            ("an argument of 60,000 letters", f"{{ user({'x' * 60_000}: 1) {{ id }} }}", VALIDATION),
            ("a fragment of 60,000 letters", user("..." + "x" * 60_000), VALIDATION),
            ("a type of 60,000 letters", user(f"... on {'X' * 60_000} {{ id }}"), VALIDATION),
            ("a directive of 60,000 letters", user(f"id @{'x' * 60_000}"), VALIDATION),
            ("a variable of 60,000 letters", f"query (${'x' * 60_000}: Int) {{ __typename }}", VALIDATION),
            (
                "an enum value of 60,000 letters",
                f'{{ search(query: "a", types: [{"X" * 60_000}]) {{ __typename }} }}',
                VALIDATION,
            ),
            ("a field of a mebibyte", user("x" * 1000 * _KIB), PARSE),
            ("many unknown fields", user(each(900, "x#")), VALIDATION),
            ("many similar fields", user(each(900, "follower#")), VALIDATION),
        )
    ),
    *(
        Hostile("long strings", name, text, code)
        for name, text, code in (
            ("64 KiB", f'{{ user(handle: "{"x" * 64 * _KIB}") {{ id }} }}', PARSE),
            ("a mebibyte", f'{{ user(handle: "{"x" * 1000 * _KIB}") {{ id }} }}', PARSE),
            ("without an end", '{ user(handle: "' + "x" * 60_000, PARSE),
            ("of quotes", '"' * 60_000, PARSE),
            ("of escaped quotes", '{ user(handle: "' + '\\"' * 32_000, PARSE),
            ("of wrong escapes", '{ user(handle: "' + "\\x" * 20_000 + '") { id } }', PARSE),
            ("of wrong Unicode escapes", '{ user(handle: "' + "\\uZZZZ" * 9_000 + '") { id } }', PARSE),
            ("of surrogates", '{ user(handle: "' + "\\uD83D" * 9_000 + '") { id } }', PARSE),
            ("for an integer", '{ viewer { feed(first: "' + "9" * 60_000 + '") { __typename } } }', VALIDATION),
        )
    ),
    *(
        Hostile("long numbers", name, text, VALIDATION)
        for name, text in (
            ("401 digits", f"{{ viewer {{ feed(first: {'9' * 401}) {{ __typename }} }} }}"),
            ("5,000 digits", f"{{ viewer {{ feed(first: {'9' * 5000}) {{ __typename }} }} }}"),
            ("60,000 digits", f"{{ viewer {{ feed(first: {'9' * 60_000}) {{ __typename }} }} }}"),
            ("a fraction of 60,000 digits", f"{{ viewer {{ feed(first: 1.{'9' * 60_000}) {{ __typename }} }} }}"),
            ("an exponent of 5,000 digits", f"{{ viewer {{ feed(first: 1e{'9' * 5000}) {{ __typename }} }} }}"),
            ("an id of 60,000 digits", f"{{ node(id: {'9' * 60_000}) {{ id }} }}"),
            (
                "a default of 60,000 digits",
                f"query ($n: Int = {'9' * 60_000}) {{ viewer {{ feed(first: $n) {{ __typename }} }} }}",
            ),
            ("beyond 32 bits", "{ viewer { feed(first: 2147483648) { __typename } } }"),
        )
    ),
    *(
        Hostile("long numbers", name, f"{{ viewer {{ feed(first: {number}) {{ __typename }} }} }}", INPUT)
        for name, number in (
            ("a large page", "2147483647"),
            ("a page of 101", "101"),
            ("no page", "0"),
            ("a negative page", "-1"),
        )
    ),
]

_BLOCKS = [
    *(
        Hostile("block strings", name, text, PARSE)
        for name, text in (
            ("without an end", '{ user(handle: """' + "x" * 60_000),
            ("of quotes", "{ user(handle: " + '"' * 60_000),
            ("of escaped ends", '{ user(handle: """' + '\\"""' * 16_000),
            ("of lines", '{ user(handle: """' + " \n" * 30_000 + '""") { id } }'),
            ("many that end", "{ user(handle: [" + '"""a""" ' * 8000 + "]) { id } }"),
        )
    ),
    *(
        Hostile("comments", name, text, PARSE)
        for name, text in (
            ("a mebibyte", "{ __typename } #" + "x" * 1000 * _KIB),
            ("many lines", "# x\n" * 16_000 + "{ __typename }"),
            ("between tokens", "{" + "#\n" * 2600 + "__typename }"),
            ("alone", "#" * 60_000),
            ("with quotes", "{ __typename #" + '"""' * 20_000),
        )
    ),
]

_CHARACTERS = [
    *(
        Hostile("characters", name, text, PARSE)
        for name, text in (
            ("commas", "," * 1000 * _KIB + "{ __typename }"),
            ("60,000 commas", "," * 60_000),
            ("spaces", " " * 1000 * _KIB + "{ __typename }"),
            ("byte order marks", "\ufeff" * 65_000),
            ("a byte order mark in a name", "{ __type\ufeffname }".replace("name }", "name ")),
            ("line feeds", "\n" * 60_000 + "{ __typename }"),
            ("carriage returns", "\r" * 60_000 + "{ __typename }"),
            ("nulls", "\x00" * 60_000),
            ("a null in a name", "{ __type\x00name }"),
            ("a bell", "{ __typename \x07 }"),
            ("an escape sequence of a terminal", "{ \x1b[2J __typename }"),
            ("an exclamation mark", "{ __typename ! }"),
            ("right-to-left marks", "{ \u202e __typename }"),
            ("zero-width spaces", "{ __type\u200bname }"),
            ("full-width letters", "{ \uff41 }"),
            ("Cyrillic letters", "{ __t\u0443pename }"),
            ("emoji", "{ \U0001f600 }" * 500),
            ("combining marks", "{ a" + "\u0301" * 30_000 + " }"),
            ("braces", "{" * 40_000),
            ("closed braces", "}" * 60_000),
            ("brackets", "[" * 40_000),
            ("parentheses", "(" * 60_000),
            ("dollar signs", "$" * 60_000),
            ("at signs", "@" * 60_000),
            ("ellipses", "..." * 20_000),
            ("dots", "." * 60_000),
            ("pipes", "|" * 60_000),
            ("ampersands", "&" * 60_000),
            ("minus signs", "-" * 60_000),
        )
    ),
]

_DEEP = [
    *(
        Hostile("deep fields", f"{depth}", "{ " + nested(depth, "viewer { ", "id", " }") + " }", code)
        for depth, code in ((21, VALIDATION), (100, VALIDATION), (600, PARSE), (2000, PARSE), (10_000, PARSE))
    ),
    *(
        Hostile(
            "deep fields", f"{depth} of pages", user(nested(depth, "followers { edges { node { ", "id", " } } }")), code
        )
        for depth, code in ((7, VALIDATION), (30, VALIDATION), (100, PARSE))
    ),
    *(
        Hostile("deep fields", f"{depth} inline fragments", user(nested(depth, "... { ", "id", " }")), code)
        for depth, code in ((700, PARSE), (2000, PARSE))
    ),
]

TEXTS = (*_LONG, *_BLOCKS, *_CHARACTERS, *_DEEP)
