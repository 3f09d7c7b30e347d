with declared as (
    select * from {{ ref('int_core__accounts_declared') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

-- accounts that entries name and their source never told of: kept, and marked as such
mentioned as (
    select
        transactions.account_key,
        min(transactions.party_key) as party_key,
        min(transactions.source_name) as source_name
    from transactions
    where transactions.account_key not in (select declared.account_key from declared)
    group by transactions.account_key
)

select
    account_key,
    party_key,
    connection_key,
    source_name,
    account_name,
    account_kind,
    institution_name,
    masked_number,
    currency_code,
    true as is_declared
from declared

union all

select
    account_key,
    party_key,
    cast(null as uuid) as connection_key,
    source_name,
    'Undeclared account' as account_name,
    'other' as account_kind,
    cast(null as varchar) as institution_name,
    cast(null as varchar) as masked_number,
    cast(null as varchar) as currency_code,
    false as is_declared
from mentioned
