#!lua flags=no-writes
--[[
  Read a run whole, and the place in the event log at which it is so.

  KEYS[1]  {tag}m
  KEYS[2]  {tag}j:<name>
  ARGV[1-3] now_ms, random, bounds (unused)
  ARGV[4]  run id, 8 bytes; "" = the latest

  Returns one of
    {"job", record, input or false, outcome or false, heartbeat details or false, reason or false, [attempt, …],
     [worker of each attempt, …], worker of the latest lease or false, last event's stream id,
     how many attempts are no longer kept or false}
    {"not_found"}
]]
--- @include "lib/run"
local rec = find_run(sub(KEYS[2], #P + 3), ARGV[4])
if not rec then
  return { "not_found" }
end
local run_id = sub(rec, 73, 80)
local function worker(number4)
  return number4 ~= Z4 and call("HGET", P .. "wn", num(u4(number4, 1)))
end
local attempts, workers = {}, {}
if has_flag(rec, FLAG_ATTEMPTS) then
  attempts = call("LRANGE", P .. "a:" .. run_id, 0, -1)
  for i = 1, #attempts do
    workers[i] = worker(sub(attempts[i], 34, 37)) or ""
  end
end
local last = call("EXISTS", P .. "ev") == 1 and call("XINFO", "STREAM", P .. "ev")[8] or "0-0"
if not string.match(last, "^%d+%-%d+$") then
  last = "0-0"
end
return {
  "job", rec,
  has_flag(rec, FLAG_INPUT) and call("GET", P .. "i:" .. run_id),
  byte(rec, 56) == 254 and call("GET", P .. "o:" .. run_id),
  has_flag(rec, FLAG_HEARTBEAT) and call("GET", P .. "h:" .. run_id),
  has_flag(rec, FLAG_CONTROLS) and call("HGET", P .. "c:" .. run_id, "reason"),
  attempts, workers, worker(sub(rec, 31, 34)), last,
  has_flag(rec, FLAG_ATTEMPTS) and call("HGET", P .. "c:" .. run_id, "omitted"),
}
