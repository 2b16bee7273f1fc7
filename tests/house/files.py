"""Which files are ours? Those that git knows, or would know once they are added."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def ours() -> tuple[Path, ...]:
    """Every file of the project, relative to its root; ignored ones and those only deleted here are left out."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """Our Python files under some folders of the root."""
    return tuple(path for path in ours() if path.suffix == ".py" and path.parts[0] in folders)


def text_of(path: Path) -> str | None:
    """What a file says, or None for one that is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
