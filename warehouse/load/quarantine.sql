-- Adds what was refused; what the same source had refused before is forgotten first, by forget_quarantine.sql.
insert into quarantine by name select * from incoming;
