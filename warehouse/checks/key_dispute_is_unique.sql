-- A dispute stands twice, or two rulings are of one version.
select number, task, sample_id, version
from key_disputes
qualify count(*) over (partition by number) > 1
    or (version is not null and count(*) over (partition by version) > 1)
order by number, version
