-- A score's pointwise value, share, calibration, count or repeats are out of range, or it has no question.
select run_id, task, slice, slice_value, pointwise, unreadable_share, calibration_error, distinct_n
from scores
where pointwise not between -0.25 and 1
    or unreadable_share not between 0 and 1
    or calibration_error not between 0 and 1
    or confidence_when_wrong not between 0 and 1 + 1e-6
    or not (distinct_n > 0 and distinct_n <= n + 1e-9)
    or distinct_accuracy not between 0 and 1 + 1e-9
    or confident_wrong not between 0 and n * repeats * (1 - accuracy) + 1e-6
    or contraindicated not between 0 and n * repeats * (1 - accuracy) + 1e-6
    or repeats < 1
    or (repeats > 1) <> (always_right is not null)
    or (repeats > 1) <> (agreement is not null)
    or always_right not between 0 and accuracy + 1e-9
    or agreement not between 0 and 1 + 1e-9
order by run_id, task, slice, slice_value
