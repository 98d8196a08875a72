"""The files that `yinuo export` writes, block by block: CSV, JSON lines, Parquet. Knows no database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self

from yinuo.cli.formats import csv_cell, plain
from yinuo.cli.words import ExportFormat
from yinuo.errors import Misuse, YinuoError

if TYPE_CHECKING:
    from yinuo.storage.exporting import ViewColumn

Block = list[tuple[Any, ...]]

GROUP = 5_000
"""Rows of a Parquet row group: more would be packed better, and held in memory."""
DIGITS, DECIMALS = 38, 12
"""What a Parquet decimal holds that every reader can take."""


class RowWriter(Protocol):
    """Takes blocks of rows; whole once it is left without an error."""

    def __enter__(self) -> Self: ...  # noqa: D105
    def __exit__(  # noqa: D105
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, block: Block) -> None:
        """Write these rows."""


def row_writer(form: ExportFormat) -> Callable[[BinaryIO, Sequence[ViewColumn]], RowWriter]:
    """The writer of a format. Misuse where Parquet's library is not installed."""
    if form == ExportFormat.PARQUET:
        _pyarrow()
        return ParquetRows
    return CsvRows if form == ExportFormat.CSV else JsonRows


class CsvRows:
    """A head, then a record a row, as the other commands write CSV."""

    def __init__(self, stream: BinaryIO, columns: Sequence[ViewColumn]) -> None:
        """Writes the head at once, so that a view without rows is a file too."""
        self._text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\n")
        self._csv.writerow([column.name for column in columns])

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The stream stays open; it is another's."""
        self._text.detach()

    def write(self, block: Block) -> None:
        """Write these rows."""
        self._csv.writerows([csv_cell(value) for value in row] for row in block)


class JsonRows:
    """An object a line; lists and objects are what they are, not text."""

    def __init__(self, stream: BinaryIO, columns: Sequence[ViewColumn]) -> None:
        """Writes nothing yet."""
        self._stream = stream
        self._names = [column.name for column in columns]
        self._json = frozenset(at for at, column in enumerate(columns) if column.type in ("json", "jsonb"))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do."""

    def write(self, block: Block) -> None:
        """Write these rows."""
        self._stream.write("".join(map(self._line, block)).encode())

    def _line(self, row: tuple[Any, ...]) -> str:
        values = (
            json.loads(value) if at in self._json and value is not None else value
            for at, value in enumerate(row)
        )
        pairs = dict(zip(self._names, values, strict=True))
        return json.dumps(pairs, ensure_ascii=False, default=plain) + "\n"


class ParquetRows:
    """Columns with types: days are dates, numbers exact decimals, lists JSON text."""

    def __init__(self, stream: BinaryIO, columns: Sequence[ViewColumn]) -> None:
        """Begins the file."""
        self._arrow = _pyarrow()
        self._columns = columns
        fields = [(column.name, self._type(column.type)) for column in columns]
        self._schema = self._arrow.schema(fields)
        self._file = self._arrow.parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._waiting: Block = []

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The rows that wait, and the foot of the file."""
        if kind is None:
            self._write_waiting()
            self._file.close()

    def write(self, block: Block) -> None:
        """Take these rows; they are written when enough have come for a row group."""
        self._waiting += block
        if len(self._waiting) >= GROUP:
            self._write_waiting()

    def _write_waiting(self) -> None:
        rows, self._waiting = self._waiting, []
        if rows:
            arrays = [
                self._array(column, field.type, values)
                for column, field, values in zip(
                    self._columns, self._schema, zip(*rows, strict=True), strict=True
                )
            ]
            self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def _array(self, column: ViewColumn, kind: Any, values: tuple[Any, ...]) -> Any:
        try:
            return self._arrow.array(values, type=kind)
        except self._arrow.ArrowInvalid as error:
            if column.type != "numeric":
                raise
            wrong = next(value for value in values if value is not None and not _fits(value))
            raise YinuoError(
                f"{column.name} holds {wrong}, which a Parquet decimal cannot ({DIGITS} digits, {DECIMALS} after the "
                "point): --format csv or jsonl keeps it"
            ) from error

    def _type(self, name: str) -> Any:
        arrow = self._arrow
        known = {
            "int2": arrow.int16(), "int4": arrow.int32(), "int8": arrow.int64(), "float4": arrow.float32(),
            "float8": arrow.float64(), "bool": arrow.bool_(), "date": arrow.date32(),
            "timestamptz": arrow.timestamp("us", tz="UTC"), "numeric": arrow.decimal128(DIGITS, DECIMALS),
        }  # fmt: skip
        return known.get(name, arrow.string())


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= DECIMALS and value.adjusted() < DIGITS - DECIMALS


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Misuse(
            "Parquet needs another library: pip install 'yinuo[parquet]', or --format csv or jsonl"
        ) from None
    return pyarrow
