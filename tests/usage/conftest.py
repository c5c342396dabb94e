from tests.gateway.conftest import lively_settings, own

__all__ = ["lively_settings", "own"]
