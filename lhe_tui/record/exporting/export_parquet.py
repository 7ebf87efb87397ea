"""Sessions as Parquet: the rows of the csv with types, texts as they came (the extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from lhe_tui.record.errors import ExportError
from lhe_tui.record.exporting.export_csv import COLUMNS, Cell, Named, turn_rows

_LARGEST = 1 << 63


def parquet_data(sessions: Iterable[Named]) -> bytes:
    """The whole file, a row group for each session. Raises ExportError where pyarrow is missing."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ExportError("parquet is written by pyarrow: pip install 'lhe-tui[parquet]'") from None
    schema = arrow.schema([(name, _type(arrow, column.type)) for name, column in COLUMNS.items()])
    out = arrow.BufferOutputStream()
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for session in sessions:
            columns = list(zip(*turn_rows([session]), strict=True)) or [()] * len(COLUMNS)
            arrays = [
                arrow.array([_value(cell, kind.type) for cell in column], field.type)
                for column, (kind, field) in zip(
                    columns, zip(COLUMNS.values(), schema, strict=True), strict=True
                )
            ]
            writer.write_table(arrow.table(arrays, schema=schema))
    data: bytes = out.getvalue().to_pybytes()
    return data


def _type(arrow: Any, name: str) -> Any:
    if name.startswith("list<"):
        return arrow.list_(arrow.type_for_alias(name[5:-1]))
    return arrow.type_for_alias(name)


def _value(cell: Cell, kind: str) -> Cell:
    """A value that a column can hold: no matrix, no whole number beyond 64 bits, no half of a surrogate pair."""
    if kind.startswith("list<") and isinstance(cell, tuple):
        parts = tuple(_value(part, kind[5:-1]) for part in cell)
        return None if None in parts else parts
    if kind == "int64" and not (isinstance(cell, int) and -_LARGEST <= cell < _LARGEST):
        return None
    return cell.encode("utf-8", "replace").decode("utf-8") if isinstance(cell, str) else cell
