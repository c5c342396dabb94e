"""The Helm chart and the Kustomize overlays, against the schemas of the Kubernetes API. There is no cluster here."""

import importlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings.environment import variable
from core.settings.json_schema import with_settings
from core.settings.settings import Settings
from tests.support.charts import (
    CHART,
    KUBERNETES,
    OVERLAYS,
    PROJECT,
    Document,
    built,
    one,
    render,
    rendered,
    require_tools,
)
from tests.support.kustomize_base import base, rules

VERSIONS = ("1.30", "1.37")
"""The oldest version that has what the files use, and the newest one whose schemas are known."""

OF_OPERATORS = "monitoring.coreos.com/v1"
EVERYTHING: Document = {
    "ingress": {"enabled": True, "className": "nginx", "host": "api.example.com", "tlsSecretName": "api"},
    "server": {"autoscaling": {"operationsPerPod": 16}, "nodeSelector": {"a": "b"}, "tolerations": [{"key": "a"}]},
    "worker": {"autoscaling": {"relayLagSeconds": 10}},
    "monitoring": {"serviceMonitor": True, "labels": {"release": "prometheus"}},
    "networkPolicy": {"ingressNamespaceLabels": {"kubernetes.io/metadata.name": "ingress"}},
    "image": {"repository": "registry.example.com/bff", "digest": "sha256:" + "a" * 64, "pullSecrets": ["registry"]},
    "settings": {"BFF_TRUSTED_PROXIES": "10.0.0.0/8", "BFF_MAX_UPLOAD_BYTES": 10485760, "BFF_HEARTBEAT_SECONDS": 12.5},
}
PLAIN: Document = {
    "server": {"autoscaling": {"enabled": False}},
    "worker": {"autoscaling": {"enabled": False}},
    "migration": {"enabled": False},
    "networkPolicy": {"enabled": False},
}


@pytest.fixture(autouse=True, scope="module")
def tools() -> None:
    require_tools()


def check(found: list[Document]) -> None:
    """Validates documents strictly: unknown fields are errors."""
    validator: Any = importlib.import_module("kubernetes_validate")
    for document in found:
        if document["apiVersion"] != OF_OPERATORS:
            for version in VERSIONS:
                validator.validate(document, version, strict=True)


def pods(found: list[Document]) -> Iterator[tuple[str, Document]]:
    """Yields the pods of deployments and jobs, with the name of their owner."""
    for document in found:
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


@pytest.mark.parametrize("values", [{}, EVERYTHING, PLAIN], ids=["defaults", "everything", "plain"])
def test_the_chart_renders_what_the_api_accepts(values: Document) -> None:
    found = rendered(values)
    check(found)
    names = [(document["kind"], document["metadata"]["name"]) for document in found]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds_what_the_api_accepts(overlay: str) -> None:
    found = built(KUBERNETES / "overlays" / overlay)
    check(found)
    assert {one(found, "Deployment", name)["kind"] for name in ("bff-server", "bff-worker")} == {"Deployment"}
    assert {document["metadata"]["namespace"] for document in found} == {
        "bff-eu-west-1" if overlay == "region" else "bff"
    }


