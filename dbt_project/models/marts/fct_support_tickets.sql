select
    ticket_id,
    account_id,
    user_id,
    priority,
    status,
    topic,
    channel,
    csat,
    created_at,
    first_response_at,
    closed_at
from {{ ref('stg_support__tickets') }}
