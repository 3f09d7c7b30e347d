{#- No two rows of the parties this build redid agree in all of the columns; as unique_combination_in_changed_months,
    for models that are incremental by party. -#}
{% test unique_combination_of_changed_parties(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    where party_key in ({{ parties_changed() }})
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
