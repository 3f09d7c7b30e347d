{{ config(materialized='table') }}

with recursive pendings as (
    select
        pendings.*,
        connections.party_key,
        connections.source_name,
        coalesce(
            accounts.account_key, {{ key_of(['pendings.connection_id', 'pendings.account_id']) }}
        ) as account_key
    from {{ ref('stg_pending_transactions') }} as pendings
    left join {{ ref('int_core__connections_described') }} as connections
        on pendings.connection_id = connections.connection_id
    left join {{ ref('int_core__accounts_matched') }} as accounts
        on pendings.connection_id = accounts.connection_id
        and pendings.account_id = accounts.account_id
),

booked as (
    select * from {{ ref('fct_transactions') }}
    where evidence_kind = 'bank_transaction'
),

-- every booked row a pending one may have become, the nearest first; the keys settle what days leave open
candidates as (
    select
        pendings.pending_transaction_key,
        pendings.connection_id,
        booked.transaction_key,
        row_number() over (
            order by
                {{ days_between('pendings.pending_date', 'booked.transaction_date') }},
                pendings.pending_date, pendings.pending_transaction_key, booked.transaction_key
        ) as place
    from pendings
    inner join booked
        on pendings.account_key = booked.account_key
        and pendings.currency_code = booked.currency_code
        and pendings.transaction_amount = booked.transaction_amount
        and booked.transaction_date between pendings.pending_date and {{ days_after('pendings.pending_date', '10') }}
),

-- round after round, pairs that are each other's nearest are chosen and whatever shares a side with them falls away;
-- of one source, a booked row ends one pending row
rounds as (
    select
        pending_transaction_key,
        connection_id,
        transaction_key,
        place,
        false as is_chosen
    from candidates

    union all

    select
        pending_transaction_key,
        connection_id,
        transaction_key,
        place,
        is_chosen
    from (
        select
            *,
            max(case when is_chosen then 1 else 0 end) over (partition by pending_transaction_key) as is_pending_done,
            max(case when is_chosen then 1 else 0 end) over (partition by transaction_key, connection_id)
                as is_booked_done
        from (
            select
                pending_transaction_key,
                connection_id,
                transaction_key,
                place,
                min(place) over (partition by pending_transaction_key) = place
                and min(place) over (partition by transaction_key, connection_id) = place as is_chosen
            from rounds
            where not is_chosen
        ) as judged
    ) as settled
    where is_chosen or is_pending_done + is_booked_done = 0
)

select
    pendings.pending_transaction_key,
    chosen.transaction_key as posted_transaction_key,
    pendings.party_key,
    pendings.account_key,
    pendings.source_name,
    pendings.payee_name,
    pendings.currency_code,
    pendings.is_gone,
    pendings.transaction_amount,
    pendings.pending_date,
    pendings.loaded_at
from pendings
left join rounds as chosen
    on pendings.pending_transaction_key = chosen.pending_transaction_key
    and chosen.is_chosen
