{#- No two rows of the party-months this build redid agree in all of the columns, party_key and month_date among
    them. Rows of other months were shown unique by the build that wrote them, so a night pays for what changed; the
    first build and a full refresh redo, and check, every month. -#}
{% test unique_combination_in_changed_months(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    where (party_key, month_date) in (
        select changed.party_key, changed.month_date from {{ party_months_changed() }} as changed
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
