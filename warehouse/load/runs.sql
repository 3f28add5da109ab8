-- Replaces the runs in incoming.
delete from runs where run_id in (select run_id from incoming);
insert into runs by name select * from incoming;
