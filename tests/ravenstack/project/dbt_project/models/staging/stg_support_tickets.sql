select
    ticket_id,
    account_id,
    submitted_at as submitted_on,
    closed_at,
    priority,
    first_response_time_minutes as first_response_minutes,
    satisfaction_score as satisfaction,
    escalation_flag as is_escalated
from {{ source('ravenstack', 'support_tickets') }}
