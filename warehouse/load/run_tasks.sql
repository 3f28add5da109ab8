-- Replaces the tasks of the runs in incoming.
delete from run_tasks where run_id in (select run_id from incoming);
insert into run_tasks by name select * from incoming;
