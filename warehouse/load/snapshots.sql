-- Adds the snapshot that is about to be published.
insert into snapshots by name select * from incoming;
