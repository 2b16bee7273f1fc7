"""The drawn exercise: one moving picture, a still of each step, a strip of stills. Public and cacheable for ever."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from app.api.deps import HouseDep, IfNoneMatch, routes
from app.api.problems import responses
from app.api.shapes.drawings import USUAL_WIDTH, WIDTHS, Wanted
from app.api.wire import Slug, etag, matches
from app.domain.errors import Busy, NotFound, invalid
from app.domain.exercise import Side
from app.drawing.svg import Contrast

router = routes("exercises")

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"
SVG, PNG = "image/svg+xml", "image/png"


@router.get(
    "/exercises/{exercise_id}/figure.svg",
    response_class=Response,
    responses={
        **responses(NotFound, Busy),
        200: {
            "description": "The picture.",
            "content": {SVG: {"schema": {"type": "string"}}, PNG: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def get_exercise_figure(
    exercise_id: Slug,
    house: HouseDep,
    step: Annotated[
        int | None,
        Query(ge=1, le=100, description="A still of this step; without it the moving picture. Not of a strip."),
    ] = None,
    side: Annotated[
        Literal["left", "right"] | None, Query(description="Which side works; refused where the exercise has none.")
    ] = None,
    motion: Annotated[
        Literal["none"] | None,
        Query(description="The step that says most, standing still. Else it moves, unless it is a still or a strip."),
    ] = None,
    view: Annotated[
        Literal["strip"] | None, Query(description="All steps that look different side by side, for paper.")
    ] = None,
    contrast: Annotated[Literal["normal", "high"], Query(description="How the colours are chosen.")] = "normal",
    format: Annotated[  # noqa: A002 - its name in the query
        Literal["svg", "png"], Query(description="`png` for what stands still: with `step`, `motion=none` or `view`.")
    ] = "svg",
    width: Annotated[
        int | None,
        Query(
            description="How wide a PNG is, in pixels: 360, 720 (unless given) or 1080; a strip is so wide for each of "
            "its stills. An SVG has any width.",
            json_schema_extra={"enum": [*WIDTHS]},
        ),
    ] = None,
    language: Annotated[
        str, Query(max_length=10, pattern="^[a-z]{2,3}$", description="The language of title and description.")
    ] = "en",
    v: Annotated[
        str | None,
        Query(max_length=20, description="As `figure` of the exercise has it; such an answer never changes."),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """How the exercise looks, as SVG, with a title and a description inside, or as PNG. It asks for no script or font.

    The moving picture stands still where the reader's device asks for reduced motion, and an SVG follows light and
    dark. Parameters that contradict each other are refused.
    """
    drawings = house.drawings
    if exercise_id not in drawings.drawn:
        raise NotFound("There is no such exercise, or it is not drawn yet.")
    steps = len(drawings.exercises[exercise_id].steps)
    if step is not None and step > steps:
        raise invalid("query/step", "out_of_range", f"This exercise has the steps 1 to {steps}.")
    if step is not None and view is not None:
        raise invalid("query/step", "contradiction", "A strip shows all steps: leave out `step` or `view`.")
    if language not in house.library.languages:
        raise invalid("query/language", "not_allowed", f"One of: {', '.join(house.library.languages)}.")
    wanted = Wanted(
        exercise_id,
        step,
        None if side is None else Side(side),
        Contrast(contrast),
        is_still=motion == "none",
        is_strip=view == "strip",
        width=_width(format, width, stands_still=bool(step or motion or view)),
    )
    version = drawings.version(exercise_id)
    tag = etag(version, language, step, side, motion, view, contrast, wanted.width)
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if v == version else FOR_A_WHILE, "Content-Language": language}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    body = await drawings.picture(wanted, language)
    return Response(body, media_type=SVG if wanted.width is None else PNG, headers=headers)


def _width(kind: str, width: int | None, *, stands_still: bool) -> int | None:
    """The width of a PNG, None for an SVG. Raises Invalid where the parameters contradict each other."""
    if kind == "svg":
        if width is not None:
            raise invalid("query/width", "contradiction", "An SVG has any width: leave out `width`, or ask for `png`.")
        return None
    if not stands_still:
        raise invalid("query/format", "contradiction", "A PNG cannot move: ask for `step`, `motion=none` or `view`.")
    if width is not None and width not in WIDTHS:
        raise invalid("query/width", "not_allowed", f"One of: {', '.join(map(str, WIDTHS))}.")
    return width or USUAL_WIDTH
