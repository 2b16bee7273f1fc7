"""Which exercises do filters let through, and how many would each other choice leave?

Exercises are bits of a whole number, in the order of the library, so that counting dozens of choices is quick.
This file refuses to know words that are searched for.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_

from app.content.vocabulary import Vocabulary
from app.domain.errors import FieldError, Invalid
from app.domain.exercise import Exercise, Ladder
from app.values import dataclass

NO_EQUIPMENT = "none"
MANY = {"equipment"}
"""Filters that take several codes, with commas between them."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What each filter lets through: filter -> code -> exercises.

    `equipment` says what is at hand: it lets through what needs nothing else. `needing` are the exercises by the thing
    that they need.
    """

    all: int
    through: Mapping[str, dict[str, int]]
    needing: dict[str, int]

    def chosen(self, wishes: Mapping[str, str]) -> dict[str, int]:
        """What each of the filters that are set lets through. Raises Invalid, which names each unknown code."""
        let: dict[str, int] = {}
        wrong: list[FieldError] = []
        for name, wish in wishes.items():
            codes = wish.split(",") if name in MANY else [wish]
            unknown = [code for code in codes if code not in self.through[name]]
            if unknown:
                known = ", ".join(self.through[name])
                wrong.append(FieldError(f"query/{name}", "not_allowed", f'"{unknown[0]}" is none of: {known}.'))
            else:
                let[name] = _doable(self.all, self.needing, codes) if name in MANY else self.through[name][wish]
        if wrong:
            raise Invalid("A filter has a value that the library does not know.", errors=tuple(wrong))
        return let

    def through_all(self, chosen: Mapping[str, int]) -> int:
        """The exercises that every filter lets through."""
        return reduce(and_, chosen.values(), self.all)

    def counted(
        self, found: Iterable[int], chosen: Mapping[str, int], wishes: Mapping[str, str]
    ) -> dict[str, dict[str, int]]:
        """For each filter and its codes: how many exercises it would leave, were it set to this code alone.

        The other filters hold as they are set; `found` are the numbers of the exercises that the words found. What
        would leave nothing is left out, and so is a thing that nothing found needs, unless it is what is set.
        """
        counts = {}
        all_found = reduce(or_, (1 << number for number in found), 0)
        for name, codes in self.through.items():
            rest = reduce(and_, (let for other, let in chosen.items() if other != name), all_found)
            shown = wishes.get(name, "").split(",")
            offered = codes | self.needing if name in MANY else codes
            counts[name] = {
                code: (rest & its).bit_count() for code, its in codes.items() if rest & offered[code] or code in shown
            }
        return counts


def facets_of(exercises: Iterable[Exercise], ladders: Iterable[Ladder], vocabulary: Vocabulary) -> Facets:
    """The filters of a library."""
    numbered = list(enumerate(exercises))
    everything = (1 << len(numbered)) - 1

    def bits(those: Iterable[int]) -> int:
        return reduce(or_, (1 << number for number in those), 0)

    needing = {code: bits(n for n, one in numbered if code in one.equipment) for code in vocabulary.equipment}
    on_floor = bits(n for n, one in numbered if one.needs_floor)
    through = {
        "region": {code: bits(n for n, one in numbered if code in one.regions) for code in vocabulary.regions},
        "position": {
            code: bits(n for n, one in numbered if one.start_position.code == code) for code in vocabulary.positions
        },
        "equipment": {code: _doable(everything, needing, [code]) for code in (NO_EQUIPMENT, *vocabulary.equipment)},
        "kind": {code: bits(n for n, one in numbered if one.kind == code) for code in vocabulary.kinds},
        "ladder": {ladder.id: bits(n for n, one in numbered if one.id in ladder.exercise_ids) for ladder in ladders},
        "needs_floor": {"false": everything & ~on_floor, "true": on_floor},
    }
    return Facets(everything, through, needing)


def _doable(everything: int, needing: Mapping[str, int], at_hand: Iterable[str]) -> int:
    """The exercises that need nothing beyond what is at hand."""
    return everything & ~reduce(or_, (its for code, its in needing.items() if code not in at_hand), 0)
