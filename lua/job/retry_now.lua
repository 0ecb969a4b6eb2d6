#!lua flags=allow-oom
--[[
  Dispatch a job now that waits for its start time or the end of a back-off; its attempt number stays. One that
  waits for its turn stays as it is.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, waiting for its turn, or a repeated request id
    {"invalid", state}                      started or paused
    {"closed", state}
    {"not_found"}
  Emits      n
]]
--- @include "lib/run"
local rec, key, name, state = controlled("retry_now", "PRcprk")
if not rec then
  return key
end
rec = keep_control(key, rec, "retry_now", ARGV[5], ARGV[6])
if state == "W" then
  leave_place(name, rec)
  happened("n", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
  put_back(name, rec, now, sub(rec, 39, 39), sub(rec, 40, 43))
end
commit()
return stands("ok", key)
