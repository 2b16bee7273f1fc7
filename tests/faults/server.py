"""How does a fault run get a server that it may kill? `rung serve`, as an operator starts it, in its own process."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

PATIENCE_SECONDS = 60


def _rung() -> str:
    """The installed command."""
    return str(Path(sys.executable).with_name("rung"))


def _free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One `rung serve` on a port that stays the same from life to life."""

    url: str
    folder: Path
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None
    lives: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.lives += 1
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNG_")}
        environment |= {"RUNG_DATABASE_URL": self.url, "RUNG_LOG_LEVEL": "error", "RUNG_BUSY_TIMEOUT_SECONDS": "5"}
        log = self.folder / f"server-{self.port}.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [_rung(), "serve", "--port", str(self.port)], env=environment, stdout=out, stderr=out, cwd=self.folder
            )
        for _ in range(PATIENCE_SECONDS * 50):
            if self.process.poll() is not None:
                raise AssertionError(f"The server has gone by itself:\n{log.read_text()}")
            try:
                httpx.get(f"{self.address}/healthz", timeout=5)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"The server does not answer:\n{log.read_text()}")

    def kill(self) -> None:
        """End it without a word, in the middle of whatever it does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def check_what_is_derived(self) -> None:
        """Does everything derived follow from the facts that are stored?"""
        assert "none differ" in self._command("replay")
        self._command("rebuild", "--check")

    def _command(self, *words: str) -> str:
        environment = {**os.environ, "RUNG_DATABASE_URL": self.url, "COLUMNS": "200"}
        done = subprocess.run([_rung(), *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr
