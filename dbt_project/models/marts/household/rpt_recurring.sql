with templates as (
    select * from {{ ref('int_household__recurring_owned') }}
)

select
    recurring_entry_key,
    party_key,
    household_key,
    account_key,
    next_date,
    first_date,
    final_date,
    source_name,
    entry_kind,
    frequency,
    category_group,
    category_name,
    coalesce(payee_name, transfer_account) as payee_name,
    currency_code,
    entry_amount
from templates
