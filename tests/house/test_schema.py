import re
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    graphql_sync,
    parse,
    validate,
)

from core.errors import ProblemCode
from core.global_ids import TYPE_CODES
from core.settings import Settings
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Documents
from resolvers.schema import build_schema, print_sdl
from services.authorization.policy import OPEN, PRIVATE

SCHEMA = Documents(build_schema(), DocumentLimits.of(Settings())).schema
OURS = {name: kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")}
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def test_the_committed_schema_is_the_one_that_the_code_makes(project: Path) -> None:
    assert (project / "schema.graphql").read_text() == print_sdl(build_schema()), "run 'make generated'"


def test_everything_has_a_description() -> None:
    missing = [name for name, kind in OURS.items() if not kind.description]
    for name, kind in OURS.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                missing += [] if field.description else [f"{name}.{field_name}"]
                missing += [
                    f"{name}.{field_name}({argument_name}:)"
                    for argument_name, argument in field.args.items()
                    if not argument.description
                ]
        elif isinstance(kind, GraphQLInputObjectType):
            missing += [f"{name}.{field_name}" for field_name, field in kind.fields.items() if not field.description]
        elif isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{value_name}" for value_name, value in kind.values.items() if not value.description]
    assert missing == []


def test_the_schema_describes_itself_in_names_that_it_has() -> None:
    """The front page of its documentation, in GraphiQL and elsewhere."""
    described = SCHEMA.description or ""
    assert re.findall(r"^## (.*)$", described, re.MULTILINE) == [
        "Sign in", "Read", "Ids", "Lists", "Write", "Errors", "Changes"
    ]  # fmt: skip
    fields = {name for kind in OURS.values() for name in getattr(kind, "fields", {})}
    arguments = {"first", "after", "input"}
    named = {part for code in re.findall(r"`(\w[\w.]*)`", described) for part in code.split(".")}
    assert named - fields - arguments == {
        "UNAUTHENTICATED", "connection_init", "errors", "extensions", "retryable", "requestId"
    }  # fmt: skip
    introspected = graphql_sync(SCHEMA, "{ __schema { description } }").data
    assert introspected == {"__schema": {"description": described}}


def test_every_operation_that_we_serve_is_valid(project: Path) -> None:
    files = sorted((project / "schema-operations").glob("*.graphql"))
    assert [file.stem for file in files] == ["account", "feed", "home", "live", "notifications", "payments", "settings"]
    for file in files:
        assert validate(SCHEMA, parse(file.read_text())) == [], file.name


def test_every_type_with_an_id_has_a_code_and_a_rule_of_who_may_see_it() -> None:
    node = OURS["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    types = {kind.name for kind in SCHEMA.get_possible_types(node)}
    assert types == {*OPEN, *PRIVATE}
    assert types | {"Viewer"} == set(TYPE_CODES)


def test_private_types_are_cached_for_their_viewer_or_not_at_all(project: Path) -> None:
    sdl = (project / "schema.graphql").read_text()
    found = {
        name: re.search(rf"^type {name} .*@cacheControl\(scope: (\w+)\)", sdl, re.MULTILINE) for name in TYPE_CODES
    }
    scopes = {name: match[1] if match else "" for name, match in found.items()}
    assert {name for name, scope in scopes.items() if scope == "PUBLIC"} == set(OPEN)
    assert {name for name, scope in scopes.items() if scope in ("VIEWER", "NONE")} == {*PRIVATE, "Viewer"}


def test_mutations_and_features_of_the_viewer_are_nullable_so_that_they_can_fail_alone() -> None:
    for name, nonnull in {"Query": set[str](), "Mutation": set[str](), "Viewer": {"id", "user", "email"}}.items():
        kind = OURS[name]
        assert isinstance(kind, GraphQLObjectType)
        assert {field for field, definition in kind.fields.items() if str(definition.type).endswith("!")} == nonnull


def test_the_codes_of_problems_are_those_of_the_schema() -> None:
    kind = OURS["ProblemCode"]
    assert isinstance(kind, GraphQLEnumType)
    assert set(kind.values) == {code.value for code in ProblemCode}
