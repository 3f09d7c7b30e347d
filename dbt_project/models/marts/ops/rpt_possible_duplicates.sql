with paired as (
    select * from {{ ref('int_core__bank_rows_paired') }}
),

sources as (
    select
        account_key,
        count(distinct connection_id) as source_count
    from paired
    group by account_key
),

-- an event that every source tells is a duplicate of nothing
events as (
    select paired.*
    from paired
    inner join sources on paired.account_key = sources.account_key
    where paired.is_kept and paired.evidence_count < sources.source_count
),

pairs as (
    select
        earlier.transaction_key,
        later.transaction_key as later_transaction_key,
        earlier.party_key,
        earlier.account_key,
        earlier.transaction_date,
        later.transaction_date as later_transaction_date,
        earlier.source_name,
        later.source_name as later_source_name,
        earlier.currency_code,
        earlier.transaction_amount,
        cast({{ days_between('earlier.transaction_date', 'later.transaction_date') }} as integer) as apart_days
    from events as earlier
    inner join events as later
        on earlier.account_key = later.account_key
        and earlier.currency_code = later.currency_code
        and earlier.transaction_amount = later.transaction_amount
        and earlier.transaction_date < later.transaction_date
        and later.transaction_date <= {{ days_after('earlier.transaction_date', '3') }}
),

-- a source that tells both knows them as two
told_by_one as (
    select
        pairs.transaction_key,
        pairs.later_transaction_key
    from pairs
    inner join paired as first_told on pairs.transaction_key = first_told.kept_transaction_key
    inner join paired as second_told
        on pairs.later_transaction_key = second_told.kept_transaction_key
        and first_told.connection_id = second_told.connection_id
)

select pairs.*
from pairs
left join told_by_one
    on pairs.transaction_key = told_by_one.transaction_key
    and pairs.later_transaction_key = told_by_one.later_transaction_key
where told_by_one.transaction_key is null
