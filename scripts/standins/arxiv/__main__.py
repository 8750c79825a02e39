"""Run the stand-in for arXiv until it is interrupted."""

import argparse
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

from standins.arxiv import FakeArxiv, load_records, sample_records


def main(argv: list[str] | None = None) -> int:
    """Serve records and print the addresses as environment variables."""
    parser = argparse.ArgumentParser(prog="python -m standins.arxiv", description=__doc__)
    parser.add_argument("--records", metavar="FILE", help=".jsonl or .jsonl.gz; default: samples")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; default: any")
    parser.add_argument("--now", type=datetime.fromisoformat, help="the time to play; ISO, UTC")
    parser.add_argument(
        "--announced", action="store_true", help="papers appear when announced, not when submitted"
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args(argv)
    records = (
        load_records(options.records)
        if options.records
        else sample_records(options.now or datetime.now(UTC))
    )
    server = FakeArxiv(records, options.now, announced=options.announced, port=options.port)
    server.latency = options.latency
    # Background jobs get SIGTERM instead of an interrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with server, suppress(KeyboardInterrupt):
        sys.stdout.write(f"ARXIV_API_URL={server.api_url}\nARXIV_OAI_URL={server.oai_url}\n")
        sys.stdout.flush()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
