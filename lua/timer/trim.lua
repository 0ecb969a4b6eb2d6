#!lua flags=allow-oom
--[[
  Bring the event log back within its bytes, by dropping its oldest entries.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds (unused)
  ARGV[4]  bytes it may take

  Returns {"trimmed", how many entries, "0", "-1"}
  Complexity O(entries dropped)
]]
--- @include "lib/step"
local max = tonumber(ARGV[4])
local bytes = call("MEMORY", "USAGE", P .. "ev")
if not bytes or bytes <= max then
  return { "trimmed", "0", "0", "-1" }
end
local length = call("XLEN", P .. "ev")
local keep = math.floor(length * max / bytes * 0.9)
return { "trimmed", num(call("XTRIM", P .. "ev", "MAXLEN", "~", num(keep))), "0", "-1" }
