-- Adds the predictions of runs in incoming; sorted, so that they compress and skip.
insert into predictions by name
select runs.number as run, sample, repeat, prediction, logprobs
from incoming
join runs using (run_id)
order by run, sample, repeat;
insert into loaded by name
select number as run, run_id
from runs
where run_id in (select run_id from incoming) and number not in (select run from loaded);
