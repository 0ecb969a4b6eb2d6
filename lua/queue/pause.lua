#!lua flags=allow-oom
--[[
  Have no more tasks leased from a queue; those that are go on. A queue that is paused stays so since when it was.
  The partition that the queue's name falls to; the others follow (queue/follow.lua).

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  partition, from 0 · ARGV[6] partitions
  ARGV[7]  request id, "" = none
  ARGV[8]  reason, "" = the last one stays

  Returns {"set", field, value, …}, all settings as they are now
  Complexity O(settings)
]]
--- @include "lib/queue_settings"
return change_settings("pause", function()
  set("=paused", after["=paused"] or num(now))
  if ARGV[8] ~= "" then
    set("=paused_reason", ARGV[8])
  end
end)
