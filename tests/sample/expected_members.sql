-- Who belongs to each sample segment at 2026-06-30, written by hand and not from the specs' compiler. Tests compare.
-- Plain SQL for DuckDB and Postgres; the tables a query reads are the marts.

-- with
-- the entities that exist, and what several segments need
account as (
    select * from marts.dim_accounts
    where not is_test
        and created_at < timestamp '2026-06-30'
        and (deleted_at is null or deleted_at >= timestamp '2026-06-30')
),
usr as (
    select * from marts.dim_users
    where not is_internal
        and created_at < timestamp '2026-06-30'
        and (deleted_at is null or deleted_at >= timestamp '2026-06-30')
),
event as (
    select usage.*, users.account_id
    from marts.fct_usage_events as usage
    inner join marts.dim_users as users on usage.user_id = users.user_id
    where usage.occurred_at < timestamp '2026-06-30' and not users.is_internal
),
arr as (
    select account_id, sum(arr) as arr
    from marts.fct_subscriptions
    where started_on < date '2026-06-30' and (ended_on is null or ended_on >= date '2026-06-30')
    group by account_id
),
sessions as (
    select
        user_id,
        sum(case when occurred_at >= timestamp '2026-06-02' then 1 else 0 end) as now,
        sum(case when occurred_at >= timestamp '2026-05-05' and occurred_at < timestamp '2026-06-02' then 1 else 0 end)
            as before
    from event
    where event_name = 'session_started'
    group by user_id
),
team as (
    select
        account_id,
        sum(case when occurred_at >= timestamp '2026-06-02' then 1 else 0 end) as now,
        sum(case when occurred_at >= timestamp '2026-05-05' and occurred_at < timestamp '2026-06-02' then 1 else 0 end)
            as before
    from event
    where event_name = 'session_started'
    group by account_id
),
at_risk as (
    select account_id
    from account
    inner join arr using (account_id)
    inner join team using (account_id)
    where arr > 0 and team.before >= 10 and 2 * team.now < team.before
),
features as (
    select user_id, count(distinct feature) as features
    from event
    where event_name = 'feature_used' and occurred_at >= timestamp '2026-06-02'
    group by user_id
),
engaged as (
    select
        user_id,
        case
            when sessions.now >= 10 and features.features >= 5 then 'power'
            when sessions.before >= 6 and 2 * sessions.now < sessions.before then 'at_risk'
            when sessions.now >= 1 then 'casual'
        end as tier
    from usr
    left join sessions using (user_id)
    left join features using (user_id)
),
answers as (
    select
        user_id,
        nps,
        row_number() over (partition by user_id order by submitted_at desc, nps) as recency
    from marts.fct_survey_responses
    where survey = 'nps' and nps is not null
        and submitted_at >= timestamp '2026-01-01' and submitted_at < timestamp '2026-06-30'
),
score as (select user_id, nps from answers where recency = 1),
invoiced as (
    select
        account_id,
        sum(case when issued_on >= date '2026-04-01' and issued_on < date '2026-06-30' then amount else 0 end) as now,
        sum(case when issued_on >= date '2026-01-01' and issued_on < date '2026-04-01' then amount else 0 end) as before
    from marts.fct_invoices
    where status <> 'void'
    group by account_id
),
at_work as (
    select usr.account_id, count(*) as people
    from usr
    inner join sessions on usr.user_id = sessions.user_id
    where sessions.now >= 1
    group by usr.account_id
),
won_back as (
    select user_id
    from usr
    where user_id in (select user_id from sessions where now > 0)
        and user_id not in (
            select user_id from event
            where event_name = 'session_started'
                and occurred_at >= timestamp '2026-04-21' and occurred_at < timestamp '2026-06-02'
        )
        and user_id in (
            select user_id from event
            where event_name = 'session_started'
                and occurred_at >= timestamp '2026-01-01' and occurred_at < timestamp '2026-04-21'
        )
),
stage as (
    select
        usr.user_id,
        case
            when usr.signed_up_at >= timestamp '2026-05-31' then 'onboarding'
            when usr.signed_up_at >= timestamp '2026-04-01' and sessions.now >= 1
                and usr.user_id in (select user_id from event where event_name = 'project_created') then 'activated'
            when usr.user_id in (select user_id from won_back) then 'won_back'
            when engaged.tier = 'at_risk' then 'at_risk'
            when sessions.now >= 1 and sessions.before >= 1 then 'retained'
            when sessions.now = 0 then 'churned'
        end as stage
    from usr
    inner join engaged on usr.user_id = engaged.user_id
    left join sessions on usr.user_id = sessions.user_id
    where usr.signed_up_at < timestamp '2026-06-30'
)

