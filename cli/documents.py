"""`bff documents`: what apps have registered."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath

from cli.ready import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Documents, InvalidDocument
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
        ("import", "register the documents that a version of an app sends"),
        ("remove", "retire a version of an app, and the documents that no other version sends"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("app", metavar="APP", help="what the app is called here, like ios")
        action.add_argument("version", metavar="VERSION", help="like 4.2.0")
        if name == "import":
            action.add_argument("file", type=Path, metavar="FILE", help="a manifest: Apollo, Relay, Codegen or plain")
    actions.add_parser("list", help="list apps, versions and how many documents they have")
    actions.add_parser("check", help="name the documents that the schema does not fit any more")


def run(settings: Settings, asked: argparse.Namespace) -> None:
    if asked.action == "list":
        asyncio.run(_list(settings))
    elif asked.action == "check":
        asyncio.run(_check(settings))
    elif asked.action == "remove":
        asyncio.run(_remove(settings, _app_version(asked)))
    else:
        asyncio.run(_import(settings, _app_version(asked), asked.file))


def _app_version(asked: argparse.Namespace) -> AppVersion:
    try:
        found = read_app_version(PurePath(asked.app, asked.version))
    except ManifestError:
        found = None
    if found != (asked.app, asked.version):
        raise SettingsError(f"'{asked.app} {asked.version}' is not an app and its version, like: ios 4.2.0")
    return AppVersion(asked.app, asked.version)


async def _import(settings: Settings, of: AppVersion, file: Path) -> None:
    manifest = _read(file)
    _validate(manifest, file, settings)
    documents = [NewDocument(each.id, each.name, each.text) for each in manifest.operations]
    async with open_migrated(settings) as resources:
        try:
            imported = await import_documents(resources.database, *of, documents, resources.clock())
        except SettingsError as error:
            raise SettingsError(f"{file}: {error}; nothing was imported") from None
    sys.stdout.write(
        f"{of.app} {of.version}: {len(documents)} documents ({manifest.format}), "
        f"{imported.added} of them added to this version, {imported.new} new\n"
    )


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


def _validate(manifest: Manifest, file: Path, settings: Settings) -> None:
    documents = Documents(build_schema(), DocumentLimits.of(settings))
    faults = [(each, fault) for each in manifest.operations if (fault := _fault(documents, each.text))]
    if faults:
        _show([_line(operation, fault) for operation, fault in faults])
        raise SettingsError(
            f"{file}: {len(faults)} of {len(manifest.operations)} documents do not fit the schema; nothing was imported"
        )


def _line(operation: ManifestOperation, fault: str) -> str:
    return f"{operation.name or 'without a name'} ({operation.id}): {fault}"


def _fault(documents: Documents, text: str) -> str | None:
    read = documents.read_trusted(text)
    return read.faults[0].message if isinstance(read, InvalidDocument) else None


async def _check(settings: Settings) -> None:
    documents, looked, lines = Documents(build_schema(), DocumentLimits.of(settings)), 0, list[str]()
    async with open_migrated(settings) as resources:
        async for each in all_documents(resources.database):
            looked += 1
            if fault := _fault(documents, each.text):
                lines.append(f"{each.name or 'without a name'} ({each.id}), of {', '.join(each.sent_by)}: {fault}")
    _show(lines)
    if lines:
        raise SettingsError(f"{len(lines)} of {looked} documents do not fit the schema: these apps get errors")
    sys.stdout.write(f"all of {looked} documents fit the schema\n")


def _show(lines: Sequence[str]) -> None:
    more = [f"and {len(lines) - _MAX_SHOWN} more"] if len(lines) > _MAX_SHOWN else []
    sys.stdout.write("".join(f"{line}\n" for line in [*lines[:_MAX_SHOWN], *more]))


async def _list(settings: Settings) -> None:
    async with open_migrated(settings) as resources:
        found = await releases(resources.database)
    found.sort(key=lambda each: (each.app, AppVersion(each.app, each.version).numbers, each.version))
    lines = [f"{each.app} {each.version}  {each.documents}  {each.imported_at:%Y-%m-%dT%H:%M:%SZ}" for each in found]
    sys.stdout.write("\n".join(lines or ["nothing is registered"]) + "\n")


async def _remove(settings: Settings, of: AppVersion) -> None:
    async with open_migrated(settings) as resources:
        removed = await remove_documents(resources.database, *of)
    if not removed.documents:
        raise SettingsError(f"nothing is registered for {of.app} {of.version}")
    sys.stdout.write(f"{of.app} {of.version}: removed; {removed.gone} of its {removed.documents} documents are gone\n")
