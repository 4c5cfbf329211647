select
    opportunity_id,
    account_id,
    owner_id,
    kind,
    lower(stage) as stage,
    amount,
    created_at,
    close_date,
    loaded_at
from {{ source('crm', 'opportunities') }}
