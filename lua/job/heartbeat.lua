#!lua flags=allow-oom
--[[
  Store a heartbeat of the attempt of a job that runs, by id: its heartbeat timeout counts from now.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  attempt: only while that is the job's; "" = any
  ARGV[6]  request id of the call: its repetition stores nothing twice
  ARGV[7]  details, "" = the last ones stay

  Returns one of
    {"ok", state}   stored; the state says what is asked of the attempt
    {"lost"}        no attempt runs, or another one
    {"closed", state}
    {"not_found"}
  Emits      h
]]
--- @include "lib/run"
--- @include "lib/heartbeat"
local name = sub(KEYS[2], #P + 3)
local rec, key = find_run(name, ARGV[4])
if not rec then
  return { "not_found" }
end
local state = sub(rec, 10, 10)
if IS_CLOSED[state] then
  return { "closed", state }
end
if not IS_RUNNING[state] or (ARGV[5] ~= "" and tonumber(ARGV[5]) ~= u4(rec, 40)) then
  return { "lost" }
end
if not repeated(rec, "heartbeat", ARGV[6]) then
  keep_control(key, rec, "heartbeat", ARGV[6], "")
  rec = sub(rec, 1, 70) .. with_flag(rec, FLAG_CONTROLS) .. sub(rec, 72)
  beat(key, name, rec, ARGV[7])
  commit()
end
return { "ok", state }
