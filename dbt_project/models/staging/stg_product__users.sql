-- Locales come as de-DE, de_DE and de.
with users as (
    select
        *,
        replace({{ cleaned('locale') }}, '_', '-') as clean_locale
    from {{ source('product', 'users') }}
)

select
    user_id,
    account_id,
    lower(email) as email,
    user_type,
    clean_locale as locale,
    lower(split_part(clean_locale, '-', 1)) as language,
    signup_source,
    created_at,
    signed_up_at,
    deleted_at,
    loaded_at
from users
