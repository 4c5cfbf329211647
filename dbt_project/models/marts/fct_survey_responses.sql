select
    response_id,
    user_id,
    survey,
    submitted_at,
    nps,
    primary_use_case,
    attitudes,
    interests
from {{ ref('stg_surveys__responses') }}
