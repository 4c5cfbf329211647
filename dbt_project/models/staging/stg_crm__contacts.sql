-- Some people were entered twice: of the contacts of one user the one updated last counts. Contacts without a user stay.
with contacts as (
    select
        *,
        row_number() over (
            partition by coalesce(user_id, contact_id) order by updated_at desc, contact_id
        ) as recency
    from {{ source('crm', 'contacts') }}
)

select
    contact_id,
    user_id,
    account_id,
    lower(email) as email,
    {{ cleaned('job_title') }} as job_title,
    department,
    lower(seniority) as seniority,
    education,
    -- what a form sends when nobody fills it in
    nullif(birth_date, date '1900-01-01') as birth_date,
    {{ country_code('country') }} as country,
    {{ cleaned('city') }} as city,
    {{ cleaned_list('tags') }} as tags,
    {{ cleaned_list('groups') }} as user_groups,
    updated_at,
    loaded_at
from contacts
where recency = 1
