-- Adds the flags of predictions of runs in incoming; those of known runs are forgotten with them.
insert into prediction_flags by name
select
    runs.number as run,
    samples.number as sample,
    incoming.* exclude (run_id, task, sample_id)
from incoming
join runs using (run_id)
join samples using (task, sample_id)
order by run, sample, repeat, start;