def test_the_migration_builds_what_the_api_accepts() -> None:
    found = built(KUBERNETES / "migration")
    check(found)
    (container,) = one(found, "Job", "bff-migration")["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["migrate"]


def test_the_containers_of_the_serverless_service_are_those_of_a_pod() -> None:
    """The format of the service itself has no schema here."""
    service = yaml.safe_load((PROJECT / "deploy/serverless/service.yaml").read_text())
    template = service["spec"]["template"]["spec"]
    assert template.keys() == {"containerConcurrency", "timeoutSeconds", "containers"}
    (container,) = template["containers"]
    check([{"apiVersion": "v1", "kind": "Pod", "metadata": service["metadata"], "spec": {"containers": [container]}}])
    names = {each["name"] for each in container["env"]}
    assert names <= {variable(field) for field in Settings.__dataclass_fields__}
    assert "PORT" not in names


def test_an_api_field_that_does_not_exist_is_found() -> None:
    found = rendered()
    one(found, "Deployment", "bff-server")["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(Exception, match="livenesProbe"):
        check(found)


@pytest.mark.parametrize("release", ["bff", "bff-eu", "api", "my-bff"])
def test_alerts_of_availability_find_the_jobs_of_every_release(release: str) -> None:
    """Prometheus takes the name of the job from the service."""
    found = rendered(EVERYTHING, release)
    services = [each["metadata"]["name"] for each in found if each["kind"] == "Service"]
    assert len(services) >= 2
    assert all(re.fullmatch("bff.*", name) for name in services)


def test_the_base_of_kustomize_is_that_of_the_chart() -> None:
    for found in (rules, base):
        texts = found()
        assert {path: path.read_text() for path in texts if path.exists()} == texts, "run 'make deploy-generated'"


def test_the_schema_of_values_has_the_settings_of_this_release() -> None:
    text = (CHART / "values.schema.json").read_text()
    assert with_settings(text) == text, "run 'make generated'"


@pytest.mark.parametrize("source", ["chart", *OVERLAYS])
def test_every_variable_is_a_setting(source: str) -> None:
    found = rendered(EVERYTHING) if source == "chart" else built(KUBERNETES / "overlays" / source)
    names = {each["name"] for _, pod in pods(found) for each in pod["containers"][0].get("env", ())}
    for document in found:
        if document["kind"] == "ConfigMap":
            names |= set(document["data"])
    assert names - {variable(field) for field in Settings.__dataclass_fields__} == set()
    assert names >= {"BFF_ENV", "BFF_HOST", "BFF_LEAVE_SECONDS", "BFF_METRICS", "BFF_WORKER_METRICS_PORT", "PORT"}


@pytest.mark.parametrize("source", ["chart", *OVERLAYS])
def test_pods_have_no_rights(source: str) -> None:
    found = rendered() if source == "chart" else built(KUBERNETES / "overlays" / source)
    names: list[str] = []
    for name, pod in pods(found):
        names.append(name)
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
    migrations = ["bff-migration"] if source == "chart" else []
    assert sorted(names) == sorted(["bff-server", "bff-worker", *migrations])


def test_a_pod_has_the_time_that_its_stop_takes() -> None:
    pod = one(rendered({"server": {"leaveSeconds": 30}}), "Deployment", "bff-server")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    leaving = next(each["value"] for each in container["env"] if each["name"] == "BFF_LEAVE_SECONDS")
    assert pod["terminationGracePeriodSeconds"] > before + float(leaving) + 20
    probe = container["readinessProbe"]
    assert probe["httpGet"]["path"] == "/readyz"
    assert {container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe")} == {"/livez"}


def test_settings_are_texts_of_environment_variables() -> None:
    data = one(rendered(EVERYTHING), "ConfigMap", "bff")["data"]
    assert data == {
        "BFF_ENV": "production",
        "BFF_HEARTBEAT_SECONDS": "12.5",
        "BFF_MAX_UPLOAD_BYTES": "10485760",
        "BFF_TRUSTED_PROXIES": "10.0.0.0/8",
    }


def test_changed_settings_restart_the_pods() -> None:
    def checksum(values: Document) -> str:
        server = one(rendered(values), "Deployment", "bff-server")
        return server["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]

    assert checksum({}) == checksum({"server": {"replicas": 3}})
    assert checksum({}) != checksum({"settings": {"BFF_LOG_LEVEL": "WARNING"}})


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"replicas": 3}, "replicas"),
        ({"server": {"replicas": 0}}, "replicas"),
        ({"server": {"replicas": "3"}}, "replicas"),
        ({"server": {"leaveSeconds": -1}}, "leaveSeconds"),
        ({"server": {"resources": {"limits": {"memory": "1 GB"}}}}, "memory"),
        ({"server": {"autoscaling": {"cpuPercent": 120}}}, "cpuPercent"),
        ({"server": {"spread": {"zones": "Never"}}}, "zones"),
        ({"image": {"tag": "latest"}}, "tag"),
        ({"image": {"digest": "sha256:abc"}}, "digest"),
        ({"ingress": {"enabled": True}}, "host"),
        ({"secretName": ""}, "secretName"),
        ({"monitoring": {"interval": "often"}}, "interval"),
        ({"settings": {"BFF_DATABASE_POOLS": 5}}, "BFF_DATABASE_POOLS"),
        ({"settings": {"BFF_DATABASE_POOL": 0}}, "BFF_DATABASE_POOL"),
        ({"settings": {"BFF_DATABASE_POOL": "ten"}}, "BFF_DATABASE_POOL"),
        ({"settings": {"BFF_APQ": "maybe"}}, "BFF_APQ"),
        ({"settings": {"BFF_SECRET_KEYS": "a:" + "x" * 32}}, "BFF_SECRET_KEYS"),
        ({"settings": {"BFF_ENV": "dev"}}, "BFF_ENV"),
    ],
    ids=str,
)
def test_wrong_values_are_rejected_by_name(values: Document, named: str) -> None:
    helm: Any = importlib.import_module("helm_python")
    with pytest.raises(helm.HelmError) as error:
        render(values)
    assert named in str(error.value)


def test_the_adapter_reads_metrics_that_are_exported_and_the_autoscalers_those_of_the_adapter() -> None:
    adapter = yaml.safe_load((KUBERNETES / "monitoring/prometheus-adapter.yaml").read_text())["rules"]
    queries = [rule[key] for kind in adapter.values() for rule in kind for key in ("seriesQuery", "metricsQuery")]
    page = (KUBERNETES.parent.parent / "docs/metrics.md").read_text()
    assert {f"`{name}`" in page for query in queries for name in re.findall(r"bff_\w+", query)} == {True}
    named = {rule["name"]["as"] for kind in adapter.values() for rule in kind}
    for found in (rendered(EVERYTHING), built(KUBERNETES / "overlays/large")):
        scalers = [document for document in found if document["kind"] == "HorizontalPodAutoscaler"]
        metrics = [metric for scaler in scalers for metric in scaler["spec"]["metrics"]]
        used = {metric[kind]["metric"]["name"] for metric in metrics for kind in ("pods", "external") if kind in metric}
        assert used == named


def block(beginning: str) -> str:
    """Returns the YAML block of docs/deployment.md that begins with a comment."""
    page = (KUBERNETES.parent.parent / "docs/deployment.md").read_text()
    (found,) = re.findall(rf"^```yaml\n# {re.escape(beginning)}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return found


def test_the_values_of_the_page_are_valid() -> None:
    found = rendered(yaml.safe_load(block("values.yaml")))
    check(found)
    assert one(found, "Ingress", "bff")["spec"]["rules"][0]["host"] == "api.example.com"


def test_the_overlay_of_the_page_builds(tmp_path: Path) -> None:
    shutil.copytree(KUBERNETES, tmp_path / "deploy/kubernetes")
    (tmp_path / "kustomization.yaml").write_text(block("kustomization.yaml"))
    found = built(tmp_path)
    check(found)
    assert {pod["containers"][0]["image"] for _, pod in pods(found)} == {"registry.example.com/bff:0.1.0"}
    (settings,) = [document["data"] for document in found if document["kind"] == "ConfigMap"]
    assert settings["BFF_TRUSTED_PROXIES"] == "10.0.0.0/8"
