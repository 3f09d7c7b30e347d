from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards import DASHBOARDS, FOLDER
from dashboards.spec import DashboardError, load_spec


def changed(tmp_path: Path, **changes: Any) -> Path:
    """The cash flow file with one place changed, e.g. `cards.4.at.width=30`; None removes it."""
    content = yaml.safe_load((FOLDER / "cashflow.yaml").read_text(encoding="utf-8"))
    for place, value in changes.items():
        *road, last = place.split("__")
        spot = content
        for step in road:
            spot = spot[int(step) if step.isdigit() else step]
        if value is None:
            del spot[last]
        else:
            spot[last] = value
    path = tmp_path / "cashflow.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("key", DASHBOARDS)
def test_every_dashboard_file_is_good(key: str) -> None:
    assert load_spec(FOLDER / f"{key}.yaml").key == key


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cards__0__colour": "red"}, r"cards\.0\.colour: Extra inputs are not permitted"),
        ({"cards__0__titles__bn": None}, r"cards\.0\.titles\.bn: Field required"),
        ({"cards__0__titles__ar": ""}, r"cards\.0\.titles\.ar"),
        ({"cards__4__at__width": 30}, r"cards\.4\.at\.width"),
        ({"cards__5__at__col": 20}, r"cards\.5\.at: .*must not pass 24"),
        ({"cards__5__at__col": 10}, "cards by_month and savings_rate lie on each other"),
        ({"cards__4__display": "pie"}, r"cards\.4\.display"),
        ({"cards__4__viz": {}}, "a chart names its columns"),
        ({"cards__0__viz": {}}, "a scalar names its column"),
        ({"cards__1__key": "income"}, "two cards have the same key"),
        ({"params__1__key": "currency"}, "two filters have the same key"),
        ({"params__1__required": True}, "give `all`"),
        ({"key": "other"}, "it must be the file's name, cashflow"),
        ({"cards": []}, "cards"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(DashboardError, match=says) as caught:
        load_spec(changed(tmp_path, **change))
    assert "cashflow.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_yaml_or_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("key: [")
    with pytest.raises(DashboardError, match=r"broken\.yaml is not valid YAML"):
        load_spec(tmp_path / "broken.yaml")
    with pytest.raises(DashboardError, match=r"no dashboard none\.yaml"):
        load_spec(tmp_path / "none.yaml")
