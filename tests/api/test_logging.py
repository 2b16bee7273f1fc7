"""What is logged: ids, names and numbers; never what somebody wrote."""

import json

import pytest
import structlog

from app.config import Settings
from app.main import configure_logging


def test_an_exceptions_message_never_reaches_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNG_LOG_FORMAT", "json")
    before = structlog.get_config()
    try:
        configure_logging(Settings())
        try:
            int("my left leg went numb")
        except ValueError as error:
            structlog.get_logger().error("defect", exc_info=error)
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["error"] == "ValueError"
    assert [frame.rpartition("/")[2].split(":")[0] for frame in line["frames"]] == ["test_logging.py"]
    assert "leg" not in json.dumps(line)
