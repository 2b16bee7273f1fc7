"""Which colours does a picture have, by day, by night, and when contrast must be high?

Classes carry the meaning: near and far limbs, the limb that works, things of the room. It refuses to know shapes.
"""

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#f6f3ee",
    "floor": "#e9e3d9", "skin": "#dba583", "skin-far": "#c48f70", "hair": "#4b3a33",
    "eye": "#33261f",
    "ear": "#cf9775", "shirt": "#3f7f87", "arm": "#4c8f96", "arm-far": "#2f656c", "leg": "#4a5a78",
    "leg-far": "#37445c",
    "mark": "#e0803f", "mark-far": "#c56a2f", "arrow": "#b5482a", "badge": "#3f7f87", "track": "#d5ccbe",
    "mat": "#a9bfae", "wood": "#b9946b", "wall": "#dcd5c8", "cloth": "#e8d09c", "band": "#7b4f9c",
    "iron": "#5d5566", "tight": "#f5b56e",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "paper": "#1d2328",
    "floor": "#283037", "skin": "#d8a384", "skin-far": "#ad7f65", "hair": "#8a6a57",
    "eye": "#2a1f1a",
    "ear": "#c48e70", "shirt": "#56a0a8", "arm": "#68b1b8", "arm-far": "#3d7a81", "leg": "#7f92b8",
    "leg-far": "#5c6c8e",
    "mark": "#f0975a", "mark-far": "#cd783f", "arrow": "#ffb27d", "badge": "#7cc3ca", "track": "#3d4850",
    "mat": "#50675a", "wood": "#8a6d4d", "wall": "#39424a", "cloth": "#a89c80", "band": "#b48ad2",
    "iron": "#9d94a8", "tight": "#ffd29a",
}  # fmt: skip
HIGH_LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "floor": "#ffffff", "skin": "#ffffff", "skin-far": "#ffffff", "hair": "#000000",
    "eye": "#000000",
    "ear": "#ffffff", "shirt": "#444444", "arm": "#444444", "arm-far": "#8a8a8a", "leg": "#1c1c1c",
    "leg-far": "#8a8a8a",
    "mark": "#0050c8", "mark-far": "#0050c8", "arrow": "#b00000", "badge": "#000000", "track": "#c0c0c0",
    "mat": "#e4e4e4", "wood": "#cfcfcf", "wall": "#e4e4e4", "cloth": "#c4c4c4", "band": "#b00000",
    "iron": "#9a9a9a", "tight": "#b00000",
}  # fmt: skip
HIGH_DARK: Mapping[str, str] = {
    "paper": "#000000",
    "floor": "#000000", "skin": "#000000", "skin-far": "#000000", "hair": "#ffffff",
    "eye": "#ffffff",
    "ear": "#000000", "shirt": "#bdbdbd", "arm": "#bdbdbd", "arm-far": "#757575", "leg": "#e6e6e6",
    "leg-far": "#757575",
    "mark": "#ffd400", "mark-far": "#ffd400", "arrow": "#ff8a80", "badge": "#ffffff", "track": "#555555",
    "mat": "#2a2a2a", "wood": "#3a3a3a", "wall": "#2a2a2a", "cloth": "#5a5a5a", "band": "#ff8a80",
    "iron": "#6a6a6a", "tight": "#ff8a80",
}  # fmt: skip

MATERIAL: Mapping[str, str] = {
    "mat": "mat", "chair": "wood", "step": "wood", "table": "wood", "wall": "wall", "pillow": "cloth", "roll": "cloth",
    "towel": "cloth", "weight": "iron",
}  # fmt: skip

MOTION = (
    ".rung .resting{display:none}"
    "@media (prefers-reduced-motion:reduce){.rung .resting{display:inline}.rung .moving{display:none}}"
)


def sheet(*, is_high: bool) -> str:
    """The style sheet, with the colours of the night where the reader's device asks for them."""
    day, night = (HIGH_LIGHT, HIGH_DARK) if is_high else (LIGHT, DARK)
    fixed = (
        ".rung .shaft{fill:none;stroke-width:7;stroke-linecap:round}"
        ".rung .strap path{fill:none;stroke-width:11;stroke-linecap:round;stroke-linejoin:round}"
        ".rung .rim{stroke-width:7;stroke-linejoin:round}"
        ".rung .track,.rung .ring{fill:none;stroke-width:7}"
        ".rung .number{font:600 44px sans-serif}"
        ".rung .side{fill-opacity:.72}.rung .front{fill-opacity:.86}"
    )
    if is_high:
        fixed += ".rung g[id] path,.rung .top,.rung .front,.rung .side{stroke-width:2.5}"
    return (
        _rules(day, is_high=is_high) + fixed + f"@media (prefers-color-scheme:dark){{{_rules(night, is_high=is_high)}}}"
    )


def _rules(colours: Mapping[str, str], *, is_high: bool) -> str:
    things = {"mat", "wood", "wall", "cloth", "iron", "track", "badge", "arrow"}
    rules = [f".{name}{{fill:{value}}}" for name, value in colours.items() if name not in things]
    rules += [f".{name}{{fill:{colours[material]}}}" for name, material in MATERIAL.items()]
    rules.append(f".arrow{{fill:{colours['arrow']}}}.shaft{{stroke:{colours['arrow']}}}")
    rules.append(
        f".badge{{fill:{colours['badge']}}}.ring{{stroke:{colours['badge']}}}.track{{stroke:{colours['track']}}}"
    )
    rules.append(f".rim{{stroke:{colours['paper']}}}.number{{fill:{colours['badge']}}}")
    rules.append(f".strap .band{{stroke:{colours['band']}}}.strap .towel{{stroke:{colours['cloth']}}}")
    if is_high:
        ink = colours["hair"]
        rules.append(f"g[id] path,.top,.front,.side{{stroke:{ink}}}")
    return "".join(rule if rule.startswith("@") else _scoped(rule) for rule in rules)


def _scoped(rules: str) -> str:
    return "".join(
        ",".join(f".rung {one}" for one in selectors.split(",")) + "{" + inner + "}"
        for selectors, inner in (rule.split("{") for rule in rules.split("}") if rule)
    )
