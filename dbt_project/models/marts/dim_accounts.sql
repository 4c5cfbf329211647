-- One row per account. Facts only: whether an account is a customer today is for a segment to say, at its own instant.
with platform_subscriptions as (
    select
        *,
        row_number() over (partition by account_id order by started_on desc, subscription_id desc) as recency,
        min(started_on) over (partition by account_id) as first_started_on
    from {{ ref('stg_billing__subscriptions') }}
    where product = 'platform'
)

select
    accounts.account_id,
    accounts.account_name,
    accounts.organization_id,
    accounts.owner_id,
    owners.email as owner_email,
    accounts.website,
    accounts.country,
    case
        when accounts.country in ('DE', 'AT', 'CH') then 'DACH'
        when accounts.country in ('GB', 'FR', 'NL', 'ES', 'SE') then 'Rest of Europe'
        when accounts.country in ('US', 'CA') then 'North America'
        when accounts.country = 'BR' then 'Latin America'
        when accounts.country in ('IN', 'AU') then 'Asia Pacific'
    end as region,
    accounts.city,
    firmographics.industry,
    firmographics.business_model,
    firmographics.employee_count,
    firmographics.annual_revenue,
    firmographics.founded_on,
    technographics.tools,
    accounts.tags,
    accounts.lifecycle_stage,
    latest.plan,
    latest.billing_period,
    latest.seats,
    latest.first_started_on as customer_since,
    latest.ended_on as subscription_ended_on,
    accounts.renewal_date,
    accounts.created_at,
    accounts.deleted_at,
    accounts.is_test
from {{ ref('stg_crm__accounts') }} as accounts
left join {{ ref('stg_crm__owners') }} as owners on accounts.owner_id = owners.owner_id
left join {{ ref('stg_crm__firmographics') }} as firmographics on accounts.account_id = firmographics.account_id
left join {{ ref('stg_crm__technographics') }} as technographics on accounts.account_id = technographics.account_id
left join platform_subscriptions as latest on accounts.account_id = latest.account_id and latest.recency = 1
