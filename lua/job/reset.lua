#!lua flags=allow-oom
--[[
  Have a job start over at attempt 1. With no attempt running it is due again at once (a random part of the jitter
  later, and never before the start delay is over), at the end of its lane. An attempt that runs goes on: its success
  completes the job, and whatever else ends it, the job starts over then. Schedule-to-close is not restarted.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  run id, 8 bytes; "" = the latest
  ARGV[5]  request id, "" = none
  ARGV[6]  reason, "" = none
  ARGV[7]  "k" = a job that is paused, or is to be, is paused afterwards; else ""
  ARGV[8]  jitter_ms
  ARGV[9]  letters: h = drop the heartbeat details, o = restore the options of the start

  Returns one of
    {"ok", state, run_id, dispatch_at_ms}   done, or a repeated request id
    {"invalid", state}                      its cancel or reset is requested
    {"closed", state}
    {"not_found"}
  Emits      R
]]
--- @include "lib/run"
--- @include "lib/reset"
local rec, key, name, state = controlled("reset", "crk")
if not rec then
  return key
end
rec = keep_control(key, rec, "reset", ARGV[5], ARGV[6])
local run_id, keeps_paused = sub(rec, 73, 80), ARGV[7] == "k"
if IS_RUNNING[state] then
  local to = state == "p" and keeps_paused and "k" or "r"
  call("SETRANGE", key, "9", to)
  if ARGV[9] ~= "" then
    call("HSET", P .. "c:" .. run_id, "on_reset", ARGV[9])
  end
  happened("R", sub(rec, 40, 43) .. to .. sub(rec, 44, 49) .. run_id .. name)
  notify(name, rec)
else
  leave_place(name, rec)
  rec = reset_beside(name, rec, ARGV[9])
  local stays_paused = state == "P" and keeps_paused
  local at = now
  if not stays_paused then
    at = now + math.floor(tonumber(ARGV[8]) * random_fraction())
  end
  if not was_leased(rec) then
    at = math.max(at, u6(rec, 87))
  end
  local to = stays_paused and "P" or at <= now and "S" or "W"
  happened("R", FIRST_ATTEMPT .. to .. p6(at) .. run_id .. name)
  local put_where = stays_paused and put_aside or put_back
  put_where(name, rec, at, sub(rec, 39, 39), FIRST_ATTEMPT)
end
commit()
return stands("ok", key)
