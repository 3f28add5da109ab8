-- A dispute is in no state that there is, lacks what belongs to it, or names who disputes it.
select number, state, letters, why, version, ruled_at, disputer
from key_disputes
where state not in ('open', 'upheld', 'rejected')
    or (state = 'upheld') <> (letters is not null)
    or (state = 'upheld') <> (version is not null)
    or (state = 'open') <> (why is null)
    or (state = 'open') <> (ruled_at is null)
    or version < 1
    or not regexp_full_match(disputer, 'reviewer-[0-9]+')
order by number
