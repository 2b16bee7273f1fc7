"""An exercise and a ladder of a clinic's own, as it would send them."""

from typing import Any

Json = dict[str, Any]


def said(en: str, de: str) -> Json:
    return {"en": en, "de": de}


def by_clinic(**more: Any) -> Json:
    return {"sources": ["clinic"], **more}


OWN_EXERCISE: Json = {
    "name": said("Bend at the counter", "Beugen an der Arbeitsplatte"),
    "also_known_as": {"en": ["Kitchen bend"], "de": ["Küchenbeuge"]},
    "kind": "mobility",
    "regions": ["low_back", "hip"],
    "sides": "none",
    "equipment": ["table"],
    "purpose": [by_clinic(id="loosen", text=said("Loosens a stiff back.", "Lockert einen steifen Rücken."))],
    "start_position": by_clinic(
        code="standing_leaning", text=said("Stand at the counter.", "Stehen Sie vor der Platte.")
    ),
    "steps": [
        by_clinic(number=1, phase="start", text=said("Put your hands on it.", "Legen Sie die Hände darauf.")),
        by_clinic(
            number=2, phase="move", text=said("Walk backwards and bend.", "Gehen Sie zurück und beugen Sie sich.")
        ),
        by_clinic(number=3, phase="return", text=said("Come back up.", "Kommen Sie wieder hoch.")),
    ],
    "cues": [{"id": "slow", "kind": "technique", "text": said("Slowly.", "Langsam."), "sources": ["own-leaflet"]}],
    "safety": [
        by_clinic(
            id="ask",
            kind="ask_provider",
            severity="caution",
            text=said("Ask us if you are unsure.", "Fragen Sie uns, wenn Sie unsicher sind."),
            acknowledge=True,
        )
    ],
    "cautions": [
        by_clinic(condition="pregnancy", action="ask", text=said("Ask your midwife.", "Fragen Sie Ihre Hebamme."))
    ],
    "published_doses": [{"id": "leaflet", "source": "own-leaflet", "reps": [5, 10], "times_per_day": [1, 2]}],
    "dosage": {
        "sets": 1,
        "reps_min": 5,
        "reps_max": 8,
        "due_per_day": 1,
        "offered_per_day": 2,
        "days_per_week": 7,
        "more_as_needed": False,
        "spoken": said("5 to 8 times.", "5 bis 8 Mal."),
        "origins": {
            "sets": "clinic",
            "reps_min": "own-leaflet",
            "reps_max": "clinic",
            "due_per_day": "own-leaflet",
            "offered_per_day": "own-leaflet",
            "days_per_week": "clinic",
            "more_as_needed": "clinic",
        },
    },
    "sources": [{"id": "own-leaflet", "title": "Leaflet of the clinic", "year": 2025}],
}
OWN_LADDER: Json = {
    "name": said("From the counter to the floor", "Von der Platte auf den Boden"),
    "exercises": ["single-knee-to-chest", "double-knee-to-chest"],
    "rule_profile": "pain_free_days",
    "pain_free_days": 4,
    "origins": {"rule_profile": "clinic", "pain_free_days": "clinic"},
    "rule": [by_clinic(id="order", text=said("Standing first.", "Zuerst im Stehen."))],
}
