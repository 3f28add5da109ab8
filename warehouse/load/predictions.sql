-- Replaces the predictions of the runs and tasks in incoming; sorted, so that they compress and skip.
delete from predictions where (run_id, task) in (select distinct (run_id, task) from incoming);
insert into predictions by name select * from incoming order by task, run_id, sample_id, repeat;
