-- Forgets what the sources in incoming had refused before.
delete from quarantine where source in (select source from incoming);
