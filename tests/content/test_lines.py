"""A mistake in a content file is told with its line."""

import pytest

from app.content.lines import line_of

WRITTEN = """# a comment
id = "one"
name.en = "One"

[[cues]]
id = "first"
text.en = "a"

[[cues]]
id = "second" # a remark
text.en = "b"
text.de = "c"

[[steps]]
number = 1
phase = "start"

[[steps]]
number = 2
phase = "move"

[dosage]
sets = 1

[dosage.origins]
sets = "article"
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("id", 2),
        ("name.en", 3),
        ("name.de", 3),
        ("name", 3),
        ("cues[first].text.en", 7),
        ("cues[second].text.de", 12),
        ("cues[second].sources", 9),
        ("steps[2].phase", 20),
        ("dosage.sets", 23),
        ("dosage.origins.sets", 26),
        ("dosage.origins.reps_min", 25),
        ("dosage", 22),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_place_has_a_line(place: str, line: int | None) -> None:
    assert line_of(WRITTEN, place) == line
