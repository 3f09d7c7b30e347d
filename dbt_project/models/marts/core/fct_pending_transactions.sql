with pendings as (
    select * from {{ ref('int_core__pendings_matched') }}
)

select
    pending_transaction_key,
    party_key,
    account_key,
    posted_transaction_key,
    pending_date,
    source_name,
    case
        when posted_transaction_key is not null then 'posted'
        when is_gone then 'dropped'
        else 'open'
    end as pending_status,
    payee_name,
    currency_code,
    transaction_amount,
    loaded_at
from pendings
