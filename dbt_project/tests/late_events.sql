-- Events that arrived more than a day late: kept, but a segment of the days before did not know them.
{{ config(severity='warn') }}

select row_id, loaded_at
from {{ ref('staging_findings') }}
where finding = 'late'
