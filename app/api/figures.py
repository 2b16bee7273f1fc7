"""The drawn exercise: one moving picture, a still of each step, a strip of stills. Public and cacheable for ever."""

import asyncio
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from app.api.deps import HouseDep, IfNoneMatch, routes
from app.api.problems import responses
from app.api.shapes.drawings import Wanted
from app.api.wire import Slug, etag, matches
from app.domain.errors import NotFound, invalid
from app.domain.exercise import Side
from app.drawing.svg import Contrast

router = routes("exercises")

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"
MEDIA_TYPE = "image/svg+xml"


@router.get(
    "/exercises/{exercise_id}/figure.svg",
    response_class=Response,
    responses={
        **responses(NotFound),
        200: {"description": "The picture.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    },
)
async def get_exercise_figure(
    exercise_id: Slug,
    house: HouseDep,
    step: Annotated[
        int | None, Query(ge=1, le=100, description="A still of this step; the moving picture without it.")
    ] = None,
    side: Annotated[
        Literal["left", "right"] | None, Query(description="Which side works; refused where the exercise has none.")
    ] = None,
    motion: Annotated[
        Literal["none"] | None, Query(description="The step that says most, standing still. Else it moves.")
    ] = None,
    view: Annotated[
        Literal["strip"] | None, Query(description="All steps that look different side by side, for paper.")
    ] = None,
    contrast: Annotated[Literal["normal", "high"], Query(description="How the colours are chosen.")] = "normal",
    language: Annotated[
        str, Query(max_length=10, pattern="^[a-z]{2,3}$", description="The language of title and description.")
    ] = "en",
    v: Annotated[
        str | None,
        Query(max_length=20, description="As `figure` of the exercise has it; such an answer never changes."),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """How the exercise looks, as SVG, with a title and a description inside. It asks for no script and no font.

    The moving picture stands still where the reader's device asks for reduced motion, and follows light and dark.
    """
    drawings = house.drawings
    if exercise_id not in drawings.drawn:
        raise NotFound("There is no such exercise, or it is not drawn yet.")
    steps = len(drawings.exercises[exercise_id].steps)
    if step is not None and step > steps:
        raise invalid("query/step", "out_of_range", f"This exercise has the steps 1 to {steps}.")
    if side is not None and await asyncio.to_thread(drawings.side, exercise_id) is None:
        raise invalid("query/side", "not_allowed", "Both sides work in this picture.")
    if language not in house.library.languages:
        raise invalid("query/language", "not_allowed", f"One of: {', '.join(house.library.languages)}.")
    version = drawings.version(exercise_id)
    wanted = Wanted(
        exercise_id,
        language,
        step,
        None if side is None else Side(side),
        Contrast(contrast),
        is_still=motion == "none",
        is_strip=view == "strip",
    )
    tag = etag(version, language, step, side, motion, view, contrast)
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if v == version else FOR_A_WHILE}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    # A picture that was not drawn before takes some milliseconds of arithmetic.
    body = await asyncio.to_thread(drawings.bytes, wanted)
    return Response(body, media_type=MEDIA_TYPE, headers=headers | {"Content-Language": language})
