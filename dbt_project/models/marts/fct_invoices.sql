select
    invoice_id,
    account_id,
    subscription_id,
    kind,
    amount,
    issued_on,
    due_on,
    paid_on,
    status
from {{ ref('stg_billing__invoices') }}
