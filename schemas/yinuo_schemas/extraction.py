"""What comes out: one `Extraction` an article. Field order here is the order on the wire."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
)

from yinuo_schemas.article import Article

SCHEMA_NAME = "extraction"
SCHEMA_MAJOR = 1
SCHEMA_HEADER = "yinuo-schema"
SCHEMA_VERSION = f"{SCHEMA_NAME}/{SCHEMA_MAJOR}"


def _exact_decimal(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("a number is sent as a decimal string, not as a float")
    return value


DecimalText = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    PlainSerializer(lambda value: format(value, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}),
]
"""An exact number, on the wire a plain decimal string: '71100000000', '-0.1'."""


class PassageKind(StrEnum):
    """What a stretch of the page is."""

    HEADLINE = "headline"
    KICKER = "kicker"
    BYLINE = "byline"
    QUESTION = "question"
    ANSWER = "answer"
    BODY = "body"
    NOISE = "noise"


class PledgeKind(StrEnum):
    """`pledge`: an outsider could check it. `aspiration`: a direction, nothing checkable."""

    PLEDGE = "pledge"
    ASPIRATION = "aspiration"


class Firmness(StrEnum):
    """How firmly the words bind, strongest first."""

    GUARANTEE = "guarantee"
    COMMITMENT = "commitment"
    AIM = "aim"
    EFFORT = "effort"
    RHETORIC = "rhetoric"


class Testability(StrEnum):
    """`testable`: number, date or certifiable end state. `weak`: a named act. `none`: an aspiration."""

    TESTABLE = "testable"
    WEAK = "weak"
    NONE = "none"


class DueBasis(StrEnum):
    """Where the due date comes from."""

    EXPLICIT = "explicit"
    REFERENCE = "reference"
    SCOPE = "scope"
    RELATIVE = "relative"
    NONE = "none"


class Binding(StrEnum):
    """Whether the text itself calls the target binding (约束性) or expected (预期性)."""

    BINDING = "binding"
    EXPECTED = "expected"
    UNSTATED = "unstated"


class Comparator(StrEnum):
    """How the true value relates to the number."""

    EQ = "eq"
    GE = "ge"
    GT = "gt"
    LE = "le"
    LT = "lt"
    APPROX = "approx"


class MetricStatus(StrEnum):
    """Aimed at, reached, estimated, standing, or only qualifying a class."""

    TARGET = "target"
    ACHIEVED = "achieved"
    EXPECTED = "expected"
    BASELINE = "baseline"
    THRESHOLD = "threshold"


class Measure(StrEnum):
    """What kind of quantity the number is."""

    LEVEL = "level"
    CHANGE_RATE = "change_rate"
    CHANGE_ABS = "change_abs"
    SHARE = "share"
    RANK = "rank"
    COUNT = "count"


class Flow(StrEnum):
    """`flow`: over a period (GDP). `stock`: at a moment (year-end deposits)."""

    STOCK = "stock"
    FLOW = "flow"
    UNKNOWN = "unknown"


class ReferenceBasis(StrEnum):
    """Where the reference date comes from."""

    PUBLISHED = "published"
    STATED = "stated"
    INFERRED = "inferred"
    NONE = "none"


class Topic(StrEnum):
    """What local governments promise, in eighteen fields.

    After the chapters that Chinese government work reports and the State Council's list of government work
    share; `other` where no word of the topic table occurs.
    """

    GROWTH = "growth"
    INDUSTRY = "industry"
    INVESTMENT = "investment"
    INNOVATION = "innovation"
    OPENING = "opening"
    BUSINESS = "business"
    AGRICULTURE = "agriculture"
    URBAN = "urban"
    TRANSPORT = "transport"
    ENVIRONMENT = "environment"
    EDUCATION = "education"
    HEALTH = "health"
    WELFARE = "welfare"
    CULTURE = "culture"
    SAFETY = "safety"
    GOVERNANCE = "governance"
    PARTY = "party"
    OTHER = "other"


class _Record(BaseModel):
    # Readers ignore unknown keys of the same major schema, so that a newer writer can add one.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Span(_Record):
    """A stretch `[start, end)` of code points of the article's text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Cue(Span):
    """The word that decided the firmness, where it stands."""

    text: str


class Noise(Span):
    """Damage that was bridged inside a row."""

    kind: Literal["break", "space", "width", "variant", "confusion", "repetition", "garbage"]


class Region(_Record):
    """A place as the text names it, with its GB/T 2260 code where it is certain."""

    name: str
    code: str | None


class Speaker(_Record):
    """Whose words these are."""

    name: str
    post: str | None
    organisation: str | None


