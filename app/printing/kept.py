"""Which pictures that were made are still at hand? The latest asked for, within a bound of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Kept:
    """Bytes by what was asked for. The ones that nobody asked for longest go first; any thread may ask."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, asked: Hashable) -> bytes | None:
        """What was put there, if it is still held."""
        with self._lock:
            found = self._found.get(asked)
            if found is not None:
                self._found.move_to_end(asked)
            return found

    def put(self, asked: Hashable, found: bytes) -> None:
        """Hold it. What alone is larger than the bound is not held."""
        if len(found) > self.most_bytes:
            return
        with self._lock:
            self.held_bytes += len(found) - len(self._found.pop(asked, b""))
            self._found[asked] = found
            while self.held_bytes > self.most_bytes:
                _, gone = self._found.popitem(last=False)
                self.held_bytes -= len(gone)
