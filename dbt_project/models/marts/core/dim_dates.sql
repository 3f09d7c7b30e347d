with transactions as (
    select * from {{ ref('fct_transactions') }}
),

balances as (
    select * from {{ ref('fct_account_balances_daily') }}
),

ends as (
    select
        min(transaction_date) as first_date,
        max(transaction_date) as last_date
    from transactions
    union all
    select
        min(balance_date) as first_date,
        max(balance_date) as last_date
    from balances
),

covered as (
    select
        cast(date_trunc('year', min(first_date)) as date) as first_date,
        cast(date_trunc('year', max(last_date)) + interval 1 year - interval 1 day as date) as last_date
    from ends
),

days as (
    {{ days_from_to('covered', 'first_date', 'last_date') }}
),

parts as (
    select
        date_day,
        {{ month_of('date_day') }} as month_date,
        cast(date_trunc('quarter', date_day) as date) as quarter_date,
        cast(extract(year from date_day) as integer) as year_no,
        cast(extract(quarter from date_day) as integer) as quarter_no,
        cast(extract(month from date_day) as integer) as month_no,
        cast(extract(day from date_day) as integer) as day_of_month_no,
        cast({{ iso_year_of('date_day') }} as integer) as iso_year_no,
        cast(extract(week from date_day) as integer) as iso_week_no,
        cast(extract(isodow from date_day) as integer) as iso_weekday_no,
        -- the Bangladeshi fiscal year begins on 1 July and is called by the year it ends in
        cast(extract(year from date_day + interval 6 month) as integer) as fiscal_year_bd_no
    from days
),

month_names (month_no, month_name_en, month_name_bn, month_name_ar) as (
    values
    (1, 'January', 'জানুয়ারি', 'يناير'),
    (2, 'February', 'ফেব্রুয়ারি', 'فبراير'),
    (3, 'March', 'মার্চ', 'مارس'),
    (4, 'April', 'এপ্রিল', 'أبريل'),
    (5, 'May', 'মে', 'مايو'),
    (6, 'June', 'জুন', 'يونيو'),
    (7, 'July', 'জুলাই', 'يوليو'),
    (8, 'August', 'আগস্ট', 'أغسطس'),
    (9, 'September', 'সেপ্টেম্বর', 'سبتمبر'),
    (10, 'October', 'অক্টোবর', 'أكتوبر'),
    (11, 'November', 'নভেম্বর', 'نوفمبر'),
    (12, 'December', 'ডিসেম্বর', 'ديسمبر')
)

select
    parts.date_day,
    parts.month_date,
    parts.quarter_date,
    parts.year_no,
    parts.quarter_no,
    parts.month_no,
    parts.day_of_month_no,
    parts.iso_year_no,
    parts.iso_week_no,
    parts.iso_weekday_no,
    parts.fiscal_year_bd_no,
    cast(cast(parts.fiscal_year_bd_no - 1 as varchar) || '-07-01' as date)
        as fiscal_year_bd_start_date,
    month_names.month_name_en,
    month_names.month_name_bn,
    month_names.month_name_ar
from parts
inner join month_names on parts.month_no = month_names.month_no
