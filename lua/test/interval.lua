#!lua flags=no-writes
--[[
  The intervals of lib/retry.lua alone.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4] record · ARGV[5] number of failures

  Returns the interval after that many failures, ms, drawn anew eight times
]]
--- @include "lib/retry"
local _, _, _, _, at = lane_of(ARGV[4])
local out = {}
for i = 1, 8 do
  out[i] = num(interval_after(policy_of(ARGV[4], at), tonumber(ARGV[5])))
end
return out
