-- Adds what was refused; what the same source had refused before is forgotten first, by forget.sql.
insert into quarantine by name select * from incoming;
