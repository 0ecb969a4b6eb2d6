#!lua flags=allow-oom
--[[
  Make a queue's settings in this partition what its own partition has answered. One that has heard of a later revision
  keeps it, so that two changes that cross end alike everywhere.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  partition, from 0 · ARGV[6] partitions
  ARGV[7…] field and value by turns: all settings

  Returns {"set"}
  Complexity O(settings) and O(log keys) for each that changes
]]
--- @include "lib/queue_settings"
read_settings(ARGV[4])
local whole = {}
for i = 7, #ARGV, 2 do
  whole[ARGV[i]] = ARGV[i + 1]
end
if tonumber(whole["=rev"]) > tonumber(before["=rev"] or 0) then
  after = whole
  write_settings(tonumber(ARGV[5]), tonumber(ARGV[6]))
  call_out()
end
return { "set" }
