#!lua flags=allow-oom
--[[
  Change what limits a queue, in effect with the next lease, and for what waits too. What the change lets through comes
  back into the rings piece by piece; nodes are told to ask again.

  With several partitions the one that the queue's name falls to is changed first; its answer is what the others are
  then told to follow (queue/follow.lua).

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  partition, from 0 · ARGV[6] partitions
  ARGV[7]  request id, "" = none
  ARGV[8]  reason, "" = the last one stays
  ARGV[9]  how many keys may have rates of their own, how many destinations, and how many keys weights, at most
  ARGV[10…] field and value by turns, as in lib/queue_settings.lua; "" = removed, field "*k" = all that begin with k

  Returns one of
    {"set", field, value, …}       done, or a repeated request id; all settings as they are now
    {"too_many", letter, count}    k, d or w: nothing is changed
  Complexity O(settings) and O(log keys) for each that changes
]]
--- @include "lib/queue_settings"
return change_settings("update_limits", function()
  for i = 10, #ARGV, 2 do
    set(ARGV[i], ARGV[i + 1])
  end
  for _, letter in ipairs({ "k", "d", "w" }) do
    local count = entries(after, letter)
    -- where the bound was lowered, what there is may stay and become fewer
    if count > tonumber(ARGV[9]) and count > entries(before, letter) then
      return { "too_many", letter, num(count) }
    end
  end
  set("=at", num(now))
  if ARGV[8] ~= "" then
    set("=reason", ARGV[8])
  end
end)
