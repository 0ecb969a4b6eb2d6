#!lua flags=allow-oom
--[[
  Say that a node lives for the next six seconds, or that it is gone now.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds (the last two unused)
  ARGV[4]  node
  ARGV[5]  "alive" or "gone"

  Returns {"renewed"}
]]
--- @include "lib/step"
if ARGV[5] == "gone" then
  call("ZADD", P .. "nodes", "XX", "0", ARGV[4])
else
  if call("ZADD", P .. "nodes", num(now + 6000), ARGV[4]) == 1 then
    call("PERSIST", P .. "lr:" .. ARGV[4])
  end
end
return { "renewed" }