class ExtractorVersion(_Record):
    """Which rules read the article."""

    name: str
    version: str = Field(description="Semantic version of the extraction package.")
    rules_digest: str = Field(
        description="sha256 (hex) over data files and source of the extraction package."
    )


class Passage(Span):
    """A stretch of the page, what it is and who speaks in it."""

    kind: PassageKind
    speaker: Speaker | None


DoubtName = Literal[
    "promiser_unknown", "due_unresolved", "kind_borderline", "noise_inside", "cut_off", "past_or_future",
    "speaker_uncertain", "indicator_unknown", "unit_unknown", "status_uncertain", "reference_inferred",
]  # fmt: skip
"""What a reviewer should look at; a closed list."""


class Pledge(_Record):
    """Who undertakes what, by when, how firmly."""

    pledge_id: str
    start: int = Field(ge=0, description="Code point offset into the article's text, inclusive.")
    end: int = Field(ge=0, description="Code point offset, exclusive.")
    quote: str = Field(description="text[start:end], unchanged.")
    kind: PledgeKind
    promiser: str | None = Field(description="The organisation that answers for it, as the text names it.")
    speaker: str | None = Field(description="Name of the person whose words these are.")
    speaker_post: str | None
    executor: str | None = Field(
        description="Who is to act, where the clause names another than the promiser."
    )
    action: str | None = Field(description="The verb.")
    object: str | None
    means: str | None = Field(description="Frames before the clause: 以…为抓手.")
    purpose: str | None = Field(description="Tails after the clause: 推动….")
    due: date | None = Field(description="Last day by which it is promised.")
    due_start: date | None = Field(description="First day of the interval, where the text gives one.")
    due_basis: DueBasis
    due_text: str | None = Field(description="The time phrase as written.")
    firmness: Firmness
    cue: Cue | None
    testability: Testability
    specificity: int = Field(
        ge=1,
        le=6,
        description="1 rhetorical, 2 direction, 3 continuing a policy, 4 a goal without number, "
        "5 a concrete act or named thing, 6 number, date or certified level.",
    )
    binding: Binding
    topic: Topic
    region: Region | None
    inherited: dict[str, Span] = Field(description="Field → where a value outside the quote was read.")
    noise: list[Noise]
    doubts: list[DoubtName]
    rules: list[str] = Field(description="Names of the rules that fired.")


class Metric(_Record):
    """What number, of what, in which unit, compared how, reached or aimed at."""

    metric_id: str
    start: int = Field(ge=0, description="Code point offset into the article's text, inclusive.")
    end: int = Field(ge=0, description="Code point offset, exclusive.")
    quote: str = Field(description="text[start:end], unchanged.")
    indicator: str | None = Field(description="What is measured, in the text's words.")
    value: DecimalText = Field(description="Multiplied out; a decline is negative.")
    value_high: DecimalText | None = Field(description="Upper end of a range.")
    unit: str | None = Field(description="As written, without the multiplier.")
    unit_code: str | None = Field(description="UN/CEFACT or UCUM code; CNY for 元.")
    comparator: Comparator
    status: MetricStatus
    measure: Measure
    flow: Flow
    period: str | None = Field(description="2023, 2023-Q1, 2023-05, 2013-2023 or 2022-12-31.")
    period_start: date | None
    period_end: date | None
    base: str | None = Field(description="What a change is compared with, as written: 同比.")
    subject: str | None = Field(description="Whose number it is.")
    region: Region | None
    pledge_id: str | None = Field(description="The pledge that aims at this number.")
    noise: list[Noise]
    doubts: list[DoubtName]
    rules: list[str]


SkipReason = Literal[
    "question", "headline", "repetition", "name", "slogan", "duration", "date", "ordinal", "past", "frame",
    "tail", "container", "no_number", "cut_off", "language", "third_party", "standing_fact", "forecast",
    "lookalike", "noise", "no_clause", "echo", "covered",
]  # fmt: skip
"""Why a number or a cue gave no row; a closed list."""


class Skipped(Span):
    """A number or forward-looking cue that gave no row, and why."""

    reason: SkipReason


class ReadArticle(Article):
    """The article as an extraction repeats it: fields that a newer release adds are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Extraction(_Record):
    """Everything read from one article: the value on `articles.extracted`."""

    article: ReadArticle
    reference_date: date | None = Field(description="The day that 今年 counts from.")
    reference_basis: ReferenceBasis
    extractor: ExtractorVersion
    passages: list[Passage]
    pledges: list[Pledge]
    metrics: list[Metric]
    skipped: list[Skipped]

    @field_validator("article", mode="before")
    @classmethod
    def _repeated(cls, value: object) -> object:
        return value.model_dump() if isinstance(value, Article) else value
