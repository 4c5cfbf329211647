-- Late rows and rows of unknown users stay: they are flagged or reported, not hidden.
select
    event_id,
    user_id,
    event_name,
    occurred_at,
    feature,
    format,
    device,
    workspace_id,
    duration_seconds,
    rows_exported,
    is_late,
    loaded_at
from {{ ref('stg_product__events_judged') }}
where unusable_because is null
