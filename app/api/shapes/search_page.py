"""How do a search's findings become a page without rendering anything anew?

Each exercise and each choice of each filter is rendered once a language, at start; a page puts these pieces together.
This file refuses to know what is searched for.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Annotated, TypeAlias

from fastapi import Depends, Query
from pydantic_core import to_json

from app.api.shapes.exercises import FacetOut, FacetValueOut
from app.api.shapes.shelf import Renderer
from app.api.wire import Codes, Slug, Text
from app.content.facets import NO_EQUIPMENT
from app.content.library import Library
from app.values import dataclass, field

Page: TypeAlias = tuple[bytes, str | None]
"""A page's bytes and the cursor of the next one."""
MOST_PAGES = 128
"""A page of all exercises has some 25 kB."""

FLOOR_TEXTS = {"false": "no_floor", "true": "floor"}

Words = Annotated[
    Text | None,
    Query(
        max_length=200,
        description="Every word must occur, in whichever language; the beginning of a word is enough. Case and "
        "accents do not matter, and a small typing error in a longer word is forgiven.",
    ),
]
Region = Annotated[Slug | None, Codes("region"), Query(description="The part of the body.")]
Position = Annotated[Slug | None, Codes("start_position"), Query(description="Where it begins.")]
Equipment = Annotated[
    Text | None,
    Codes("equipment", is_open_set=True),
    Query(
        max_length=200,
        pattern="^[a-z_]+(,[a-z_]+)*$",
        description="What is at hand, with commas between: finds what needs nothing else. `none` finds what needs "
        "nothing at all.",
    ),
]
Kind = Annotated[Slug | None, Codes("exercise_kind"), Query(description="What it trains.")]
OnLadder = Annotated[Slug | None, Query(description="A ladder's id: the exercises that stand on it.")]
NeedsFloor = Annotated[
    bool | None, Query(description="`false` finds what can be done without getting down to the floor.")
]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The parts of a page in one language: exercises in the order of the library, and filter -> code -> a value.

    A piece of a value ends where its count goes.
    """

    summaries: tuple[bytes, ...]
    facets: Mapping[str, tuple[bytes, Mapping[str, bytes]]]
    kept: dict[Hashable, Page] = field(default_factory=dict, compare=False, repr=False)
    """Pages of lately by what was asked for; all go when there are too many."""

    def keep(self, asked: Hashable, page: Page) -> None:
        """Hold a page."""
        if len(self.kept) >= MOST_PAGES:
            self.kept.clear()
        self.kept[asked] = page

    def page(self, numbers: Iterable[int], counts: Mapping[str, Mapping[str, int]], next_cursor: str | None) -> bytes:
        """An ExercisePage with these exercises and these counts of choices."""
        facets = b",".join(
            [
                start + b",".join([b"%b%d}" % (pieces[code], count) for code, count in counts[name].items()]) + b"]}"
                for name, (start, pieces) in self.facets.items()
            ]
        )
        items = b",".join([self.summaries[number] for number in numbers])
        return b'{"items":[%b],"next_cursor":%b,"facets":[%b]}' % (items, to_json(next_cursor), facets)


def pieces_of(library: Library) -> dict[str, Pieces]:
    """The pieces in every language."""
    found = {}
    for language in library.languages:
        renderer = Renderer(library, language)
        summaries = [renderer.summary(one).model_dump_json().encode() for one in library.exercises.values()]
        facets = {}
        for name, codes in library.facets.through.items():
            start = FacetOut(name=name, values=[]).model_dump_json().encode().removesuffix(b"]}")
            values = [FacetValueOut(code=code, label=_label(renderer, name, code), count=0) for code in codes]
            pieces = {one.code: one.model_dump_json().encode().removesuffix(b"0}") for one in values}
            facets[name] = (start, pieces)
        found[language] = Pieces(tuple(summaries), facets)
    return found


def facets_out(renderer: Renderer, counts: Mapping[str, Mapping[str, int]]) -> list[FacetOut]:
    """The same choices rendered now: for a library of which nothing was rendered before."""
    return [
        FacetOut(
            name=name,
            values=[
                FacetValueOut(code=code, label=_label(renderer, name, code), count=count)
                for code, count in counts[name].items()
            ],
        )
        for name in renderer.library.facets.through
    ]


async def wishes(
    region: Region = None,
    position: Position = None,
    equipment: Equipment = None,
    kind: Kind = None,
    ladder: OnLadder = None,
    needs_floor: NeedsFloor = None,
) -> dict[str, str]:
    """The filters that are set, as the facets take them."""
    asked = {
        "region": region,
        "position": position,
        "equipment": equipment,
        "kind": kind,
        "ladder": ladder,
        "needs_floor": needs_floor,
    }
    return {name: str(wish).lower() for name, wish in asked.items() if wish is not None}


Wishes = Annotated[dict[str, str], Depends(wishes)]


def _label(renderer: Renderer, name: str, code: str) -> str:
    library = renderer.library
    words = library.vocabulary
    match name:
        case "region":
            return renderer.text(words.regions[code])
        case "kind":
            return renderer.text(words.kinds[code])
        case "position":
            return renderer.text(words.positions[code].name)
        case "ladder":
            return renderer.text(library.ladders[code].name)
        case "equipment" if code != NO_EQUIPMENT:
            return renderer.text(words.equipment[code].name)
    return library.texts.render("facet", FLOOR_TEXTS.get(code, "no_equipment"), {}, renderer.language)
