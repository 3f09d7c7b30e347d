{#- Every row satisfies a condition; a row for which it is unknown (null) fails as well. -#}
{% test holds(model, condition, column_name=none) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
