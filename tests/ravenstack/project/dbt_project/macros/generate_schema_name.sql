{#- Schemas are constant: a model's schema is the one it is configured with, whoever runs dbt. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
