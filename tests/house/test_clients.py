"""The page of clients and the examples match the tests of clients."""

import re
from pathlib import Path

import pytest

from gateway.callers.clients import ClientReader
from gateway.http.cross_site import PROOFS
from gateway.websocket.messages import SUBPROTOCOL, CloseCode
from tests.clients.features import FEATURES
from tests.clients.page import PACKAGES, PAGE, SOURCES, declared, render

PROGRAMS = {
    "apollo-client/client.js": "apollo-client.js",
    "urql/client.js": "urql.js",
    "relay/environment.js": "relay.js",
    "session.js": "apollo-client.js",
    "socket.js": "streams.js",
    "limits.js": "limits.js",
}
CONFIGURATIONS = {"codegen/codegen.js": "codegen.server.js", "codegen/scalars.js": "codegen.texts.js"}
"""The settings of build tools that the tests' configuration overrides."""
NATIVE = ["apollo-ios/Network.swift", "apollo-kotlin/Network.kt", "flutter/client.dart"]


def test_the_page_of_clients_is_the_one_that_the_tests_make() -> None:
    assert PAGE.read_text() == render(declared()), "run 'make clients-page'"


def test_every_client_and_every_feature_is_tried() -> None:
    proven = declared()
    assert set(proven) == {*PACKAGES, *SOURCES}
    assert set().union(*proven.values()) == set(FEATURES)


@pytest.mark.parametrize(("example", "program"), PROGRAMS.items())
def test_examples_for_the_web_are_what_the_programs_run(project: Path, example: str, program: str) -> None:
    assert (project / "examples" / example).exists()
    assert f"example('{example}')" in (project / "web/clients" / program).read_text()


@pytest.mark.parametrize(("example", "taken_over_by"), CONFIGURATIONS.items())
def test_configurations_of_examples_are_what_the_build_tools_run(
    project: Path, example: str, taken_over_by: str
) -> None:
    assert (project / "examples" / example).exists()
    assert f"from '../../examples/{example}'" in (project / "web/clients" / taken_over_by).read_text()


def test_there_is_no_example_that_nothing_tries(project: Path) -> None:
    folder = project / "examples"
    code = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.suffix in {".js", ".swift", ".kt", ".dart"}
    }
    assert code == {*PROGRAMS, *CONFIGURATIONS, *NATIVE}


@pytest.mark.parametrize("example", NATIVE)
def test_native_examples_use_what_the_server_reads(project: Path, example: str) -> None:
    """They are not compiled here; the tests of the wire rules try what such apps send."""
    text = (project / "examples" / example).read_text()
    assert set(re.findall(r"[\"'](/[a-z]+)[\"']", text)) == {"/graphql"}
    named = [(name.encode(), b"ours") for name in re.findall(r"[a-z-]+-client-(?:name|version)", text)]
    assert all(ClientReader({}).read_headers([pair]) != ClientReader({}).read_headers([]) for pair in named)
    assert {name.lower().encode() for name in re.findall(r"(?i)[a-z]+-require-preflight", text)} <= PROOFS
    assert set(re.findall(r"graphql-[a-z]+-ws", text)) <= {SUBPROTOCOL}
    assert {int(code) for code in re.findall(r"\b4[0-9]{3}\b", text)} <= {CloseCode.FORBIDDEN.value}
