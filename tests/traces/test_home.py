"""The trace of the home screen: its spans, their parents and attributes, and nothing that belongs to a user."""

from tests.support.client import HOME, Client
from tests.traces.support.collector import CLIENT, INTERNAL, SERVER, Collector
from tests.traces.support.traced import flush

STATEMENTS = {
    "Viewer.feed": "SELECT users",
    "Viewer.notifications": "SELECT notifications",
    "Viewer.payments": "SELECT payment_parties",
    "load comments_by_post": "SELECT comments",
    "load own_by_id": "SELECT users",
}
EXECUTION = [
    ("Viewer.feed", ["SELECT users"]),
    "Viewer.notificationCounts",
    ("Viewer.notifications", ["SELECT notifications"]),
    ("Viewer.payments", ["SELECT payment_parties"]),
    "Viewer.user",
    ("load comments_by_post", ["SELECT comments"]),
    ("load own_by_id", ["SELECT users"]),
]
REQUEST = {
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "http.route": "/graphql",
    "network.protocol.version": "1.1",
    "url.scheme": "http",
    "graphql.operation.name": "Home",
    "bff.client.app": "ios",
    "bff.client.version": "4.5.0",
}
FEATURES = {
    "Viewer.feed": "feed",
    "Viewer.notificationCounts": "notifications",
    "Viewer.notifications": "notifications",
    "Viewer.payments": "payments",
    "Viewer.user": "users",
}
APP = {"apollographql-client-name": "ios", "apollographql-client-version": "4.5.0"}


async def test_home_has_a_span_for_each_field_of_a_feature_each_batch_and_each_statement(
    client: Client, collector: Collector, statements: list[str]
) -> None:
    token = await client.token("ana")
    statements.clear()
    await client.post(HOME, {}, token=token, **APP)
    await flush(client.resources)
    assert collector.tree() == [("POST /graphql", [("query", EXECUTION)])]
    assert len({span.trace_id for span in collector.spans}) == 1
    assert [span for span in collector.spans if span.failed or span.links or span.state] == []
    assert len([span for span in collector.spans if span.kind == CLIENT]) == len(statements) == 5


async def test_home_has_the_attributes_of_the_semantic_conventions(client: Client, collector: Collector) -> None:
    await client.post(HOME, {}, token=await client.token("ana"), **APP)
    await flush(client.resources)
    request, execution = collector.named("POST /graphql"), collector.named("query")
    assert (request.kind, request.attributes) == (SERVER, REQUEST)
    operation = {"graphql.operation.name": "Home", "graphql.operation.type": "query"}
    assert (execution.kind, execution.attributes) == (INTERNAL, operation)
    for field, feature in FEATURES.items():
        assert collector.named(field).attributes == {"graphql.field": field, "bff.feature": feature}
    comments = collector.named("load comments_by_post")
    assert (comments.kind, comments.attributes) == (INTERNAL, {"bff.loader": "comments_by_post", "bff.loader.keys": 20})
    statement = collector.named("SELECT comments")
    text = statement.attributes.pop("db.query.text")
    system = "sqlite" if client.resources.settings.database_url.startswith("sqlite") else "postgresql"
    assert (statement.kind, statement.attributes) == (
        CLIENT,
        {"db.system.name": system, "db.operation.name": "SELECT", "db.query.summary": "SELECT comments"},
    )
    assert "FROM comments" in text
    assert statement.parent_id == comments.span_id


async def test_the_resource_names_service_version_and_environment(client: Client, collector: Collector) -> None:
    await client.data("{ __typename }")
    await flush(client.resources)
    names = ("service.name", "service.version", "deployment.environment.name", "telemetry.sdk.name")
    assert [collector.resource[name] for name in names] == ["bff", "0.1.0", "dev", "opentelemetry"]


async def test_no_attribute_contains_values_ids_names_or_addresses(client: Client, collector: Collector) -> None:
    user_id, token = await client.user_id("ana"), await client.token("ana")
    search = "query Find($text: String!) { search(query: $text, first: 3) { edges { node { __typename } } } }"
    headers = {"User-Agent": "hidden-agent", "X-Forwarded-For": "203.0.113.9", "Cookie": "hidden-cookie"}
    await client.post(search, {"text": "Benjamin"}, token=token, **headers)
    await client.post(HOME, {}, token=token, **headers)
    await client.post(
        'mutation { logIn(input: {email: "ana@example.com", password: "open-sesame-no"}) { __typename } }', **headers
    )
    await client.http.get("/unsubscribe/hidden-token")
    await client.http.get("/no-such-path/hidden-path?hidden=1")
    await flush(client.resources)
    texts = [repr((span.name, span.attributes)) for span in collector.spans]
    forbidden = ("Benjamin", str(user_id), token[:20], "hidden", "203.0.113.9", "127.0.0.1", "example.com", "sesame")
    assert [(text, word) for text in texts for word in forbidden if word in text] == []
    assert {span.name for span in collector.spans if span.kind == SERVER} == {
        "POST /graphql",
        "GET /unsubscribe/{token}",
        "GET",
    }


async def test_an_error_marks_its_spans_and_no_message_is_sent(client: Client, collector: Collector) -> None:
    await client.ask('query Mine { viewer { email } node(id: "hidden") { id } }', as_="ana")
    await client.post("{ nothing }")
    await flush(client.resources)
    execution = collector.named("query")
    assert (execution.failed, execution.attributes["error.type"]) == (True, "BAD_USER_INPUT")
    first, second = [span for span in collector.spans if span.kind == SERVER]
    assert (first.failed, first.attributes["bff.error.codes"]) == (False, ["BAD_USER_INPUT"])
    assert (second.failed, second.attributes["bff.error.codes"]) == (False, ["GRAPHQL_VALIDATION_FAILED"])
    assert "secret" not in repr(collector.spans)
