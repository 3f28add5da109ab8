-- Adds the predictions of runs in incoming; sorted, so that they compress and skip.
insert into predictions by name select * from incoming order by run, sample, repeat;
insert into loaded by name
select number as run, run_id
from runs
where number in (select run from incoming) and number not in (select run from loaded);
