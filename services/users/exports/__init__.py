"""Data exports: a JSON document of a user's data, which a job writes and the user downloads."""

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
