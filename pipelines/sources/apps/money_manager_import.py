"""The table people fill in for Money Manager's own import."""

from __future__ import annotations

from pipelines.sources.apps.money_manager import MoneyManagerImportFormat

FORMAT = MoneyManagerImportFormat()
