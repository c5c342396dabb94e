"""Runs the sandbox as a server: `python -m adapters.payments.sandbox --port 8100 --database FILE`."""

import argparse
import socket
import sys

import uvicorn

from adapters.payments.sandbox.server import SandboxServer, WebhookTarget


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m adapters.payments.sandbox", description="A payment provider for tests."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 selects a free one")
    parser.add_argument("--database", default="", help="SQLite file; without it, charges are in memory")
    parser.add_argument(
        "--webhook-url",
        default="",
        help="receives signed events, such as http://127.0.0.1:8000/webhooks/payments/sandbox",
    )
    parser.add_argument("--webhook-secret", default="", help="signs them; one of BFF_PAYMENTS_WEBHOOK_SECRETS")
    parser.add_argument("--seed", type=int, default=0, help="of the random faults")
    options = parser.parse_args()
    if options.webhook_url and not options.webhook_secret:
        parser.error("--webhook-url needs --webhook-secret")
    target = WebhookTarget(options.webhook_url, options.webhook_secret) if options.webhook_url else None
    server = SandboxServer(options.database, target, options.seed)
    listener = socket.create_server((options.host, options.port))
    sys.stdout.write(f"payment sandbox at http://{options.host}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(server.app(), log_level="warning")).run([listener])


if __name__ == "__main__":
    main()
