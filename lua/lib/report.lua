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
    -- the nonce tells the lease; a failed attempt is followed by the next number, and any by 1 after a reset
    if stands == reported or stands == 1 or (ender == "f" and stands == reported + 1) then
      return nil, rec
    end
  end
  return nil
end

--- Adds to a report's answer of which queue and worker the lease was. q: the queue of its record.
local function name_holder(reply, q, rec)
  local from = has_flag(rec, FLAG_CONTROLS) and call("HGET", P .. "c:" .. sub(rec, 73, 80), "leased_from") or ""
  reply[5] = sub(from, 1, 8) == sub(rec, 11, 18) and sub(from, 9) or q
  reply[6] = worker_of(rec) or false
end

--- Where a run stands: {tag, state, run_id, dispatch_at_ms}, and q and worker where the token asks for them.
-- leased: the record while the lease held, where its options may have been restored since.
local function standing(tag, rec, name, token, leased)
  local reply = { tag, sub(rec, 10, 10), sub(rec, 73, 80), num(u6(rec, 44)) }
  if #token > 12 then
    local _, _, queue = lane_of(leased or rec)
    name_holder(reply, namespace_of(name) .. "/" .. queue, leased or rec)
  end
  return reply
end
