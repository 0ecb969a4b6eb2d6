#!lua flags=allow-oom
--[[
  Let no further attempt of a job begin. With no attempt running it is paused at once, and what is left of a back-off
  or start delay is kept for when it goes on. An attempt that runs goes on, a built-in delivery too: its success
  completes the job, and the job is paused when it is to be tried again. A paused job stays as it is.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, paused before, or a repeated request id
    {"invalid", state}                      its cancel or reset is requested
    {"closed", state}
    {"not_found"}
  Emits      P, or p
]]
--- @include "lib/run"
local rec, key, name, state = controlled("pause", "crk")
if not rec then
  return key
end
rec = keep_control(key, rec, "pause", ARGV[5], ARGV[6])
if state == "R" then
  call("SETRANGE", key, "9", "p")
  happened("p", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
  notify(name, rec)
elseif state == "S" or state == "W" then
  leave_place(name, rec)
  happened("P", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
  put_aside(name, rec, u6(rec, 44), sub(rec, 39, 39), sub(rec, 40, 43))
end
commit()
return stands("ok", key)
