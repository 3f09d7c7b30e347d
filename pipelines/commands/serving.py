"""Serving: the receiver of webhooks."""

from __future__ import annotations

from pipelines.commands.screen import console
from pipelines.sources.source import SourceError
from pipelines.workplace import open_workplace


def serve(host: str, port: int) -> None:
    """Receive webhooks until interrupted. Raises SourceError without a secret, ServeProblem without a port."""
    from pipelines.local_server import serve as run
    from pipelines.webhooks.entities import ConnectedEntities
    from pipelines.webhooks.events import EventLanding
    from pipelines.webhooks.receiver import make_receiver

    workplace = open_workplace()
    secrets = workplace.settings.webhook_secrets
    if not any(secrets.values()):
        raise SourceError(
            "No webhook could be verified: set HISAB_LEAN_WEBHOOK_SECRETS or HISAB_HISHEBI_WEBHOOK_SECRETS to the "
            "secret the sender signs with."
        )
    app = make_receiver(
        EventLanding(workplace.home, workplace.keyring),
        ConnectedEntities(workplace.home, workplace.keyring),
        secrets,
    )
    paths = ", ".join(f"/webhooks/{sender}" for sender, known in secrets.items() if known)
    run(
        app,
        host=host,
        port=port,
        ready=lambda url: console.print(
            f"Receiving webhooks on [bold]{url}[/] ({paths}). Ctrl+C ends it.", soft_wrap=True
        ),
    )
