"""Reads saved state and takes in classes of this library, of NumPy, pandas and pyarrow, and plain containers: no other name."""

from __future__ import annotations

import pickle
from typing import Any
from zoneinfo import ZoneInfo

from smartmoney_pipeline.store.errors import StoreError

_PACKAGES = ("smartmoney_pipeline", "numpy", "pandas", "pyarrow")
_PLAIN = {
    "builtins": {"set", "frozenset", "slice", "list", "dict", "tuple", "bytearray", "object", "complex"},
    "collections": {"OrderedDict", "defaultdict", "deque"},
    "copyreg": {"_reconstructor", "__newobj__"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "pathlib": {"Path", "PosixPath", "WindowsPath", "PurePosixPath"},
    "zoneinfo": {"ZoneInfo"},
    "functools": {"partial"},
}


def _public(owner: object, name: str) -> object:
    """A public attribute of a class, or any of a time zone: that is how pickles name class methods."""
    if owner is not ZoneInfo and (not isinstance(owner, type) or name.startswith("_")):
        raise StoreError(f"the saved state asks for {name} of {owner!r}, which no state does")
    return getattr(owner, name)


class KnownClasses(pickle.Unpickler):
    """Reads classes of known packages and plain containers only."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of this name. Raises `StoreError` for one that no state holds."""
        if (module, name) == ("builtins", "getattr"):
            return _public
        if module.partition(".")[0] in _PACKAGES or name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        raise StoreError(f"the saved state names {module}.{name}, which no state holds")
