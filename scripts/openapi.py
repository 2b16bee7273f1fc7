"""Is openapi/openapi.json what the code says? `--check` compares, without it the file is written anew."""

import difflib
import json
import sys
from pathlib import Path

from app.config import Settings
from app.main import create_app

CONTRACT = Path(__file__).resolve().parents[1] / "openapi" / "openapi.json"


def document() -> str:
    """The contract as the code has it. The settings are the defaults: no installation changes the contract."""
    return json.dumps(create_app(Settings.model_construct()).openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the contract, or say where it differs."""
    fresh = document()
    if "--check" not in sys.argv[1:]:
        CONTRACT.write_text(fresh, encoding="utf-8")
        print(f"wrote {CONTRACT.relative_to(Path.cwd()) if CONTRACT.is_relative_to(Path.cwd()) else CONTRACT}")
        return 0
    stored = CONTRACT.read_text(encoding="utf-8") if CONTRACT.exists() else ""
    if stored == fresh:
        return 0
    difference = difflib.unified_diff(
        stored.splitlines(), fresh.splitlines(), "openapi/openapi.json", "the code", lineterm=""
    )
    print(*list(difference)[:60], sep="\n")
    print("\nopenapi/openapi.json is not what the code says. If the code is right: make openapi, and commit the file.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
