{#- What DuckDB, PostgreSQL and Spark spell differently. Each macro is DuckDB's form; another engine adds
    its own by dispatch. -#}

{#- First day of a day's month, as a DATE. -#}
{% macro month_of(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}

{#- A compact surrogate key from text columns that are never null: the UUID of their MD5. -#}
{% macro key_of(columns) -%}
    cast(md5({{ columns | join(" || '|' || ") }}) as uuid)
{%- endmacro %}

{#- One row a day from first to last, both given as columns of a one-row relation; the column is date_day. -#}
{% macro days_from_to(relation, first, last) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
    from {{ relation }}
{%- endmacro %}

{#- One row per day from first to last, beside the row's other columns; stands in the select list. -#}
{% macro each_day_from_to(first, last) -%}
    cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date)
{%- endmacro %}

{#- A day so many days later (or, below zero, earlier), as a DATE. -#}
{% macro days_after(day, days) -%}
    cast({{ day }} + interval ({{ days }}) day as date)
{%- endmacro %}

{#- The instant by which a calendar day has ended everywhere on earth. -#}
{% macro ended_everywhere_at(day) -%}
    cast({{ day }} as timestamp with time zone) + interval 36 hour
{%- endmacro %}

{#- The ISO 8601 year that a day's ISO week belongs to. -#}
{% macro iso_year_of(column) -%}
    extract(isoyear from {{ column }})
{%- endmacro %}

{#- Whole days between two days, or two instants (UTC), counted by the calendar. -#}
{% macro days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{#- Calendar months from the month of one day to the month of another; 0 within one month. -#}
{% macro months_between(earlier, later) -%}
    date_diff('month', {{ earlier }}, {{ later }})
{%- endmacro %}

{#- The day of an instant by the clock of UTC. -#}
{% macro utc_day_of(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{#- A number that is equal for equal sets of keys, whatever their order; compares ten million rows in one scan. -#}
{% macro fingerprint_of(column) -%}
    sum(cast(hash({{ column }}) as hugeint))
{%- endmacro %}

{#- An instant literal: when this dbt invocation began (UTC). -#}
{% macro as_of_instant() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}+00' as timestamp with time zone)
{%- endmacro %}

{#- A day literal: the one on which this dbt invocation began, by the clock of UTC. -#}
{% macro as_of_day() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
