"""Resources: the home every asset works in, opened once per run."""

from __future__ import annotations

import dagster as dg
from pydantic import PrivateAttr

from pipelines.ingest.decoding import Decoder
from pipelines.workplace import Workplace, open_workplace

WAREHOUSE_WRITER = "warehouse_writer"
"""Pool of one: whoever writes the working file holds a place in it."""


class HomeResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home that HISAB_HOME names, with one decoding process for the whole run.

    `only`, when it names connections, keeps a run to them: what webhook events ask to read again.
    """

    full: bool = False
    accept_deletions: bool = False
    only: list[str] = []  # noqa: RUF012 - pydantic copies it
    _decoder: Decoder = PrivateAttr(default_factory=Decoder)

    @property
    def workplace(self) -> Workplace:
        """The home, opened. Raises HomeError or KeyProblem."""
        return open_workplace()

    @property
    def decoder(self) -> Decoder:
        """The run's decoding process; it starts when first asked."""
        return self._decoder

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster's signature
        """End the decoding process with the run."""
        self._decoder.close()
