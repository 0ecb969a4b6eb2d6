--[[
  What scripts of reports share: whether a report's lease holds.
]]
--- @include "lib/start_over"
--- The record of a task if it is still leased as the token says; else nil and, where this very report has been
-- taken before, the record it left. attempt: 4 bytes; nonce: 8; ender: this report's letter.
local function held(key, attempt, nonce, ender)
  local rec = call("GET", key)
  if not rec or sub(rec, 11, 18) ~= nonce then
    return nil
  end
  if IS_RUNNING[sub(rec, 10, 10)] then
    return sub(rec, 40, 43) == attempt and rec or nil
  end
  if sub(rec, 39, 39) == ender then
    local reported = u4(attempt, 1)
    local stands = u4(rec, 40)
    if stands == reported or (ender == "f" and stands == reported + 1) then
      return nil, rec
    end
  end
  return nil
end

--- Where a run stands: {tag, state, run_id, dispatch_at_ms}.
local function standing(tag, rec)
  return { tag, sub(rec, 10, 10), sub(rec, 73, 80), num(u6(rec, 44)) }
end
