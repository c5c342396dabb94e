"""Contains the reasons why graphql-core, graphql-inspector and this check differ."""

NEW_DEFAULT = "graphql-core takes a default that is added for safe, graphql-inspector for dangerous."
LOST_DEFAULT = "Both take it for a default that changed. Who left it out is refused from now on, so it is breaking."
NEW_INPUT_FIELD = (
    "graphql-core takes a new input field for dangerous, graphql-inspector one without a default for safe."
)
INSPECTOR_ALONE = "graphql-core does not look at it; graphql-inspector does."
UNUSED_SCALAR = "graphql-core finds that Float is gone too, since a schema lists only the scalars that it uses."
SPECIFIED_BY = (
    "graphql-core does not look at @specifiedBy; graphql-inspector takes any change of a directive for dangerous."
)
DAYS = (
    "Both do not read the day. graphql-inspector takes any other reason for dangerous; here an earlier "
    "day is, since it breaks a promise."
)
REPEATED = "graphql-core takes it for breaking, graphql-inspector for dangerous. Who repeats it is refused."
NAMES_THE_DIRECTIVE = "They agree on the level; graphql-inspector names the directive, not the argument."
COMPILED = (
    "graphql-core does not look at applied directives; graphql-inspector takes any change of one for "
    "dangerous. Compilers make code of this one, so taking it away is breaking."
)
NUMBERS = (
    "graphql-core does not look at applied directives; graphql-inspector takes any change of one for "
    "dangerous. Here it depends on which way the number goes."
)
WHOSE = (
    "graphql-core does not look at applied directives; graphql-inspector takes any change of one for "
    "dangerous. Here it depends on who may be given whose answers."
)
ROOTS = "graphql-core does not look at root types; graphql-inspector does, and names no coordinate."
