{#- Text without blanks around it; nothing left is null. -#}
{% macro cleaned(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}


{#- A country as its two-letter code in capitals, whatever people typed. -#}
{% macro country_code(column) -%}
    case upper(trim({{ column }}))
        when 'UK' then 'GB'
        when 'USA' then 'US'
        when 'GERMANY' then 'DE'
        when 'FRANCE' then 'FR'
        else nullif(upper(trim({{ column }})), '')
    end
{%- endmacro %}


{#- A text joined by `|` as a list: in small letters, words joined by `_`, each entry once, sorted by code point.
    Null stays null: not known is not the same as nothing. -#}
{% macro cleaned_list(column) -%}
    {{ return(adapter.dispatch('cleaned_list')(column)) }}
{%- endmacro %}

{% macro default__cleaned_list(column) -%}
    case when {{ column }} is not null then array(
        select distinct replace(lower(trim(entry.value)), ' ', '_') collate "C" as value
        from unnest(string_to_array({{ column }}, '|')) as entry (value)
        where trim(entry.value) <> ''
        order by value
    ) end
{%- endmacro %}

{% macro duckdb__cleaned_list(column) -%}
    case when {{ column }} is not null then list_sort(list_distinct(list_filter(
        list_transform(string_split({{ column }}, '|'), lambda entry: replace(lower(trim(entry)), ' ', '_')),
        lambda entry: entry <> ''
    ))) end
{%- endmacro %}

{% macro spark__cleaned_list(column) -%}
    array_sort(array_distinct(filter(
        transform(split({{ column }}, '\\|'), entry -> replace(lower(trim(entry)), ' ', '_')),
        entry -> entry <> ''
    )))
{%- endmacro %}
