select
    opportunity_id,
    account_id,
    owner_id,
    kind,
    stage,
    amount,
    created_at,
    close_date
from {{ ref('stg_crm__opportunities') }}
