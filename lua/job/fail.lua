#!lua flags=allow-oom
--[[
  Fail the attempt of a job that runs, by id; it is tried again or closed as its retry policy says.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  attempt: only while that is the job's; "" = any
  ARGV[6]  request id, "" = none
  ARGV[7]  type of the failure
  ARGV[8]  "n" = non-retryable, "d" .. ms = the delay until the next attempt, else ""
  ARGV[9]  the failure, packed

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, or a repeated request id
    {"lost"}                                no attempt runs, or another one
    {"closed", state}
    {"not_found"}
  Emits      r, q or F
]]
--- @include "lib/run"
--- @include "lib/retry"
local name = sub(KEYS[2], #P + 3)
local rec, key = find_run(name, ARGV[4])
if not rec then
  return { "not_found" }
end
if repeated(rec, "fail", ARGV[6]) then
  return stands("ok", key)
end
local state = sub(rec, 10, 10)
if IS_CLOSED[state] then
  return { "closed", state }
end
if not IS_RUNNING[state] or (ARGV[5] ~= "" and tonumber(ARGV[5]) ~= u4(rec, 40)) then
  return { "lost" }
end
rec = keep_control(key, rec, "fail", ARGV[6], "")
end_attempt(name, rec, "F", ARGV[7], ARGV[8] == "n", tonumber((string.match(ARGV[8], "^d(%d+)$"))), ARGV[9], "")
commit()
return stands("ok", key)
