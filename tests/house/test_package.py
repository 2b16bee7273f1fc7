"""What is installed is all that runs: code, exercise data, pages and migrations, side by side as in the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.files import ROOT, ours


@pytest.mark.check
def test_the_wheel_carries_everything_that_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("rung-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        inside = {Path(name) for name in packed.namelist() if ".dist-info/" not in name}
        entry_points = next(name for name in packed.namelist() if name.endswith("entry_points.txt"))
        assert "rung = app.cli:app" in packed.read(entry_points).decode()
    assert inside == {path for path in ours() if path.parts[0] in {"app", "migrations"}}
