-- One row per user of the product, with what the CRM, the surveys and the consents know of them.
with last_consents as (
    select
        user_id,
        purpose,
        is_granted,
        row_number() over (partition by user_id, purpose order by recorded_at desc, consent_id desc) as recency
    from {{ ref('stg_crm__consents') }}
),

consents as (
    select
        user_id,
        max(case when purpose = 'marketing' and is_granted then 1 else 0 end) = 1 as consents_to_marketing,
        max(case when purpose = 'product' and is_granted then 1 else 0 end) = 1 as consents_to_product,
        max(case when purpose = 'research' and is_granted then 1 else 0 end) = 1 as consents_to_research
    from last_consents
    where recency = 1
    group by user_id
),

responses as (
    select
        user_id,
        survey,
        primary_use_case,
        attitudes,
        interests,
        row_number() over (partition by user_id, survey order by submitted_at desc, response_id desc) as recency
    from {{ ref('stg_surveys__responses') }}
)

select
    users.user_id,
    users.account_id,
    users.email,
    users.user_type,
    users.locale,
    users.language,
    contacts.country,
    contacts.city,
    contacts.job_title,
    contacts.department,
    contacts.seniority,
    contacts.education,
    contacts.birth_date,
    contacts.tags,
    contacts.user_groups,
    users.signup_source,
    onboarding.primary_use_case,
    onboarding.interests,
    attitudes.attitudes,
    coalesce(consents.consents_to_marketing, false) as consents_to_marketing,
    coalesce(consents.consents_to_product, false) as consents_to_product,
    coalesce(consents.consents_to_research, false) as consents_to_research,
    users.created_at,
    users.signed_up_at,
    users.deleted_at,
    users.email like '%@acme.test' or coalesce(accounts.is_test, false) as is_internal
from {{ ref('stg_product__users') }} as users
left join {{ ref('stg_crm__accounts') }} as accounts on users.account_id = accounts.account_id
left join {{ ref('stg_crm__contacts') }} as contacts on users.user_id = contacts.user_id
left join consents on users.user_id = consents.user_id
left join responses as onboarding
    on users.user_id = onboarding.user_id and onboarding.survey = 'onboarding' and onboarding.recency = 1
left join responses as attitudes
    on users.user_id = attitudes.user_id and attitudes.survey = 'attitudes' and attitudes.recency = 1
