"""`python -m lachan.sandbox.institution --config FILE`: run one institution until it is told to stop."""

import sys
from pathlib import Path

import uvicorn

from lachan.sandbox.institution.app import institution_app
from lachan.sandbox.institution.config import read_config


def serve(file: Path) -> None:
    """Serve the institution of this configuration on its port of the loopback address."""
    config = read_config(file)
    uvicorn.run(
        institution_app(config),
        host="127.0.0.1",
        port=config.port,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    serve(Path(sys.argv[sys.argv.index("--config") + 1]))
