"""Names, versions and hashes only: takes what else npm writes, such as funding pages, out of package-lock.json."""

import json
from pathlib import Path

LOCK = Path("package-lock.json")
KEPT = {
    *("name", "version", "integrity", "license", "dev", "optional", "peer", "bin", "engines", "os", "cpu", "libc"),
    *("dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"),
    *("hasInstallScript", "inBundle", "bundleDependencies"),
}

lock = json.loads(LOCK.read_text(encoding="utf-8"))
lock["packages"] = {
    name: {key: value for key, value in entry.items() if key in KEPT} for name, entry in lock["packages"].items()
}
LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
