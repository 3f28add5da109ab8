-- Replaces all questions of the tasks in incoming.
delete from samples where task in (select task from incoming);
insert into samples by name select * from incoming order by task, position;
