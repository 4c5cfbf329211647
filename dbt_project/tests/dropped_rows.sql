-- Raw rows that staging dropped: sent twice, without a usable time, or older exports of the same thing.
{{ config(severity='warn') }}

select source_table, row_id, finding
from {{ ref('staging_findings') }}
where handling = 'dropped'
