with paired as (
    select * from {{ ref('int_core__bank_rows_paired') }}
),

kept as (
    select
        transaction_key,
        source_name
    from paired
    where is_kept
)

select
    paired.transaction_key,
    paired.kept_transaction_key,
    paired.party_key,
    paired.account_key,
    paired.transaction_date,
    paired.source_name,
    kept.source_name as kept_source_name,
    paired.currency_code,
    paired.transaction_amount
from paired
inner join kept on paired.kept_transaction_key = kept.transaction_key
where not paired.is_kept
