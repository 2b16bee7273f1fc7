"""A start loads nothing that it does not need, looks for no garbage among what stays, and looks again afterwards."""

import subprocess
import sys


def test_imports_of_the_command_line_wait_for_no_collection() -> None:
    program = "import gc, app.cli; print(gc.isenabled(), sum(one['collections'] for one in gc.get_stats()[1:]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    is_enabled, collections = done.stdout.split()
    assert is_enabled == "True"
    assert int(collections) <= 2, "the usual threshold walks forty times"


def test_what_the_command_line_imported_is_never_walked_again() -> None:
    program = "import gc, app.cli; print(gc.get_freeze_count(), len(gc.get_objects()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    left_alone, walked = map(int, done.stdout.split())
    assert left_alone > 100 * walked, "making the service and its first full look would walk all of it"


def test_what_only_some_ever_need_is_not_loaded() -> None:
    program = "import sys, app.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seldom = {"alembic", "mako", "typst", "sqlalchemy.dialects.mysql"}
    assert seldom & set(done.stdout.split()) == set()


def test_serialisers_of_answers_wait_until_they_are_needed() -> None:
    is_any_made = "any(one.__pydantic_complete__ for one in Out.__subclasses__())"
    program = f"import app.cli; from app.api.wire import Out; print({is_any_made})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
