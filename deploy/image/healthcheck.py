"""Exits with 0 if the server of this container is ready. The image has no curl."""  # noqa: INP001 - a script

import sys
import urllib.error
import urllib.request

_SECONDS = 5

if __name__ == "__main__":
    try:
        urllib.request.urlopen("http://127.0.0.1:8000/readyz", timeout=_SECONDS).close()
    except (urllib.error.URLError, TimeoutError) as error:
        sys.exit(f"not ready: {error}")
