"""Writes the base for Kustomize from the Helm chart, so that both are the same: `make deploy-generated`."""

import re
from pathlib import Path

from tests.support.charts import CHART, KUBERNETES, PROJECT, render

_HEADER = "# Written from deploy/helm/bff by 'make deploy-generated'.\n"
_OF_HELM = re.compile(
    r"^ *(app\.kubernetes\.io/(managed-by|version)|helm\.sh/chart): .*\n"
    r"|^ *annotations:\n *checksum/settings: .*\n"
    r"|^ *annotations:\n *helm\.sh/hook: .*\n *helm\.sh/hook-delete-policy: .*\n"
    r"|^ *# Before the first installation there is no ConfigMap yet\.\n",
    re.MULTILINE,
)
"""Labels, annotations and comments that have a meaning only for Helm. Kustomize names the ConfigMap by its contents."""


def rules() -> dict[Path, str]:
    """Returns the copies of the rules of Prometheus that the chart contains, by their path."""
    files = sorted((PROJECT / "deploy/prometheus/rules").glob("*.yaml"))
    return {CHART / "rules" / file.name: file.read_text() for file in files}


def base() -> dict[Path, str]:
    """Returns the texts of the files by their path."""
    defaults = render()
    monitoring = {"monitoring": {"serviceMonitor": True, "prometheusRule": bool(rules())}}
    files = {
        "base/networkpolicy.yaml": defaults["networkpolicy.yaml"],
        "base/server.yaml": defaults["server.yaml"],
        "base/worker.yaml": defaults["worker.yaml"],
        "migration/job.yaml": defaults["migration.yaml"],
        "monitoring/monitors.yaml": render(monitoring)["monitoring.yaml"],
    }
    return {KUBERNETES / path: _HEADER + _without_helm(text) for path, text in files.items()}


def _without_helm(text: str) -> str:
    return _OF_HELM.sub("", text).strip().removeprefix("---").strip() + "\n"


if __name__ == "__main__":
    for found in (rules, base):  # the chart renders the copies of the rules
        for path, text in found().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
