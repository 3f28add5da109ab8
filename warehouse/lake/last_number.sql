-- The greatest number that was ever given to a snapshot, also where that is gone.
select max(number) from leaderboard_numbers
