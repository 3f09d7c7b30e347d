with balances as (
    select * from {{ ref('stg_balances') }}
    -- what is available is no balance: it may hold a credit line, and pending rows
    where balance_kind in ('ledger', 'opening')
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
),

described as (
    select
        connections.party_key,
        coalesce(
            accounts.account_key, {{ key_of(['balances.connection_id', 'balances.account_id']) }}
        ) as account_key,
        connections.source_name,
        {{ source_rank('connections.source_name') }} as source_rank,
        balances.balance_kind,
        balances.currency_code,
        -- an opening balance is what stood at the end of the day before
        case
            when balances.balance_kind = 'opening' then {{ days_after('balances.balance_date', '-1') }}
            else balances.balance_date
        end as balance_date,
        balances.balance_amount,
        -- read while its day went on: what was booked later that day is not in it
        balances.balance_kind = 'ledger' and balances.loaded_at < {{ ended_everywhere_at('balances.balance_date') }}
            as is_running,
        balances.loaded_at as read_at,
        balances.version,
        balances.balance_key
    from balances
    left join connections on balances.connection_id = connections.connection_id
    left join accounts
        on balances.connection_id = accounts.connection_id
        and balances.account_id = accounts.account_id
),

ranked as (
    select
        *,
        max(balance_amount) over (partition by account_key, currency_code, balance_date, is_running)
        - min(balance_amount) over (partition by account_key, currency_code, balance_date, is_running)
            as disagreement_amount,
        row_number() over (
            partition by account_key, currency_code, balance_date
            order by
                case when is_running then 2 else 1 end, source_rank, case balance_kind when 'ledger' then 1 else 2 end,
                -version, balance_key
        ) as place
    from described
)

select
    party_key,
    account_key,
    source_name,
    currency_code,
    balance_date,
    is_running,
    balance_amount,
    disagreement_amount,
    read_at
from ranked
where place = 1
