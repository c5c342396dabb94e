"""`bff documents`: imports, lists, checks and removes registered documents."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath

from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from core.wording import count_of
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Document, Documents, InvalidDocument
from resolvers.schema import build_schema
from schema_check.manifests import (
    AppVersion,
    Manifest,
    ManifestError,
    ManifestOperation,
    read_app_version,
    read_manifest,
)
from services.documents import NewDocument, all_documents, import_documents, releases, remove_documents

_MAX_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("import", "register the documents that an app version sends"),
        ("remove", "remove an app version, and the documents that no other version sends"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("app", metavar="APP", help="the name of the app, such as ios")
        action.add_argument("version", metavar="VERSION", help="the version, such as 4.2.0")
        if name == "import":
            action.add_argument("file", type=Path, metavar="FILE", help="a manifest: Apollo, Relay, Codegen or plain")
    actions.add_parser("list", help="list apps, versions and the numbers of their documents")
    text = "list the documents that are no longer valid against the schema, or cost more than BFF_MAX_COST"
    actions.add_parser("check", help=text, description=text)


def run(settings: Settings, options: argparse.Namespace) -> None:
    if options.action == "list":
        asyncio.run(_list(settings))
    elif options.action == "check":
        asyncio.run(_check(settings))
    elif options.action == "remove":
        asyncio.run(_remove(settings, _app_version(options)))
    else:
        asyncio.run(_import(settings, _app_version(options), options.file))


def _app_version(options: argparse.Namespace) -> AppVersion:
    try:
        parsed = read_app_version(PurePath(options.app, options.version))
    except ManifestError:
        parsed = None
    if parsed != (options.app, options.version):
        raise SettingsError(f"'{options.app} {options.version}' is not an app and a version, such as: ios 4.2.0")
    return AppVersion(options.app, options.version)


async def _import(settings: Settings, release: AppVersion, file: Path) -> None:
    manifest = _read(file)
    expensive = _validate(manifest, file, settings)
    documents = [NewDocument(operation.id, operation.name, operation.text) for operation in manifest.operations]
    async with open_migrated(settings) as resources:
        try:
            imported = await import_documents(resources.database, *release, documents, resources.clock())
        except SettingsError as error:
            raise SettingsError(f"{file}: {error}; nothing was imported") from None
    sys.stdout.write(
        f"{release.app} {release.version}: {count_of(len(documents), 'document')} ({manifest.format}), "
        f"{imported.added} of them added to this version, {imported.new} new\n"
    )
    sys.stderr.writelines(f"bff: {line}\n" for line in expensive)


def _read(file: Path) -> Manifest:
    try:
        manifest = read_manifest(file.read_bytes())
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except ManifestError as error:
        raise SettingsError(f"{file}: {error}") from None
    if not manifest.operations:
        raise SettingsError(f"{file}: the manifest has no operations")
    return manifest


def _validate(manifest: Manifest, file: Path, settings: Settings) -> list[str]:
    """Raises `SettingsError` if a document is invalid. Returns a line for each one that costs too much."""
    documents = Documents(build_schema(), DocumentLimits.of(settings))
    invalid, expensive = list[str](), list[str]()
    for operation in manifest.operations:
        document = documents.read_trusted(operation.text)
        if isinstance(document, InvalidDocument):
            invalid.append(_line(operation, document.errors[0].message))
        elif excess := _excess(document, settings.max_cost):
            expensive.append(_line(operation, excess))
    if invalid:
        _show(invalid)
        raise SettingsError(
            f"{file}: not valid against the schema: {len(invalid)} of "
            f"{count_of(len(manifest.operations), 'document')}; nothing was imported"
        )
    return expensive


def _line(operation: ManifestOperation, error: str) -> str:
    return f"{operation.name or 'without a name'} ({operation.id}): {error}"


def _excess(document: Document, max_cost: int) -> str | None:
    """Returns which cost exceeds the maximum, or None if no operation's does. A maximum of 0 is no limit."""
    cost = max((cost.requested({}) for cost in document.costs.values()), default=0)
    if not max_cost or cost <= max_cost:
        return None
    return f"costs {cost:,} with the defaults of its variables, more than BFF_MAX_COST ({max_cost:,})"


async def _check(settings: Settings) -> None:
    documents, checked, lines = Documents(build_schema(), DocumentLimits.of(settings)), 0, list[str]()
    async with open_migrated(settings) as resources:
        async for row in all_documents(resources.database):
            checked += 1
            document = documents.read_trusted(row.text)
            is_invalid = isinstance(document, InvalidDocument)
            error = document.errors[0].message if is_invalid else _excess(document, settings.max_cost)
            if error:
                lines.append(f"{row.name or 'without a name'} ({row.id}), of {', '.join(row.sent_by)}: {error}")
    _show(lines)
    if lines:
        raise SettingsError(
            f"not valid or too expensive: {len(lines)} of {count_of(checked, 'document')}; these apps receive errors"
        )
    sys.stdout.write(f"valid, and not too expensive: {count_of(checked, 'document')}\n")


def _show(lines: Sequence[str]) -> None:
    more = [f"and {len(lines) - _MAX_SHOWN} more"] if len(lines) > _MAX_SHOWN else []
    sys.stdout.write("".join(f"{line}\n" for line in [*lines[:_MAX_SHOWN], *more]))


async def _list(settings: Settings) -> None:
    async with open_migrated(settings) as resources:
        rows = await releases(resources.database)
    rows.sort(key=lambda row: (row.app, AppVersion(row.app, row.version).numbers, row.version))
    lines = [f"{row.app} {row.version}  {row.documents}  {row.imported_at:%Y-%m-%dT%H:%M:%SZ}" for row in rows]
    sys.stdout.write("\n".join(lines or ["no documents are registered"]) + "\n")


async def _remove(settings: Settings, release: AppVersion) -> None:
    async with open_migrated(settings) as resources:
        removed = await remove_documents(resources.database, *release)
    if not removed.documents:
        raise SettingsError(f"no documents are registered for {release.app} {release.version}")
    sys.stdout.write(
        f"{release.app} {release.version}: removed, with {removed.gone} of {count_of(removed.documents, 'document')}\n"
    )
