"""A start does not look for garbage among what stays, and a command that has started does look again."""

import subprocess
import sys


def test_imports_of_the_command_line_wait_for_no_collection() -> None:
    program = "import gc, app.cli; print(gc.isenabled(), sum(one['collections'] for one in gc.get_stats()[1:]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    is_enabled, collections = done.stdout.split()
    assert is_enabled == "True"
    assert int(collections) <= 2, "the usual threshold walks forty times"
