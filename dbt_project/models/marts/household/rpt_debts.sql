with debts as (
    select * from {{ ref('int_household__debts_owned') }}
),

parties as (
    select * from {{ ref('dim_parties') }}
),

stated as (
    select
        party_key,
        household_key,
        counterparty_word,
        currency_code,
        min(counterparty_name) as counterparty_name,
        count(*) as debt_count,
        sum(case when debt_direction = 'borrowed' then principal_amount end) as borrowed_principal_amount,
        sum(case when debt_direction = 'borrowed' then paid_amount end) as borrowed_paid_amount,
        sum(case when debt_direction = 'borrowed' then outstanding_amount else 0 end) as borrowed_outstanding_amount,
        sum(case when debt_direction = 'lent' then principal_amount end) as lent_principal_amount,
        sum(case when debt_direction = 'lent' then paid_amount end) as lent_paid_amount,
        sum(case when debt_direction = 'lent' then outstanding_amount else 0 end) as lent_outstanding_amount,
        sum(case when debt_direction = 'borrowed' then paid_amount else -paid_amount end) as stated_paid_amount,
        min(case when outstanding_amount <> 0 then due_date end) as next_due_date
    from debts
    group by party_key, household_key, counterparty_word, currency_code
),

-- only of parties that keep a debt ledger; whatever ledger of theirs the payment stands in
payments as (
    select
        party_key,
        {{ name_key('payee_name') }} as counterparty_word,
        currency_code,
        count(*) as payment_count,
        sum(-transaction_amount) as paid_amount,
        max(transaction_date) as last_payment_date
    from {{ ref('fct_transactions') }}
    where
        transaction_kind = 'debt_payment'
        and party_key in (select debts.party_key from debts)
    group by party_key, {{ name_key('payee_name') }}, currency_code
),

-- someone of the same household is on the other side
relatives as (
    select distinct
        stated.party_key,
        stated.counterparty_word
    from stated
    inner join parties
        on stated.household_key = parties.household_key
        and stated.party_key <> parties.party_key
        and stated.counterparty_word = {{ name_key('parties.party_label') }}
)

select
    stated.party_key,
    stated.household_key,
    stated.counterparty_name,
    case
        when stated.borrowed_outstanding_amount > stated.lent_outstanding_amount then 'party_owes'
        when stated.borrowed_outstanding_amount < stated.lent_outstanding_amount then 'counterparty_owes'
        when stated.borrowed_outstanding_amount = 0 then 'settled'
        else 'even'
    end as debt_verdict,
    stated.currency_code,
    relatives.party_key is not null as is_within_household,
    stated.next_due_date,
    payments.last_payment_date,
    cast(stated.borrowed_principal_amount as decimal(18, 4)) as borrowed_principal_amount,
    cast(stated.borrowed_paid_amount as decimal(18, 4)) as borrowed_paid_amount,
    cast(stated.borrowed_outstanding_amount as decimal(18, 4)) as borrowed_outstanding_amount,
    cast(stated.lent_principal_amount as decimal(18, 4)) as lent_principal_amount,
    cast(stated.lent_paid_amount as decimal(18, 4)) as lent_paid_amount,
    cast(stated.lent_outstanding_amount as decimal(18, 4)) as lent_outstanding_amount,
    cast(stated.lent_outstanding_amount - stated.borrowed_outstanding_amount as decimal(18, 4)) as net_amount,
    cast(coalesce(payments.paid_amount, 0) as decimal(18, 4)) as payments_amount,
    cast(stated.stated_paid_amount - coalesce(payments.paid_amount, 0) as decimal(18, 4)) as difference_amount,
    stated.debt_count,
    coalesce(payments.payment_count, 0) as payment_count
from stated
left join payments
    on stated.party_key = payments.party_key
    and stated.counterparty_word = payments.counterparty_word
    and stated.currency_code = payments.currency_code
left join relatives
    on stated.party_key = relatives.party_key
    and stated.counterparty_word = relatives.counterparty_word
