#!lua flags=allow-oom
--[[
  Complete an open job by id, whether or not an attempt runs.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  attempt: only while that is the job's; "" = any
  ARGV[6]  request id, "" = none
  ARGV[7]  outcome: "-" = no result, else "=" and the result's bytes

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, or a repeated request id
    {"lost"}                                another attempt is the job's now
    {"closed", state}
    {"not_found"}
  Emits      C
]]
--- @include "lib/run"
local name = sub(KEYS[2], #P + 3)
local rec, key = find_run(name, ARGV[4])
if not rec then
  return { "not_found" }
end
if repeated(rec, "complete", ARGV[6]) then
  return stands("ok", key)
end
local state = sub(rec, 10, 10)
if IS_CLOSED[state] then
  return { "closed", state }
end
if ARGV[5] ~= "" and tonumber(ARGV[5]) ~= u4(rec, 40) then
  return { "lost" }
end
local flags = sub(rec, 71, 71)
if ARGV[6] ~= "" then
  keep_control(key, rec, "complete", ARGV[6], "")
  flags = with_flag(rec, FLAG_CONTROLS)
end
leave_place(name, rec)
if IS_RUNNING[state] then
  keep_attempt(rec, "C", nil, "", "")
  flags = with_flag(sub(rec, 1, 70) .. flags, FLAG_ATTEMPTS)
end
close(name, rec, "C", ender_at_close(rec), keep_outcome(sub(rec, 73, 80), ARGV[7]), "-", flags)
commit()
return stands("ok", key)
