"""Which of our languages does a reader want, by what their browser or app says?"""

from collections.abc import Container


def wanted(accept: str | None, ours: Container[str], otherwise: str = "en") -> str:
    """The best of our languages for an Accept-Language header; `otherwise`, or English, when it names none of ours."""
    named: list[tuple[float, str]] = []
    for part in (accept or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        named.append((quality, tag.strip().lower().split("-")[0]))
    for _, tag in sorted(named, key=lambda pair: -pair[0]):
        if tag in ours:
            return tag
    return otherwise if otherwise in ours else "en"
