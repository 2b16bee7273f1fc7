"""Values: small records that nobody changes once they are made.

To the type checker `dataclass` is the standard library's, so what is `frozen` cannot be assigned to and `make check`
says where somebody tries. When it runs, what is frozen is made like any other record: the standard library would set
each field through `object.__setattr__`, which makes a record of eight fields five times as slow to create, and a
patient's report creates some hundred.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "field"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, eq: bool = True, **how: Any) -> Callable[[type], type]:  # noqa: ANN401 - the library's own options
        """`dataclasses.dataclass`, whose frozen records are hashed as ever and guarded by the type checker alone."""
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **how)
