select
    ticket_id,
    account_id,
    user_id,
    case lower(priority) when 'p1' then 'urgent' else lower(priority) end as priority,
    status,
    topic,
    channel,
    csat,
    created_at,
    first_response_at,
    closed_at,
    loaded_at
from {{ source('support', 'tickets') }}
