select
    response_id,
    user_id,
    survey,
    submitted_at,
    case when nps between 0 and 10 then nps end as nps,
    primary_use_case,
    {{ cleaned_list('attitudes') }} as attitudes,
    {{ cleaned_list('interests') }} as interests,
    loaded_at
from {{ source('surveys', 'responses') }}