-- segment: engagement.power
select user_id from engaged where tier = 'power'

-- segment: engagement.at_risk
select user_id from engaged where tier = 'at_risk'

-- segment: engagement.casual
select user_id from engaged where tier = 'casual'

-- segment: month_end_reporters
select user_id
from usr
where user_id in (
    select user_id from event
    where event_name = 'report_exported' and occurred_at >= timestamp '2026-06-01'
    group by user_id
    having count(distinct cast(occurred_at as date)) >= 2
)
and user_id not in (
    select user_id from event
    where event_name = 'feature_used' and feature = 'scheduled_reports' and occurred_at >= timestamp '2026-04-01'
)

-- segment: at_risk_accounts
select account_id from at_risk

-- segment: churned_accounts
select account_id
from account
where customer_since < date '2026-06-30' and account_id not in (select account_id from arr where arr > 0)

-- segment: stalled_onboarding
select user_id
from usr
where signed_up_at >= timestamp '2026-05-16' and signed_up_at < timestamp '2026-06-23'
    and user_id not in (select user_id from event where event_name = 'project_created')

-- segment: won_back_users
select user_id from won_back

-- segment: user_lifecycle.onboarding
select user_id from stage where stage = 'onboarding'

-- segment: user_lifecycle.activated
select user_id from stage where stage = 'activated'

-- segment: user_lifecycle.won_back
select user_id from stage where stage = 'won_back'

-- segment: user_lifecycle.at_risk
select user_id from stage where stage = 'at_risk'

-- segment: user_lifecycle.retained
select user_id from stage where stage = 'retained'

-- segment: user_lifecycle.churned
select user_id from stage where stage = 'churned'

-- segment: arr_tier.enterprise
select account_id from account inner join arr using (account_id) where arr >= 50000

-- segment: arr_tier.mid_market
select account_id from account inner join arr using (account_id) where arr >= 10000 and arr < 50000

-- segment: arr_tier.smb
select account_id from account inner join arr using (account_id) where arr > 0 and arr < 10000

-- segment: expansion_ready
select account_id
from account
inner join arr using (account_id)
where arr > 0
    and account_id in (
        select account_id from marts.fct_opportunities
        where kind = 'expansion' and stage in ('discovery', 'proposal', 'negotiation')
            and created_at >= timestamp '2026-04-01' and created_at < timestamp '2026-06-30'
    )
    and account_id not in (select account_id from at_risk)
    and (
        select count(*) from marts.fct_support_tickets as tickets
        where tickets.account_id = account.account_id and priority in ('high', 'urgent')
            and created_at >= timestamp '2026-04-01' and created_at < timestamp '2026-06-30'
    ) < 5
    and coalesce((
        select avg(nps) from usr inner join score using (user_id) where usr.account_id = account.account_id
    ), 5) >= 5

-- segment: rising_spend
select account_id
from account
inner join arr using (account_id)
inner join invoiced using (account_id)
where arr > 0 and invoiced.before > 0 and invoiced.now >= 1.25 * invoiced.before

-- segment: renewal_soon
select account_id from account where renewal_date >= date '2026-06-30' and renewal_date < date '2026-08-29'

-- segment: signup_anniversary
select user_id
from usr
where consents_to_marketing
    and signed_up_at < timestamp '2026-06-30'
    and (
        (extract(month from signed_up_at) = 6 and extract(day from signed_up_at) = 30)
        or (extract(month from signed_up_at) = 7 and extract(day from signed_up_at) <= 13)
    )

-- segment: seasonal_buyers
select account_id
from account
where account_id in (
        select account_id from marts.fct_invoices
        where kind = 'pack' and status <> 'void' and issued_on >= date '2025-11-01' and issued_on < date '2026-01-01'
    )
    and account_id in (
        select account_id from marts.fct_invoices
        where kind = 'pack' and status <> 'void' and issued_on >= date '2024-11-01' and issued_on < date '2025-01-01'
    )

-- segment: modern_data_stack
select account_id
from account
where exists (select 1 from unnest(tools) as t (tool) where tool in ('snowflake', 'bigquery', 'databricks'))

-- segment: growing_b2b
select account_id
from account
where business_model in ('B2B', 'B2B2C') and employee_count between 50 and 999

-- segment: dach_accounts
select account_id from account where country in ('DE', 'AT', 'CH')

-- segment: german_speaking_users
select user_id from usr where language = 'de'

-- segment: promoters
select user_id
from usr
inner join score using (user_id)
where nps >= 9 and consents_to_marketing
    and user_id in (select user_id from event where occurred_at >= timestamp '2026-06-02')

