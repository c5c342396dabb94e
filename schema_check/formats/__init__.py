"""Renders reports, with one module per format."""

from collections.abc import Callable, Mapping

from schema_check.check import Report
from schema_check.formats import code_quality, github, json_report, junit, markdown, sarif, text
from schema_check.formats.style import Style

FORMATS: Mapping[str, Callable[[Report, Style], str]] = {
    "text": text.render,
    "json": json_report.render,
    "markdown": markdown.render,
    "github": github.render,
    "gitlab": code_quality.render,
    "sarif": sarif.render,
    "junit": junit.render,
}

__all__ = ["FORMATS", "Style"]
