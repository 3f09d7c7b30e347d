with statements as (
    select * from {{ ref('stg_statements') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
)

select
    statements.statement_key,
    statements.connection_id,
    connections.party_key,
    coalesce(
        accounts.account_key, {{ key_of(['statements.connection_id', 'statements.account_id']) }}
    ) as account_key,
    connections.source_name,
    statements.statement_number,
    statements.currency_code,
    statements.opening_amount,
    statements.transactions_amount,
    statements.closing_amount,
    statements.stated_credit_amount,
    statements.stated_debit_amount,
    statements.transactions_count,
    statements.first_date,
    statements.last_date,
    statements.loaded_at
from statements
left join connections on statements.connection_id = connections.connection_id
left join accounts
    on statements.connection_id = accounts.connection_id
    and statements.account_id = accounts.account_id
