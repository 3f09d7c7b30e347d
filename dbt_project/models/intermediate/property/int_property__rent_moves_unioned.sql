with charges as (
    select * from {{ ref('stg_rent_charges') }}
),

payments as (
    select * from {{ ref('stg_rent_payments') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

moves as (
    select
        rent_charge_key as rent_move_key,
        connection_id,
        tenancy_id,
        charge_kind as move_kind,
        currency_code,
        charge_amount as move_amount,
        {{ month_of('due_date') }} as month_date
    from charges

    union all

    select
        rent_payment_key as rent_move_key,
        connection_id,
        tenancy_id,
        'payment' as move_kind,
        currency_code,
        payment_amount as move_amount,
        {{ month_of('payment_date') }} as month_date
    from payments
)

select
    moves.rent_move_key,
    {{ key_of(['moves.connection_id', 'moves.tenancy_id']) }} as tenancy_key,
    connections.party_key,
    connections.source_name,
    moves.move_kind,
    moves.currency_code,
    moves.move_amount,
    moves.month_date
from moves
left join connections on moves.connection_id = connections.connection_id
