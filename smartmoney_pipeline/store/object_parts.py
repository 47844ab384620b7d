"""Where workers find a day and leave their parts: in folders that all of them see, or on the object storage that the result goes to."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smartmoney_pipeline.store.object_folder import PARTS, opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.urls import object_url


@dataclass(frozen=True, slots=True)
class Handover:
    """Folders or URLs that every worker sees: the day, and where parts go. `copies` is a folder of this process."""

    day: str
    parts: str
    copies: Path

    def part(self, place: str) -> Path:
        """Return the folder of a part that a worker left at `place`, on this machine."""
        return opened_folder(place, into=self.copies)


@contextmanager
def handover(out: str | Path, staging: Path, day: Path, where: str | None = None) -> Iterator[Handover]:
    """Yield where the work on `day` for the result `out` is handed over, and remove the parts when the block ends.

    For a result in a folder parts lie hidden in `staging`. For one at a URL they lie below it, under a name of this run alone, and so does
    the day unless `where` says at which URL workers find it. Parts of a run that was killed are removed by a later one.
    """
    url, folder = object_url(out), staging / f".{PARTS}"
    if url is None:
        yield Handover(where or str(day.absolute()), str(folder), folder)
        shutil.rmtree(folder)
        return
    mine = Objects(url).child(PARTS, uuid.uuid4().hex)
    try:
        if where is None:
            publish_folder(day, mine.child("day"))
        yield Handover(where or f"{mine.url}/day", mine.url, folder)
        shutil.rmtree(folder)
    finally:
        mine.remove([one.name for one in mine.listed()])
