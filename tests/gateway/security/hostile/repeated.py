"""The same again and again: aliases, directives, fields that overlap, operations, and duplicates."""

from tests.gateway.security.hostile.entries import COST, PARSE, VALIDATION, Hostile, each, user

_ALIASES = [
    *(
        Hostile("aliases", f"{count} of a leaf", user(each(count, "a#: id")), VALIDATION if count < 800 else PARSE)
        for count in (101, 500, 2000)
    ),
    *(
        Hostile("aliases", f"{count} of {field[4:20]!r}", f"{{ {each(count, field)} }}", code)
        for count, field, code in (
            (51, "a#: viewer { id }", VALIDATION),
            (200, "a#: viewer { id }", VALIDATION),
            (50, 'a#: search(query: "a") { edges { cursor } }', COST),
            (50, 'a#: user(handle: "ana") { followers(first: 100) { edges { node { id } } } }', COST),
            (50, "a#: viewer { feed(first: 100) { edges { node { id } } } }", COST),
            (100, "a#: __typename", VALIDATION),
        )
    ),
    Hostile(
        "aliases",
        "of pages of each item",
        user(f"followers(first: 100) {{ edges {{ node {{ {each(90, 'a#: posts(first: 100) { __typename }')} }} }} }}"),
        COST,
    ),
    Hostile(
        "aliases",
        "of a text of each item",
        "{ viewer { feed(first: 100) { edges { node { " + each(100, "a#: body") + " } } } } }",
        COST,
    ),
    Hostile(
        "aliases",
        "of a type name of each item",
        "{ viewer { feed(first: 100) { edges { node { " + each(100, "a#: __typename") + " } } } } }",
        COST,
    ),
    Hostile(
        "aliases",
        "of mutations",
        f"mutation {{ {each(30, 'a#: logIn(input: {email: 1, password: 1, device: {}}) { __typename }')} }}",
        VALIDATION,
    ),
    Hostile(
        "aliases",
        "of sign-ins",
        "mutation ($i: LogInInput!) { " + each(30, "a#: logIn(input: $i) { __typename }") + " }",
        COST,
        {"i": {}},
    ),
    Hostile(
        "aliases",
        "of payments",
        "mutation ($i: SendPaymentInput!) { " + each(40, "a#: sendPayment(input: $i) { __typename }") + " }",
        COST,
        {"i": {}},
    ),
]

_DIRECTIVES = [
    *(
        Hostile("directives", name, text, VALIDATION)
        for name, text in (
            ("201 of a field", f"{{ __typename {'@skip(if: false) ' * 201} }}"),
            ("300 of a field", f"{{ __typename {'@include(if: true) ' * 300} }}"),
            ("201 of fields", user("id @skip(if: false) " * 201)),
            ("201 of fragments", user("... @include(if: true) { id } " * 201)),
            ("of a spread", f"{user('...F ' + '@skip(if: false) ' * 201)} fragment F on User {{ id }}"),
            ("of an operation", f"query {'@skip(if: true) ' * 201} {{ __typename }}"),
            ("of a variable", f"query ($a: Int {'@skip(if: true) ' * 201}) {{ __typename }}"),
            ("of a fragment", f"{user('...F')} fragment F on User {'@skip(if: true) ' * 201} {{ id }}"),
            ("unknown ones", user(f"id {'@nothing ' * 199}")),
            ("unknown ones with arguments", user(f"id {each(150, '@nothing#(a: #)')}")),
            ("unknown arguments", user(f"id {'@skip(no: false) ' * 150}")),
            ("twice", user("id @skip(if: false) @skip(if: false)")),
            ("@deprecated", user("id @deprecated")),
            ("201 times @defer", user("... @defer { id } " * 201)),
            ("190 times @defer with one label", user('... @defer(label: "a") { id } ' * 190)),
            ("@stream of a leaf", user("id @stream")),
            ("201 times @stream", user(f"{each(201, 'a#: id @stream')}")),
            ("@defer in itself", user("... @defer { " * 30 + "id" + " }" * 30)),
            ("@defer of the root of a mutation", "mutation { ... @defer { logOut { __typename } } }"),
            ("@stream in a subscription", "subscription { viewerEvents { ... @defer { cursor } } }"),
        )
    ),
]

