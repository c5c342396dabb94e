"""Lists the directives that clients read and do not send, by client."""

LOCAL_FIELDS = frozenset({"client", "rest"})
"""Apollo: the client resolves the field or spread itself and does not send it."""
LOCAL_OPERATIONS = frozenset({"apollo_client_ios_localCacheMutation", "updatable"})
"""Apollo iOS, Relay: the operation reads or writes the client's cache and is not sent."""
ARGUMENT_DEFINITIONS = "argumentDefinitions"
ARGUMENTS = frozenset({"arguments", "uncheckedArguments_DEPRECATED"})
"""Relay: the arguments of fragments."""
REFETCHABLE = "refetchable"
"""Relay: the compiler generates another query that fetches the fragment again."""
POPULATE = "populate"
"""urql: the client adds the fields that its other queries read."""
RELAY_ID = "__id"
"""Relay: a field of the client's store."""

APOLLO = frozenset(
    {
        *("connection", "export", "nonreactive", "type", "unmask"),
        *("catch", "fieldPolicy", "ignoreErrors", "import", "map", "mapTo", "nonnull", "optional", "requiresOptIn"),
        *("semanticNonNull", "targetName", "typePolicy"),
    }
)
RELAY = frozenset(
    {
        *("alias", "assignable", "catch", "connection", "dangerously_unaliased_fixme", "exec_time_resolvers"),
        *("appendEdge", "appendNode", "deleteEdge", "deleteRecord", "prependEdge", "prependNode"),
        *("DEPRECATED__relay_ignore_unused_variables_error", "inline", "match", "module", "no_inline", "preloadable"),
        *("raw_response_type", REFETCHABLE, "relay", "relay_test_operation", "required", "stream_connection"),
        *("throwOnFieldError", "updatable", "waterfall"),
    }
)
URQL = frozenset({POPULATE, "optional", "relayPagination", "required", "simplePagination"})
"""The directives of urql's exchanges. It also does not send directives whose names begin with an underscore."""

OF_RELAY_ALONE = (RELAY | ARGUMENTS | {ARGUMENT_DEFINITIONS}) - APOLLO - URQL
CLIENT = APOLLO | RELAY | URQL | LOCAL_FIELDS | LOCAL_OPERATIONS | ARGUMENTS | {ARGUMENT_DEFINITIONS}


def is_client_only(name: str) -> bool:
    """Returns whether a client strips the directive before it sends a document."""
    return name in CLIENT or name.startswith("_")
