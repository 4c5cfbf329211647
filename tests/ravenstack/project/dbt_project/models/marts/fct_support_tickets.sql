select
    ticket_id,
    account_id,
    submitted_on,
    closed_at,
    priority,
    first_response_minutes,
    satisfaction,
    is_escalated
from {{ ref('stg_support_tickets') }}
