-- What could not be loaded, and why?
select source, file, line, reason, content
from quarantine
order by source, file, line, reason
