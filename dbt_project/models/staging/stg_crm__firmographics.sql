select
    account_id,
    upper(substr(trim(industry), 1, 1)) || lower(substr(trim(industry), 2)) as industry,
    business_model,
    case when employee_count > 0 then employee_count end as employee_count,
    case when annual_revenue > 0 then annual_revenue end as annual_revenue,
    founded_on,
    loaded_at
from {{ source('crm', 'firmographics') }}
