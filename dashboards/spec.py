"""What a dashboard file may say: keys, titles in three languages, filters and cards on a grid of 24 columns.

Put here the shape and its rules. Keep out running SQL (`dashboards.results`) and drawing (`dashboards.page`). Names
of displays and of viz settings are Metabase's, so that the same file can be deployed there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

GRID_COLUMNS = 24
LANGUAGES = ("en", "bn", "ar")
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class DashboardError(Exception):
    """A dashboard file cannot be used; the message names the file, the place in it and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(_Strict):
    """One text in every language of the pages."""

    en: str = Field(min_length=1)
    bn: str = Field(min_length=1)
    ar: str = Field(min_length=1)


class Place(_Strict):
    """Where a card stands: left column and top row (from 0), size in columns and rows."""

    col: int = Field(ge=0, lt=GRID_COLUMNS)
    row: int = Field(ge=0)
    width: int = Field(ge=1, le=GRID_COLUMNS)
    height: int = Field(ge=1, le=60)

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.col + self.width > GRID_COLUMNS:
            raise ValueError(f"col + width must not pass {GRID_COLUMNS}")
        return self

    def overlaps(self, other: Place) -> bool:
        """Whether the two share a cell."""
        return (
            self.col < other.col + other.width
            and other.col < self.col + self.width
            and self.row < other.row + other.height
            and other.row < self.row + self.height
        )


class Viz(_Strict):
    """How a result is drawn, in Metabase's setting names.

    A dimension `category` stands for the columns `category_en`, `category_bn` and `category_ar` where the result has
    them: the page shows the one of the reader's language.
    """

    dimensions: list[Key] = Field(default=[], alias="graph.dimensions", max_length=2)
    metrics: list[Key] = Field(default=[], alias="graph.metrics")
    stack_type: Literal["stacked"] | None = Field(default=None, alias="stackable.stack_type")
    scalar_field: Key | None = Field(default=None, alias="scalar.field")


class Param(_Strict):
    """A filter: `sql` gives its choices as columns `value` and `label`, the most useful first.

    A required one always has a value (the first choice to begin with); another may stand at `all`.
    """

    key: Key
    titles: Words
    sql: str
    required: bool = False
    all: Words | None = None

    @model_validator(mode="after")
    def _one_way_to_be_empty(self) -> Self:
        if self.required == (self.all is not None):
            raise ValueError("give `all` (its name) for a filter that is not required, and only then")
        return self


class Card(_Strict):
    """One figure, chart or table and the statement behind it.

    `sql` reads marts only. `{{param}}` is bound, never spliced; a part in `[[ ]]` falls away when its filter is not
    set.
    """

    key: Key
    titles: Words
    display: Literal["scalar", "bar", "line", "row", "table"]
    at: Place
    sql: str
    viz: Viz = Viz()

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        if self.display == "scalar" and not self.viz.scalar_field:
            raise ValueError("a scalar names its column in viz: scalar.field")
        if self.display in {"bar", "line", "row"} and not (self.viz.dimensions and self.viz.metrics):
            raise ValueError("a chart names its columns in viz: graph.dimensions and graph.metrics")
        if len(self.viz.dimensions) > 1 and len(self.viz.metrics) > 1:
            raise ValueError("a chart has two dimensions or several metrics, not both")
        return self


class Dashboard(_Strict):
    """One page."""

    key: Key
    titles: Words
    description: str
    owner: str
    params: list[Param]
    labels: dict[str, Words]
    cards: list[Card] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for kind, keys in (("card", [c.key for c in self.cards]), ("filter", [p.key for p in self.params])):
            if len(set(keys)) < len(keys):
                raise ValueError(f"two {kind}s have the same key")
        for number, card in enumerate(self.cards):
            for other in self.cards[:number]:
                if card.at.overlaps(other.at):
                    raise ValueError(f"cards {other.key} and {card.key} lie on each other")
        return self


def load_spec(path: Path) -> Dashboard:
    """Read one dashboard file. Raises DashboardError."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        spec = Dashboard.model_validate(content)
    except FileNotFoundError:
        raise DashboardError(f"There is no dashboard {path.name}.") from None
    except yaml.YAMLError as error:
        raise DashboardError(f"{path.name} is not valid YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DashboardError(f"{path.name}, {place}: {first['msg']}.") from None
    if spec.key != path.stem:
        raise DashboardError(f"{path.name}, key: it must be the file's name, {path.stem}.")
    return spec
