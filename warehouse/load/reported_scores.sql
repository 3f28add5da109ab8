-- Replaces everything that was loaded from the files in incoming.
delete from reported_scores where file in (select file from incoming);
insert into reported_scores by name select * from incoming;
