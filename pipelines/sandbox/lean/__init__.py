"""A pretend Lean: open banking of two countries with tokens, consents, pages, webhooks and a connect form.

`pipelines.sandbox.running.running_sandbox` serves it beside the pretend Hishebi on one port: the UAE region below
`/uae`, the Saudi one below `/ksa`. Below each of them stand

- Lean's own paths: `/oauth2/token`, `/banks/v1`, `/customers/v1…`, `/data/v2/…`, `/events/v1`;
- `/linksdk.js`, the pretend LinkSDK;
- `/webhooks`, where an address for events is registered and deliveries are steered;
- `/pretend/…`, which steers the rest: connecting without a browser, faults, changes, states of an entity, counts.

Balances agree with the transactions here, and running balances go on from row to row. Those of Lean's own sandbox
do not: a client that leans on continuity must be tested against both.
"""
