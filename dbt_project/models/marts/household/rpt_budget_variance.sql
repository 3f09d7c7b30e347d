with budgets as (
    select * from {{ ref('int_household__budgets_mapped') }}
),

connections as (
    select * from {{ ref('dim_connections') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
),

-- households that plan, and since when: nobody else's transactions are read
planning as (
    select
        household_key,
        min(month_date) as first_month_date
    from budgets
    group by household_key
),

members as (
    select
        parties.party_key,
        parties.household_key,
        planning.first_month_date
    from {{ ref('dim_parties') }} as parties
    inner join planning on parties.household_key = planning.household_key
),

-- what a person kept out of the budget only is in the cash flow and not here
spent as (
    select
        members.household_key,
        transactions.month_date,
        transactions.category_id,
        transactions.currency_code,
        transactions.party_key,
        transactions.source_name,
        sum(case when transactions.flow_type = 'income' then transactions.transaction_amount else 0 end) as in_amount,
        sum(case when transactions.flow_type <> 'income' then -transactions.transaction_amount else 0 end) as out_amount
    from {{ ref('fct_transactions') }} as transactions
    inner join members on transactions.party_key = members.party_key
    where
        transactions.flow_type <> 'none'
        and coalesce(transactions.excluded_from, '') <> 'budget'
        and transactions.month_date >= members.first_month_date
    group by
        members.household_key, transactions.month_date, transactions.category_id, transactions.currency_code,
        transactions.party_key, transactions.source_name
),

lines as (
    select
        household_key,
        month_date,
        category_id,
        currency_code,
        party_key,
        source_name,
        connection_id,
        budgeted_amount,
        -activity_amount as stated_amount,
        activity_amount is null as is_unstated,
        cast(0 as decimal(18, 4)) as in_amount,
        cast(0 as decimal(18, 4)) as out_amount
    from budgets

    union all

    select
        household_key,
        month_date,
        category_id,
        currency_code,
        party_key,
        source_name,
        cast(null as varchar) as connection_id,
        cast(null as decimal(18, 4)) as budgeted_amount,
        cast(null as decimal(18, 4)) as stated_amount,
        false as is_unstated,
        in_amount,
        out_amount
    from spent
),

ledgers as (
    select
        party_key,
        source_name,
        count(*) as connection_count
    from connections
    group by party_key, source_name
),

summed as (
    select
        lines.household_key,
        lines.month_date,
        lines.category_id,
        lines.currency_code,
        string_agg(distinct lines.source_name, ', ' order by lines.source_name) as source_names,
        count(distinct lines.party_key) as party_count,
        -- one connection is all there is: only then what its app counts can be compared
        count(distinct cast(lines.party_key as varchar) || lines.source_name) = 1
        and max(ledgers.connection_count) = 1 and max(case when lines.is_unstated then 1 else 0 end) = 0
            as is_comparable,
        sum(lines.budgeted_amount) as budgeted_amount,
        sum(lines.stated_amount) as stated_amount,
        sum(lines.in_amount) as in_amount,
        sum(lines.out_amount) as out_amount
    from lines
    left join ledgers
        on lines.party_key = ledgers.party_key
        and lines.source_name = ledgers.source_name
    group by lines.household_key, lines.month_date, lines.category_id, lines.currency_code
),

-- of income, what came in; of all else, what was spent, paid on debts or put aside
turned as (
    select
        summed.*,
        categories.category_kind,
        case
            when categories.category_kind = 'income' then summed.in_amount - summed.out_amount
            else summed.out_amount
        end as actual_amount,
        case
            when not summed.is_comparable then null
            when categories.category_kind = 'income' then -summed.stated_amount
            else summed.stated_amount
        end as comparable_amount
    from summed
    left join categories on summed.category_id = categories.category_id
)

select
    household_key,
    month_date,
    category_id,
    source_names,
    currency_code,
    budgeted_amount is not null as is_budgeted,
    cast(budgeted_amount as decimal(18, 4)) as budgeted_amount,
    cast(actual_amount as decimal(18, 4)) as actual_amount,
    cast(budgeted_amount - actual_amount as decimal(18, 4)) as variance_amount,
    cast(comparable_amount as decimal(18, 4)) as stated_amount,
    cast(actual_amount - comparable_amount as decimal(18, 4)) as difference_amount,
    party_count
from turned
where budgeted_amount is not null or (category_kind <> 'income' and out_amount <> 0)
