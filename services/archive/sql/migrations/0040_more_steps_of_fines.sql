-- Explanations, appeals, and fines that a graver one replaced (N9). Alone, since a new value cannot be used before its
-- transaction has committed.
ALTER TYPE fine_state ADD VALUE IF NOT EXISTS 'answered';  -- proposed -> answered: the person handed in an explanation
ALTER TYPE fine_state ADD VALUE IF NOT EXISTS 'appealed';  -- confirmed -> appealed: by the person, in time
ALTER TYPE fine_state ADD VALUE IF NOT EXISTS 'upheld';    -- appealed -> upheld: it stays
ALTER TYPE fine_state ADD VALUE IF NOT EXISTS 'lifted';    -- appealed -> lifted: it falls
ALTER TYPE fine_state ADD VALUE IF NOT EXISTS 'replaced';  -- any that stands or waits -> replaced: by a graver one
