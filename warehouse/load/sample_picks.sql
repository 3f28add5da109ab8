-- Replaces what was picked on the questions of the tasks in incoming.
delete from sample_picks where task in (select task from incoming);
insert into sample_picks by name select * from incoming order by task, sample_id;
