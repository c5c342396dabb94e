"""Relay's runtime and compiler, as `examples/relay` has them."""

import re
from pathlib import Path

from graphql import build_schema, validate

from schema_check.clients import strip_document
from schema_check.manifests import read_graphql_files, read_manifest
from schema_check.operations import uses_of
from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import compile_relay, register_manifest

DONE = (
    "query",
    "mutation",
    "errors",
    "pages",
    "node",
    "refresh",
    "trusted",
    "name",
    "abort",
    "defer-2022",
    "ws",
    "reconnect",
    "drain",
)


@proves("Relay", *DONE)
async def test_relay_does_what_it_can(programs: Programs) -> None:
    await register_manifest(programs.product.resources, await compile_relay())
    assert await programs.run("relay.js") == set(DONE)


async def test_the_schema_check_reads_documents_as_relay_compiler_sends_them(project: Path) -> None:
    """But for the fields that the compiler adds, which the check says in a warning."""
    compiled = {each.name: each for each in read_manifest((await compile_relay()).read_bytes()).operations}
    schema = build_schema((project / "schema.graphql").read_text())
    texts = {
        f"{file.name} {number}": text
        for file in (project / "web/schema-checks/src").glob("*.js")
        for number, text in enumerate(re.findall(r"graphql`(.*?)`", file.read_text(), re.DOTALL))
    }
    added, generated = set[str](), set[str]()
    written = read_graphql_files(texts).operations
    for each in written:
        sent = strip_document(each.text, each.document, schema)
        assert sent.document is not None
        assert validate(schema, sent.document) == []
        ours, theirs = uses_of(sent.document, schema), uses_of(compiled[each.name].document, schema)
        assert (ours.elements, ours.fields - theirs.fields) == (theirs.elements, set())
        added |= {field.split(".")[1] for field in theirs.fields - ours.fields}
        generated |= sent.generated
    assert added == {"id", "cursor", "pageInfo", "endCursor", "hasNextPage"}
    assert set(compiled) == {each.name for each in written} | generated
    assert generated == {"FeedPaginationQuery", "CommentsPaginationQuery"}
