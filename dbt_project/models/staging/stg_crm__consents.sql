select
    consent_id,
    user_id,
    purpose,
    is_granted,
    recorded_at,
    loaded_at
from {{ source('crm', 'consents') }}
