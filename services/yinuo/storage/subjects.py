"""What a table of rows can be of: a view, what filters and sorts it, and the rows it gives.

Not for asking (`questions.py`). Every name of a filter, a sort and a facet is one of a part in `sql/explorer.sql`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from yinuo.storage.found import FromRecord
from yinuo.storage.view_rows import DueRow, MetricRow, PledgeRow, SilentRow, TargetRow

FACET_ROWS = 5_000
"""So many matching rows are counted for the facets; beyond it the page says "more than"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about: a view, its key, and the names of parts that may filter and sort it."""

    name: str
    """Also of its page, and of the part that says where its rows come from."""
    row: type[FromRecord]
    id: str
    filters: tuple[str, ...]
    named: str
    """The column that words may stand in besides quote and title."""
    facets: str
    sorts: Mapping[str, type]
    default_sort: str
    dated: bool = True
    """Whether rows have a due day."""
    figures: bool = False
    """Whether rows are numbers, which say little without the words around them."""
    facet_rows: int = FACET_ROWS
    otherwise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a filter is where nothing is chosen."""

    @property
    def facet_names(self) -> tuple[str, ...]:
        """The filters that are offered with counts."""
        return tuple(name for name in self.filters if name not in ("article", "light"))


_OF_PLEDGES = ("promiser", "speaker", "executor", "firmness", "testability", "topic", "region", "source")

PLEDGES = Subject(
    name="pledges",
    row=PledgeRow,
    id="pledge_id",
    filters=(*_OF_PLEDGES, "kind", "article"),
    named="promiser",
    facets="pledge_facets",
    sorts={"due": date, "published": date, "promiser": str, "firmness": int, "specificity": int},
    default_sort="-published",
)
METRICS = Subject(
    name="metrics",
    row=MetricRow,
    id="metric_id",
    filters=(
        "indicator", "subject", "pledge_promiser", "status", "pledge_firmness", "measure", "unit", "period", "region",
        "source", "article",
    ),
    named="indicator",
    facets="metric_facets",
    sorts={"published": date, "indicator": str, "value": Decimal, "period": date, "status": str},
    default_sort="-published",
    dated=False,
    figures=True,
)  # fmt: skip
DUE = Subject(
    name="due",
    row=DueRow,
    id="pledge_id",
    filters=("light", *_OF_PLEDGES, "kind", "article"),
    named="promiser",
    facets="view_facets",
    sorts={"due": date},
    default_sort="due",
    otherwise={"light": ("to_come",)},
)
SILENT = Subject(
    name="silent",
    row=SilentRow,
    id="pledge_id",
    filters=("light", *_OF_PLEDGES, "article"),
    named="promiser",
    facets="view_facets",
    sorts={"due": date},
    default_sort="-due",
    facet_rows=100,
)
TARGETS = Subject(
    name="targets",
    row=TargetRow,
    id="metric_id",
    filters=(
        "light",
        "promiser",
        "indicator",
        "speaker",
        "firmness",
        "testability",
        "status",
        "unit",
        "source",
        "article",
    ),
    named="indicator",
    facets="target_facets",
    sorts={"due": date, "value": Decimal, "indicator": str},
    default_sort="due",
    figures=True,
)
