#!lua flags=allow-oom
--[[
  Let tasks be leased from a queue again; nodes are told. The partition that the queue's name falls to; the others follow
  (queue/follow.lua).

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  partition, from 0 · ARGV[6] partitions
  ARGV[7]  request id, "" = none
  ARGV[8]  reason: not kept, for the queue is in no state that it would be the reason of

  Returns {"set", field, value, …}, all settings as they are now
  Complexity O(settings)
]]
--- @include "lib/queue_settings"
return change_settings("unpause", function()
  set("=paused", "")
  set("=paused_reason", "")
end)
