"""Puts the parts of an import together: one canonical folder a day, with its quarantine and a report of the import."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.parts import ANY_DAY, MARKED, QUARANTINE, new_writer, part_counts
from smartmoney_pipeline.tape.quality import by_reason, quote_counts
from smartmoney_pipeline.tape.quarantine import merge_quarantine
from smartmoney_pipeline.tape.tables import CARRIED_OPTION_QUOTE, CARRIED_UNDERLYING_QUOTE, table_spec

REPORT = "import.json"
IMPORT_QUARANTINE = "import_quarantine.parquet"
_ONE_A_SYMBOL = frozenset({"contracts", "open_interest"})
"""Tables that hold a contract once; of several rows the one of the last file stays."""

_QUOTES = {"option_quotes": CARRIED_OPTION_QUOTE, "underlying_quotes": CARRIED_UNDERLYING_QUOTE}
_CARRIED = {"nbbo": CARRIED_OPTION_QUOTE, "underlying": CARRIED_UNDERLYING_QUOTE}


@dataclass(frozen=True, slots=True)
class Imported:
    """The parts of one import: (name of the file, folder of its part), in order of the files."""

    vendor: str
    nature: TapeNature
    not_graded: Sequence[str]
    parts: Sequence[tuple[str, Path]]
    options: Mapping[str, Any]
    passed_over: Mapping[str, str]
    """Files of the folder that hold nothing for a tape, and what they hold."""

    def totals(self) -> dict[str, dict[str, int]]:
        """Counts of all files by table: rows, read, quarantined, left_out, made."""
        totals: dict[str, Counter[str]] = {}
        for _, part in self.parts:
            for table, numbers in part_counts(part).items():
                totals.setdefault(table, Counter()).update(numbers)
        return {table: dict(counts) for table, counts in totals.items()}

    def quarantine(self) -> pa.Table:
        """Rows of all files that cannot be used."""
        return merge_quarantine(pq.read_table(part / QUARANTINE) for _, part in self.parts)

    def days(self) -> list[str]:
        """Days that some print or quote lies on."""
        return sorted({folder.name for _, part in self.parts for folder in part.iterdir() if folder.is_dir() and folder.name != ANY_DAY})


def assemble(imported: Imported, day: str, folder: Path) -> dict[str, Any]:
    """Write the canonical tables of one day into `folder`; return the report, which is written last as `import.json`."""
    sources = _sources(imported, day)
    for table, files in sources.items():
        if table in _ONE_A_SYMBOL:
            _small_table(table, files, folder)
        else:
            _large_table(table, files, folder, _added_columns(table, sources))
    quarantine = imported.quarantine()
    pq.write_table(quarantine, folder / IMPORT_QUARANTINE)
    report = _report(imported, day, folder, sorted(sources)) | {"quarantined_by_reason": by_reason(quarantine)}
    (folder / REPORT).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return report


def import_facts(folder: Path) -> dict[str, Any] | None:
    """What the import of a tape says of it: vendor, nature of its rows, what cannot be graded, counts; None for a tape not imported."""
    path = folder / REPORT
    if not path.is_file():
        return None
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        facts = {name: report[name] for name in ("vendor", "nature", "not_graded", "missing", "totals")}
        return facts | {"nature": TapeNature(facts["nature"])}
    except (ValueError, KeyError, TypeError) as fault:
        raise TapeError(path, f"is no report of an import: {fault}") from fault


def _sources(imported: Imported, day: str) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for _, part in imported.parts:
        for file in [*sorted((part / ANY_DAY).glob("*.parquet")), *sorted((part / day).glob("*.parquet"))]:
            found.setdefault("option_prints" if file.stem == MARKED else file.stem, []).append(file)
    return dict(sorted(found.items()))


def _added_columns(table: str, sources: Mapping[str, Sequence[Path]]) -> tuple[str, ...]:
    """Carried quotes that stay empty: a tape must bring quotes or say that it has none."""
    if table != "option_prints":
        return ()
    return tuple(name for quotes, names in _QUOTES.items() if quotes not in sources for name in names)


def _small_table(table: str, files: Sequence[Path], folder: Path) -> None:
    rows = pa.concat_tables([pq.read_table(file) for file in files], promote_options="default").to_pandas()
    kept = rows.drop_duplicates("option_symbol", keep="last").sort_values("option_symbol")
    pq.write_table(pa.Table.from_pandas(kept, preserve_index=False), folder / f"{table}.parquet")


def _large_table(table: str, files: Sequence[Path], folder: Path, added: Sequence[str]) -> None:
    target = folder / f"{table}.parquet"
    schemas = [pq.read_schema(file) for file in files]
    there = {name for schema in schemas for name in schema.names} | set(added)
    if len(files) == 1 and there == set(schemas[0].names):
        _link(files[0], target)
        return
    wanted = pa.schema([(spec.name, spec.kind.value) for spec in table_spec(table) if spec.name in there])
    writer = new_writer(target, wanted)
    for batch in _batches(files):
        columns = [batch[field.name] if field.name in batch.column_names else pa.nulls(len(batch), field.type) for field in wanted]
        writer.write_table(pa.table(columns, schema=wanted))
    writer.close()


def _batches(files: Sequence[Path]) -> Iterator[pa.Table]:
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for group in range(parquet.num_row_groups):
                yield parquet.read_row_group(group)


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system knows no second name."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _report(imported: Imported, day: str, folder: Path, tables: Sequence[str]) -> dict[str, Any]:
    report = {
        "vendor": imported.vendor,
        "nature": imported.nature,
        "not_graded": list(imported.not_graded),
        "session": day,
        "options": dict(imported.options),
        "files": {name: part_counts(part) for name, part in imported.parts},
        "passed_over": dict(imported.passed_over),
        "totals": imported.totals(),
        "tables": {table: pq.read_metadata(folder / f"{table}.parquet").num_rows for table in tables},
        "missing": [name for name in ("option_prints", *_QUOTES) if name not in tables],
    }
    return report | {"prints": _print_facts(folder / "option_prints.parquet")} if "option_prints" in tables else report


def _print_facts(path: Path) -> dict[str, Any]:
    """Counts that say what the tape cannot tell: unknown conditions and venues, prints without a quote; 0 on both sides is none."""
    counts: Counter[str] = Counter()
    with pq.ParquetFile(path, read_dictionary=["exchange", "condition"]) as file:
        carried = {name: pair for name, pair in _CARRIED.items() if set(pair) <= set(file.schema_arrow.names)}
        columns = ["exchange", "condition", *(name for pair in carried.values() for name in pair)]
        for batch in file.iter_batches(1 << 18, columns=columns):
            counts["prints"] += len(batch)
            counts["condition_unknown"] += _equal(batch["condition"], "?")
            counts["venue_unknown"] += _equal(batch["exchange"], "")
            for name, (bid, ask) in carried.items():
                counts[f"with_{name}"] += len(batch) - quote_counts(batch[bid], batch[ask])["zero"]
    return dict(counts)


def _equal(values: pa.Array, word: str) -> int:
    return int(pc.sum(pc.equal(values.cast(pa.string()), word)).as_py() or 0)
