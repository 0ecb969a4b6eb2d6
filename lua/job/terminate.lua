#!lua flags=allow-oom
--[[
  End an open job now, whatever it does.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, or the repetition of the last terminate's request id
    {"closed", state}
    {"not_found"}
  Emits      T
]]
--- @include "lib/run"
local rec, key, name = controlled("terminate")
if not rec then
  return key
end
keep_control(key, rec, "terminate", ARGV[5], ARGV[6])
end_now(name, rec, "T")
commit()
return stands("ok", key)