-- segment: early_adopters
select user_id
from usr
inner join features using (user_id)
where features >= 3 and consents_to_product
    and (
        exists (select 1 from unnest(attitudes) as t (item) where item = 'early_adopter')
        or exists (select 1 from unnest(interests) as t (item) where item = 'ai')
    )

-- segment: reporting_users
select user_id from usr where primary_use_case = 'reporting'

-- segment: enterprise_leaders
select user_id
from usr
where seniority in ('lead', 'director', 'executive')
    and account_id in (select account_id from account inner join arr using (account_id) where arr >= 50000)

-- segment: design_partners
select account_id from account where account_id in ('a0012', 'a0031', 'a0048', 'a0077')

-- segment: upgraded_this_year
select account_id
from account
where account_id in (
    select account_id from event where event_name = 'plan_upgraded' and occurred_at >= timestamp '2026-01-01'
)

-- segment: administration_guides
select user_id
from usr
where user_type = 'admin'
    or exists (select 1 from unnest(user_groups) as t (item) where item in ('admins', 'billing_contacts'))
    or (user_type = 'agent' and (
        select count(*) from unnest(tags) as t (item) where item in ('certified', 'api_user')
    ) = 2)
    or (user_type = 'member' and exists (select 1 from unnest(tags) as t (item) where item in ('champion', 'beta')))
    or account_id in (select account_id from account where organization_id in ('o012', 'o034'))
    or user_id in ('u00017', 'u00042', 'u01234')

-- segment: partner_academy
select user_id
from usr
where (user_type = 'agent' and exists (select 1 from unnest(tags) as t (item) where item = 'certified'))
    or account_id in (
        select account.account_id
        from account
        inner join marts.dim_organizations as organizations on account.organization_id = organizations.organization_id
        where organizations.kind = 'partner'
    )

-- segment: power_teams
select account_id
from engaged
inner join usr using (user_id)
where account_id in (select account_id from account)
group by account_id
having count(case when tier = 'power' then 1 end) >= 3 and 5 * count(case when tier = 'power' then 1 end) >= count(*)

-- segment: career_starters
select user_id
from usr
where birth_date > date '1996-06-30' and seniority in ('junior', 'mid') and consents_to_marketing

-- segment: research_panel
select user_id from usr where education in ('master', 'doctorate') and consents_to_research

-- segment: north_american_accounts
select account_id from account where country in ('US', 'CA')

-- segment: cologne_meetup
select user_id
from usr
where city = 'Cologne' and consents_to_marketing
    and user_id in (select user_id from event where occurred_at >= timestamp '2026-06-02')

-- segment: regulated_industries
select account_id from account where industry in ('Fintech', 'Healthcare')

-- segment: large_companies
select account_id from account where annual_revenue >= 50000000 or employee_count >= 1000

-- segment: crm_without_connection
select account_id
from account
inner join arr using (account_id)
where arr > 0
    and exists (select 1 from unnest(tools) as t (tool) where tool in ('salesforce', 'hubspot'))
    and account_id not in (
        select account_id from event
        where event_name = 'integration_connected' and occurred_at >= timestamp '2025-12-30'
            and account_id is not null
    )

-- segment: privacy_minded
select user_id from usr where exists (select 1 from unnest(attitudes) as t (item) where item = 'privacy_minded')

-- segment: high_value_accounts
select account_id
from account
inner join arr using (account_id)
where arr > 0
    and (
        select sum(amount) from marts.fct_invoices as invoices
        where invoices.account_id = account.account_id and status <> 'void'
            and issued_on >= date '2025-06-30' and issued_on < date '2026-06-30'
    ) >= 60000

-- segment: falling_spend
select account_id
from account
inner join arr using (account_id)
where arr > 0
    and (
        (subscription_ended_on >= date '2026-06-30' and subscription_ended_on < date '2026-09-28')
        or arr <= 0.8 * (
            select sum(arr) from marts.fct_subscriptions as subscriptions
            where subscriptions.account_id = account.account_id
                and started_on < date '2026-04-01' and (ended_on is null or ended_on >= date '2026-04-01')
        )
    )

-- segment: international_english
select user_id from usr where language = 'en' and locale <> 'en' and substr(locale, 4, 2) <> 'US'

-- segment: unowned_accounts
select account_id from account inner join arr using (account_id) where arr > 0 and owner_id is null

-- segment: active_trials
select account_id
from account
inner join at_work using (account_id)
where lifecycle_stage = 'trial' and account_id not in (select account_id from arr where arr > 0)

-- segment: full_seats
select account_id
from account
inner join at_work using (account_id)
where plan in ('starter', 'team') and seats > 0 and 10 * people >= 9 * seats
    and account_id not in (select account_id from at_risk)
