{#- Exchange rates and sums of money, with integers only: DuckDB's own division of decimals is a float.
    A rate is DECIMAL(28, 14): published rates have twelve decimals at most, turned and crossed ones are rounded half
    up to fourteen. -#}

{#- A published rate (28, 12) as it stands; null where it has more than fourteen digits before the point. -#}
{% macro rate_direct(rate) -%}
    try_cast({{ rate }} as decimal(28, 14))
{%- endmacro %}

{#- One divided by a published rate (28, 12), to fourteen decimals; null where nothing would be left of it. -#}
{% macro rate_inverse(rate) -%}
    case
        when {{ rate }} < 10000000000000
            then cast(
                cast(
                    (cast('1e26' as hugeint) + cast({{ rate }} * 1000000000000 as hugeint) // 2)
                    // cast({{ rate }} * 1000000000000 as hugeint) as decimal(28, 0)
                ) * cast('0.00000000000001' as decimal(14, 14)) as decimal(28, 14)
            )
    end
{%- endmacro %}

{#- Two rates one after the other; null where the answer may have more than ten digits before the point. -#}
{% macro rate_crossed(first, second) -%}
    case
        when
            ({{ first }} < 100000 and {{ second }} < 100000)
            or ({{ first }} < 10 and {{ second }} < 1000000000)
            or ({{ first }} < 1000000000 and {{ second }} < 10)
            then cast({{ first }} * {{ second }} as decimal(28, 14))
    end
{%- endmacro %}

{#- A sum (18, 4) at a rate (28, 14), in whole minor units of `currency_code`; null where it does not fit. -#}
{% macro converted(amount, rate, currency_code) -%}
    case
        when abs({{ amount }}) < 10000000000000 and {{ rate }} < 10000000
            then {{ in_minor_units(amount ~ ' * ' ~ rate, currency_code) }}
    end
{%- endmacro %}

{#- A sum (18, 4) divided by a count, rounded up to the next hundredth, so that the parts reach the sum. -#}
{% macro divided_up(amount, parts) -%}
    cast(
        cast(
            (cast(cast({{ amount }} as decimal(38, 4)) * 10000 as hugeint) + {{ parts }} * 100 - 1)
            // ({{ parts }} * 100) as decimal(18, 0)
        ) * cast('0.01' as decimal(2, 2)) as decimal(18, 4)
    )
{%- endmacro %}

{#- Whole days in which a sum comes together when another one took so many days; rounded up, both sums above 0. -#}
{% macro whole_days_for(amount, other_amount, other_days) -%}
    (
        cast(cast({{ amount }} as decimal(38, 4)) * 10000 as hugeint) * {{ other_days }}
        + cast(cast({{ other_amount }} as decimal(38, 4)) * 10000 as hugeint) - 1
    ) // cast(cast({{ other_amount }} as decimal(38, 4)) * 10000 as hugeint)
{%- endmacro %}
