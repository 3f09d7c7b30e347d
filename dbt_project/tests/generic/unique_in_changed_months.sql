{#- Keys of what the incremental models wrote in this build. Rows elsewhere were shown unique by the build that wrote
    them, so a night pays for what changed; the first build and a full refresh redo, and check, every month. -#}

{#- The key of every row in the redone party-months occurs once in the whole table. -#}
{% test unique_in_changed_months(model, column_name) %}
    with redone as (
        select built.{{ column_name }}
        from {{ model }} as built
        where exists (
            select 1 from {{ party_months_changed() }} as changed
            where changed.party_key = built.party_key and changed.month_date = built.month_date
        )
    )

    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} in (select redone.{{ column_name }} from redone)
    group by {{ column_name }}
    having count(*) > 1
{% endtest %}

{#- No two rows of the redone party-months agree in all of the columns, party_key and month_date among them. -#}
{% test unique_combination_in_changed_months(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }} as built
    where exists (
        select 1 from {{ party_months_changed() }} as changed
        where changed.party_key = built.party_key and changed.month_date = built.month_date
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
