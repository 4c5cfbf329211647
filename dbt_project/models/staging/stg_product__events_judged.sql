-- Every raw row with what is wrong with it. `stg_product__events` takes the rows that can be used, `staging_findings`
-- shows the others.
with events as (
    select
        *,
        -- old clients write 'Session Started'
        replace(lower(event_name), ' ', '_') as clean_event_name,
        row_number() over (partition by event_id order by loaded_at, occurred_at) as copy_number
    from {{ source('product', 'events') }}
)

select
    event_id,
    user_id,
    clean_event_name as event_name,
    occurred_at,
    feature,
    format,
    device,
    workspace_id,
    duration_seconds,
    rows_exported,
    loaded_at,
    loaded_at > occurred_at + interval '1 day' as is_late,
    case
        when copy_number > 1 then 'sent twice'
        when occurred_at is null then 'no time'
        when occurred_at > loaded_at then 'time after its arrival'
    end as unusable_because
from events
