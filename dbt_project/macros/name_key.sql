{#- How a person's or a till's name is compared: Unicode NFC, lower case, without spaces before and after. -#}
{% macro name_key(column) -%}
    lower(trim(nfc_normalize({{ column }})))
{%- endmacro %}
