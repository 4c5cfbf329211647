-- An invoice is exported when it is issued and again when it is settled: the latest export counts.
with exports as (
    select
        *,
        row_number() over (partition by invoice_id order by loaded_at desc, status) as recency
    from {{ source('billing', 'invoices') }}
)

select
    invoice_id,
    account_id,
    subscription_id,
    kind,
    amount,
    issued_on,
    due_on,
    paid_on,
    status,
    loaded_at
from exports
where recency = 1
