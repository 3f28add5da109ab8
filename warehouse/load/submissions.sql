-- Replaces the submissions in incoming.
delete from submissions where number in (select number from incoming);
insert into submissions by name select * from incoming order by number;
