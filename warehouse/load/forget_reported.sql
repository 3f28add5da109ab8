-- Forgets the published scores of the files in incoming.
delete from reported_scores where file in (select file from incoming);
