-- Replaces the disputes in incoming.
delete from key_disputes where number in (select number from incoming);
insert into key_disputes by name select * from incoming order by number;
