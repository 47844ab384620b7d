"""Packages found without their codes on a Cboe DataShop trades file: precision and recall of prints against the code.

Run as `python benchmarks/hidden_codes.py FILE.csv`. Every spread code is overwritten by that of an ordinary trade before the tape is
built, so neither the reader nor the scorer can see one; the original file is read again only to compare.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

from smartmoney_pipeline.console import scoring
from smartmoney_pipeline.evaluation.package_agreement import PackageAgreement, package_agreement

SPREAD, ORDINARY = "35", "0"
CODE = "trade_condition_id"


def hide_codes(text: str) -> tuple[str, list[str]]:
    """The file's text with ordinary codes in place of spread codes, and the sequence numbers of the prints that had one."""
    lines = text.splitlines()
    names = lines[0].split(",")
    code, sequence = names.index(CODE), names.index("sequence_number")
    hidden, rows = [], [lines[0]]
    for line in lines[1:]:
        fields = line.split(",")
        if fields[code] == SPREAD:
            hidden.append(fields[sequence])
            fields[code] = ORDINARY
        rows.append(",".join(fields))
    return "\n".join(rows) + "\n", hidden


def agreement(file: Path, folder: Path) -> PackageAgreement:
    """Score the file without its spread codes, into `folder`, and compare."""
    text, hidden = hide_codes(file.read_text())
    tape, out = folder / file.name, folder / "out"
    tape.write_text(text)
    scoring.run(scoring.Job(tape, out, "cboe", quiet=True))
    members = pd.read_parquet(out / "parent_event_members.parquet", columns=["event_id", "print_id"])
    events = pd.read_parquet(out / "smart_money_events.parquet", columns=["event_id", "assembly"])
    number = members["print_id"].str.rsplit("-", n=1).str[-1]
    return package_agreement(members, events, members["print_id"][number.isin(hidden)].tolist())


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    with tempfile.TemporaryDirectory() as folder:
        a = agreement(parser.parse_args().file, Path(folder))
    counts = {name: getattr(a, name) for name in ("coded", "found", "shared", "events", "mixed", "precision", "recall")}
    json.dump(counts, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
