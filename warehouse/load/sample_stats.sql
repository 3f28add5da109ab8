-- Replaces the statistics of the questions of the lanes and tasks in incoming.
delete from sample_stats where (lane, task) in (select (lane, task) from incoming);
insert into sample_stats by name select * from incoming order by task, lane, sample_id;
