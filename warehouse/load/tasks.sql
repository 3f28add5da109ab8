-- Replaces the tasks named in incoming.
delete from tasks where task in (select task from incoming);
insert into tasks by name select * from incoming;
