-- Values that cannot be, which staging made null.
{{ config(severity='warn') }}

select source_table, row_id, finding
from {{ ref('staging_findings') }}
where handling = 'value removed'
