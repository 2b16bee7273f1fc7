"""Is every exercise drawn, and do the pictures that need more than a posture show what their steps say?"""

from app.content import figures, library
from app.domain.figures.figure import PropKind
from app.drawing import kinematics, skeleton
from app.drawing import vectors as v
from app.drawing.skeleton import Body
from tests.drawing.drawings import looks_of, scene_of, stills_of


def body(name: str, pose: str) -> Body:
    return scene_of(name).motion.solved[pose, False].body


def test_every_exercise_of_the_library_has_its_figure() -> None:
    assert set(library.load().exercises) == set(figures.load())


def test_what_an_exercise_needs_is_drawn() -> None:
    """A band, a chair, a wall that the exercise asks for is in its picture; a weight in the hand is only for later."""
    later = {("shoulder-external-rotation-side-lying", "hand_weight")}
    looks = {"towel": {"towel", "roll"}, "cloth": {"towel"}, "ankle_weight": {"weight"}}
    missing = {
        (name, code)
        for name, figure in figures.load().items()
        for code in library.load().exercises[name].equipment
        if not looks.get(code, {code}) & {prop.kind.value for prop in figure.props}
    }
    assert missing == later


def test_the_knees_roll_and_both_shoulders_stay_on_the_floor() -> None:
    for look in looks_of("lower-trunk-rotation"):
        heights = [look.body.points[f"{side}_shoulder"][1] for side in ("left", "right")]
        assert max(heights) - min(heights) < 2.0
        assert v.length(v.minus(look.body.points["left_knee"], look.body.points["right_knee"])) < 19.0
    rolled, start = body("lower-trunk-rotation", "rolled"), body("lower-trunk-rotation", "start")
    assert rolled.points["right_knee"][2] - start.points["right_knee"][2] > 20.0


def test_a_gluteal_set_moves_nothing_but_its_muscles() -> None:
    start, squeezed = body("gluteal-set", "start"), body("gluteal-set", "squeezed")
    moved = [v.length(v.minus(point, squeezed.points[name])) for name, point in start.points.items()]
    assert max(moved) < 1.1, "the hips may rise a tiny bit"
    assert (start.tight, squeezed.tight) == ({}, {"left_buttock": 1.0, "right_buttock": 1.0})
    pressed, let_go = (stills_of("gluteal-set")[number] for number in (2, 4))
    assert pressed.count('class="arrow"') == let_go.count('class="arrow"') == 2


def test_a_muscle_that_tightens_swells() -> None:
    for name, pose in (("gluteal-set", "squeezed"), ("quad-set", "pressed")):
        slack, tight = (
            [shape for shape in scene_of(name).shapes(body(name, one), is_mirrored=False) if shape.colour == "tight"]
            for one in ("start", pose)
        )
        assert len(slack) == len(tight) > 0
        for before, after in zip(slack, tight, strict=True):
            assert after.circles[1][2] > 1.5 * before.circles[1][2], name


def test_the_elbow_keeps_the_towel_at_the_ribs_while_the_forearm_turns_out() -> None:
    for name in ("shoulder-external-rotation", "shoulder-external-rotation-side-lying"):
        looks = looks_of(name)
        for look in looks:
            towel = look.body.points["right_flank_low"]
            assert v.length(v.minus(look.body.points["right_elbow"], towel)) < 12.0, name
        turns = [look.body.angles.get("right_shoulder_rotation", 0) for look in looks]
        assert min(turns) < -45 < 30 < max(turns), name


def test_the_hand_presses_into_the_wall_and_stays() -> None:
    name = "shoulder-external-rotation-isometric"
    [wall] = [prop for prop in figures.load()[name].props if prop.kind is PropKind.WALL]
    face = wall.at[0] + wall.size[0] / 2
    for pose in ("rested", "pressed"):
        hand = body(name, pose).points["right_palm"][0] - skeleton.RADIUS["palm"]
        assert abs(hand - face) < 2.0, pose
    moved = v.minus(body(name, "rested").points["right_palm"], body(name, "pressed").points["right_palm"])
    assert v.length(moved) < 2.0


def test_the_figure_four_lies_on_the_other_thigh() -> None:
    for pose in ("four", "gripped", "pulled"):
        found = body("piriformis-figure-four", pose)
        thigh = v.mixed(found.points["left_knee"], found.points["left_hip"], 0.15)
        assert v.length(v.minus(found.points["right_ankle"], thigh)) < 12.0, pose
    gripped, pulled = (body("piriformis-figure-four", pose) for pose in ("gripped", "pulled"))
    assert pulled.points["left_knee"][0] < gripped.points["left_knee"][0] - 8.0, "the thigh comes towards the chest"
    assert pulled.points["left_heel"][1] > 20.0


def test_the_crossed_leg_rests_on_the_thigh_that_carries() -> None:
    for pose in ("crossed", "bridged"):
        found = body("single-leg-bridge-supported", pose)
        way = v.minus(found.points["right_knee"], found.points["left_knee"])
        assert v.length(way) < 16.0, pose
        assert way[1] > 0, "the resting knee lies above"


def test_only_the_lifted_leg_goes_out_and_the_hands_stay_on_the_table() -> None:
    name = "standing-hip-abduction-band"
    shifted, out = body(name, "shifted"), body(name, "out")
    assert out.points["right_ankle"][0] - shifted.points["right_ankle"][0] > 25.0
    for point in ("left_ankle", "left_wrist", "right_wrist", "crown"):
        assert v.length(v.minus(shifted.points[point], out.points[point])) < 1.0, point
    assert kinematics.mirror_axis(figures.load()[name]) == 0


def test_a_step_that_tightens_something_is_seen() -> None:
    for name, figure in figures.load().items():
        for step, drawn in zip(library.load().exercises[name].steps, figure.steps, strict=True):
            if "tighten" in step.text["en"].lower():
                assert drawn.same_as is None, (name, step.number)
