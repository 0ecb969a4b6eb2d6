#!lua flags=no-writes
--[[
  lib/record.lua alone: what Lua reads in a record.

  ARGV[1] record

  Returns {name, value, …}
]]
--- @include "lib/record"
local rec = ARGV[1]
local function ms(at)
  return string.format("%d", u6(rec, at))
end
local fk, dest, queue, kind = lane_of(rec)
local flags = {}
local names = { "input", "no input", "attempts", "heartbeat", "controls", "built-in", "given delay" }
for i = 1, 7 do
  if has_flag(rec, 2 ^ (i - 1)) then
    flags[#flags + 1] = names[i]
  end
end
return {
  "version", sub(rec, 1, 1), "fence", sub(rec, 2, 9), "state", sub(rec, 10, 10), "nonce", sub(rec, 11, 18),
  "started_at", ms(19), "heartbeat_at", ms(25), "worker", string.format("%d", u4(rec, 31)),
  "heartbeats", string.format("%d", u4(rec, 35)), "ender", sub(rec, 39, 39),
  "attempt", string.format("%d", u4(rec, 40)), "dispatch_at", ms(44), "closed_at", ms(50),
  "lease_losses", string.format("%d", u2(rec, 68)), "retry_state", sub(rec, 70, 70), "flags", concat(flags, ","),
  "priority", sub(rec, 72, 72), "run_id", sub(rec, 73, 80), "created_at", ms(81), "first_dispatch_at", ms(87),
  "expires_at", ms(97), "schedule_to_start", ms(103), "start_to_close", ms(109), "heartbeat_timeout", ms(115),
  "weight", string.format("%d", u4(rec, 121)), "fairness", fk, "destination", dest, "queue", queue, "type", kind,
}
