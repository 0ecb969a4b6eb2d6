#!lua flags=allow-oom
--[[
  Give tasks back unworked. They go to the head of their lanes, the first named first; attempt number and dispatch
  time stay (but where schedule-to-start is over: it is due now), it counts as no attempt, and its tokens of the worker's
  rate and of the queue's, its key's and its destination's are given back. Under a requested cancel the job is canceled; under a requested pause it is paused, the
  same attempt to come; under a requested reset it is due now as attempt 1, or paused as such.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per task, each once
  ARGV[1-3] now_ms, random, bounds
  ARGV[4…]  token          attempt (4 bytes) and nonce (8), one per task

  Returns {"handed_back", [outcome, …], [q, leased_at_ms, …]}, an outcome per task in order
    "ok"    given back, now or by this call before
    "lost"  the attempt is over, closed or deleted
  and the tokens that are to be given back to the limiters of other partitions (queue/limit.lua)
  Emits      b, P or X
  Complexity O(log leased) for each
]]
--- @include "lib/report"
--- @include "lib/reset"
--- @include "lib/worker_limit"
--- @include "lib/refund"
local outcomes = {}
for i = #KEYS, 2, -1 do
  local token = ARGV[i + 2]
  local rec, before = held(KEYS[i], sub(token, 1, 4), sub(token, 5, 12), "b")
  outcomes[i - 1] = (rec or before) and "ok" or "lost"
  if rec then
    local name = sub(KEYS[i], #P + 3)
    leave_place(name, rec, true)
    if not has_flag(rec, FLAG_BUILT_IN) then
      refund_worker(name, rec)
    end
    refund_queue(name, rec)
    local state = sub(rec, 10, 10)
    if state == "c" then
      keep_attempt(rec, "X", nil, "", "")
      close(name, rec, "X", "b", NO_OUTCOME, "-", with_flag(rec, FLAG_ATTEMPTS))
    else
      keep_attempt(rec, "b", nil, "", "")
      rec = flagged(rec, FLAG_ATTEMPTS, true)
      local attempt, at = sub(rec, 40, 43), u6(rec, 44)
      if starts_over(state) then
        rec, attempt, at = reset_put_off(name, rec), FIRST_ATTEMPT, now
      end
      if pauses(state) then
        happened("P", attempt .. sub(rec, 73, 80) .. name)
        put_aside(name, rec, at, "b", attempt)
      else
        happened("b", attempt .. sub(rec, 73, 80) .. name)
        local start_by = at + u6(rec, 103)
        if start_by > at and start_by <= now then
          -- it was taken in time, and is to be taken again
          at = now
        end
        put_back(name, rec, at, "b", attempt, nil, true)
      end
    end
  end
end
commit()
return { "handed_back", outcomes, owed_elsewhere }
