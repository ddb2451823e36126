"""What is said of each figure: its formula in words, and why it may have no value."""

from __future__ import annotations

NOTHING_SOLD = "Nothing was invoiced in the period, so there is nothing to divide by."
DSO = "Days sales outstanding: open at the end ÷ invoiced in the period × days of the period."
BEST = "Best possible DSO: open and not yet due at the end ÷ invoiced in the period × days of the period."
ADD = "Average days delinquent: days sales outstanding less the best possible, both by the simple method."
COUNTBACK = (
    "Countback DSO: what is open less the invoices of the latest month, of the month before and so on; the days of each"
    " month used up, and of the last one the share that is left."
)
BEST_COUNTBACK = "Best possible DSO by countback: the same of what is open and not yet due."
ADD_COUNTBACK = "Average days delinquent by countback: countback DSO less the best possible by countback."
MORE_THAN = "More than {0} days: the invoices end there, and nothing is guessed beyond."
CEI = (
    "Collection effectiveness: (open at the beginning + invoiced − open at the end) ÷ (open at the beginning + invoiced"
    " − open and not yet due at the end) × 100, with everything invoiced in the period."
)
CEI_MONTH = (
    "Collection effectiveness by the average month: the same with what was invoiced in an average month (a twelfth of"
    " 365 days) in place of everything invoiced."
)
NOTHING_TO_COLLECT = "Nothing could be collected in the period."
AT_RISK = (
    "At-risk rate: of what was invoiced in the latest month of which all is 90 days past its due date, the share that"
    " was still unpaid 90 days after it was due, × 100."
)
NO_MONTH = "There is no month yet of which all invoices are 90 days past their due date."
COHORTS = (
    "What is collected of a month’s invoices in its first month, the next and so on: the mean of past months."
)
DAYS_TO_PAY = "Average days to pay: the days from issue to full payment ÷ invoices paid in the period."
DAYS_TO_PAY_WEIGHTED = (
    "Average days to pay by amount: total × days from issue to full payment of each paid invoice,"
    " added up ÷ the totals."
)
DAYS_LATE = "Average days late: the days from due date to full payment, early ones negative ÷ invoices paid in the period."
DAYS_LATE_WEIGHTED = (
    "Days beyond terms: each paid invoice’s total × days late, early ones negative, added up ÷ the totals."
)
DBT_CLIPPED = "Days beyond terms, early payments counted as 0 days late: total × days late ÷ the totals."
WADO = (
    "Weighted average days overdue: what each overdue invoice is open for × its days overdue ÷ all of that."
)
DAYS_OVERDUE = "Average days overdue: the days overdue of all overdue invoices ÷ their number."
PAYMENT_DELAY = (
    "Average payment delay: total × days late of the invoices paid in the period, and what is open × days overdue of"
    " those overdue now ÷ all these amounts."
)
NOTHING_PAID = "No invoice was paid in full in the period."
NOTHING_OVERDUE = "Nothing is overdue."
NOTHING_EITHER = "No invoice was paid in full in the period, and nothing is overdue."
PROMISE_KEPT = (
    "Promises kept: promises met in full by their day and the days of grace ÷ promises whose day and grace are over"
    " in the period, × 100."
)
NO_PROMISE = "No promise has come due in the period."
RIGHT_FIRST_TIME = (
    "Right first time: reminders of the period that neither came back nor were answered with “already paid” ÷"
    " reminders of the period, × 100. A reminder counts in each currency that it asks for."
)
WRONG_CHASE = (
    "Wrong chases: reminders of the period that asked for an invoice which was paid before they left, by the day of"
    " its last payment ÷ reminders of the period, × 100. A reminder counts in each currency that it asks for."
)
NO_SENDS = "No reminder left in the period."
