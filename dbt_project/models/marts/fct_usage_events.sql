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
from {{ ref('stg_product__events') }}