_OVERLAPPING = [
    *(
        Hostile("overlapping fields", name, text, VALIDATION)
        for name, text in (
            ("the same field 1,001 times", user("id " * 1001)),
            ("the same object 340 times", user("posts { edges { cursor } } " * 340)),
            ("other arguments", user(each(200, "posts(first: #) { __typename }"))),
            ("other arguments below", user(each(90, "posts { edges { node { comments(first: #) { __typename } } } }"))),
            ("other fields", user(f"a: id {each(90, 'a: handle')}")),
            ("other fields below", user("a: posts { __typename } a: followers { __typename } " * 40)),
            (
                "other types",
                '{ node(id: "x") { ' + "... on User { a: id } ... on Post { a: commentCount } " * 45 + "} }",
            ),
            ("lists as arguments", f"{{ {each(40, 'nodes(ids: [1, #]) { id }')} }}"),
            (
                "objects as arguments",
                "mutation { " + each(40, "logOut { __typename } likePost(input: {postId: #}) { __typename }") + " }",
            ),
            (
                "variables as arguments",
                "query ("
                + each(40, "$v#: Int")
                + ") { viewer { "
                + each(40, "feed(first: $v#) { __typename }")
                + " } }",
            ),
            (
                "fragments in pairs",
                f"{user(each(60, '...F#'))} {each(60, 'fragment F# on User { posts(first: 1#) { __typename } }')}",
            ),
            ("inline fragments in pairs", user(each(150, "... on User { a: posts(first: #) { __typename } }"))),
        )
    ),
]

_OPERATIONS = [
    *(
        Hostile("operations", f"{count}", each(count, "query Q# { __typename }"), code)
        for count, code in ((51, VALIDATION), (400, VALIDATION), (1000, PARSE), (5000, PARSE))
    ),
    Hostile("operations", "5,000 without names", "{ __typename } " * 4000, PARSE),
    Hostile("operations", "40 without names", "{ __typename } " * 40, VALIDATION),
    Hostile("operations", "with one name", "query A { __typename } " * 50, VALIDATION),
    Hostile(
        "operations",
        "with the same fragments",
        f"{each(50, 'query Q# { ...F }')} fragment F on Query {{ {'__typename ' * 40} }}",
        VALIDATION,
    ),
    Hostile(
        "operations",
        "of all kinds",
        "query A { __typename } mutation B { __typename } subscription C { __typename } " * 20,
        VALIDATION,
    ),
    *(
        Hostile("operations", f"a subscription of {name}", text, VALIDATION)
        for name, text in (
            ("two fields", "subscription { a: viewerEvents { cursor } b: viewerEvents { cursor } }"),
            ("60 fields", "subscription { " + each(60, "a#: viewerEvents { cursor }") + " }"),
            (
                "fields of fragments",
                "subscription { ...F ...F } fragment F on Subscription { a: viewerEvents { cursor } b: __typename }",
            ),
            ("introspection", "subscription { __schema { queryType { name } } }"),
        )
    ),
]

_DUPLICATES = [
    *(
        Hostile("duplicates", name, text, VALIDATION)
        for name, text in (
            ("of an argument", f"{{ user({'handle: 1 ' * 400}) {{ id }} }}"),
            ("of an argument with one value", '{ user(handle: "ana", handle: "ana") { id } }'),
            ("of a variable", f"query ({'$a: Int ' * 400}) {{ viewer {{ feed(first: $a) {{ __typename }} }} }}"),
            ("of a fragment", f"{user('...F')} {'fragment F on User { id } ' * 200}"),
            ("of a field of an object", "mutation { likePost(input: {" + "postId: 1, " * 400 + "}) { __typename } }"),
            ("of an argument of a directive", "{ __typename @skip(" + "if: true " * 400 + ") }"),
            ("of a type definition", "type A { a: Int } " * 200 + "{ __typename }"),
            ("of a schema definition", "schema { query: Query } " * 200 + "{ __typename }"),
        )
    ),
]

REPEATED = (*_ALIASES, *_DIRECTIVES, *_OVERLAPPING, *_OPERATIONS, *_DUPLICATES)
