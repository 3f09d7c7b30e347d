"""A workbook with one sheet for each surface: headings, then rows; dates and amounts are cells of their kind."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter

from pipelines.sandbox.hishebi.sheets import Sheet


def xlsx_of(sheets: Sequence[Sheet], made_on: dt.date) -> bytes:
    """The workbook's bytes; the same sheets and day give the same bytes. No text becomes a formula or a link."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties({"created": dt.datetime.combine(made_on, dt.time())})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        bold = workbook.add_format({"bold": True})
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, heading, bold)
            for number, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, dt.date):
                        page.write_datetime(number, column, value, day)
                    elif isinstance(value, Decimal | int):
                        page.write_number(number, column, value)
                    elif value is not None:
                        page.write_string(number, column, str(value))
    return out.getvalue()
