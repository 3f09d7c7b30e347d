"""The plainest receiver one would write: check the HMAC, write the body to a file in a thread, sync it, answer.

What the webhooks case compares `hisab serve` with; it seals nothing, remembers no event id and syncs no folder.
`python -m benchmarks.bare_receiver FOLDER` prints its address.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import os
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Request

from benchmarks.webhook_deliveries import SECRET

_numbers = itertools.count()


def make_app(folder: Path) -> FastAPI:
    """The application; it writes below `folder`."""
    app = FastAPI()

    @app.post("/webhooks/lean")
    async def receive(request: Request) -> dict[str, str]:
        body = await request.body()
        expected = "sha512=" + hmac.new(SECRET.encode(), body, "sha512").hexdigest()
        if not hmac.compare_digest(request.headers.get("lean-signature", "").encode(), expected.encode()):
            raise HTTPException(401)
        await asyncio.to_thread(_write, folder / f"{next(_numbers)}.json", body)
        return {"status": "received"}

    return app


def _write(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def main() -> None:
    """Serve on a free port until the process is ended."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(1024)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    app = make_app(Path(sys.argv[1]))
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")).run(sockets=[listening])


if __name__ == "__main__":
    main()
