-- Which keys do strong models contradict, and what do they say instead?
select
    task,
    sample_id,
    gold,
    suspected,
    agreeing,
    strong,
    choices[ascii(gold) - ascii('A') + 1] as gold_choice,
    choices[ascii(suspected) - ascii('A') + 1] as suspected_choice,
    question
from suspect_keys
join samples using (task, sample_id, gold)
order by agreeing / strong desc, agreeing desc, task, sample_id
limit 100
