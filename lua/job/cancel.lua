#!lua flags=allow-oom
--[[
  Ask a job to end. With no attempt running it is canceled at once; a running attempt is told, and its report
  decides; a requested pause or reset is dropped. A built-in delivery is aborted, and canceled at once: nobody else
  would answer for it.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, or the repetition of the last cancel's request id
    {"closed", state}
    {"cancel_already_requested"}
    {"not_found"}
  Emits      X or c
]]
--- @include "lib/run"
--- @include "lib/reset"
local rec, key, name, state = controlled("cancel")
if not rec then
  return key
end
if state == "c" then
  return { "cancel_already_requested" }
end
keep_control(key, rec, "cancel", ARGV[5], ARGV[6])
if IS_RUNNING[state] and not has_flag(rec, FLAG_BUILT_IN) then
  call("SETRANGE", key, "9", "c")
  if starts_over(state) then
    call("HDEL", P .. "c:" .. sub(rec, 73, 80), "on_reset")
  end
  happened("c", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
  notify(name, rec)
else
  end_now(name, rec, "X")
end
commit()
return stands("ok", key)
