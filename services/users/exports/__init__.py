"""A copy of everything that is kept about a person, as one JSON document, made by a job and fetched by them."""

from services.users.exports.fetch import ExportFile, ExportGone, open_export
from services.users.exports.request import RequestDataExport, latest_export, request_data_export
from services.users.exports.write import export_data

__all__ = [
    "ExportFile",
    "ExportGone",
    "RequestDataExport",
    "export_data",
    "latest_export",
    "open_export",
    "request_data_export",
]
