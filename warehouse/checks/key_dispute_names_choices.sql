-- A dispute is of a question that is not loaded or has another key, or it names no choices of it.
select
    key_disputes.number,
    task,
    sample_id,
    key_disputes.gold,
    samples.gold as loaded,
    wanted,
    letters
from key_disputes
left join samples using (task, sample_id)
where key_disputes.gold is distinct from samples.gold
    or trim(wanted, 'ABCDEFGHIJ'[1:len(choices)]) <> ''
    or trim(letters, 'ABCDEFGHIJ'[1:len(choices)]) <> ''
order by key_disputes.number
