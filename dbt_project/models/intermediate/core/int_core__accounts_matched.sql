{{ config(materialized='table') }}

with accounts as (
    select * from {{ ref('int_core__accounts_declared') }}
),

numbers as (
    select
        party_key,
        number_key,
        min(currency_code) as only_currency_code,
        count(distinct currency_code) as currency_count
    from accounts
    where number_key is not null
    group by party_key, number_key
),

-- a currency that a source leaves open is the number's only one; where it has several the account stays alone (null)
numbered as (
    select
        accounts.*,
        case
            when accounts.currency_code is not null then accounts.currency_code
            when numbers.currency_count <= 1 then coalesce(numbers.only_currency_code, '')
        end as number_currency_code
    from accounts
    inner join numbers
        on accounts.party_key = numbers.party_key
        and accounts.number_key = numbers.number_key
),

-- a source that tells of two accounts under one number knows them as two: then nobody's are joined
told_twice as (
    select distinct
        party_key,
        number_key,
        number_currency_code
    from (
        select
            connection_id,
            party_key,
            number_key,
            number_currency_code
        from numbered
        group by connection_id, party_key, number_key, number_currency_code
        having count(*) > 1
    ) as repeated
),

-- the smallest key of those that tell of it; nothing of the number itself goes into a key that leaves this layer
joined as (
    select
        numbered.source_account_key,
        min(numbered.source_account_key) over (
            partition by numbered.party_key, numbered.number_key, numbered.number_currency_code
        ) as account_key
    from numbered
    left join told_twice
        on numbered.party_key = told_twice.party_key
        and numbered.number_key = told_twice.number_key
        and numbered.number_currency_code = told_twice.number_currency_code
    where numbered.number_currency_code is not null and told_twice.number_key is null
),

keyed as (
    select
        accounts.*,
        coalesce(joined.account_key, accounts.source_account_key) as account_key
    from accounts
    left join joined on accounts.source_account_key = joined.source_account_key
)

select
    *,
    count(*) over (partition by account_key) as source_count,
    -- the source that is believed first has number 1
    row_number() over (partition by account_key order by source_rank, connection_id, account_id) as source_no
from keyed
