#!lua flags=no-writes
--[[
  lib/turns.lua alone.

  ARGV[1] how many turns · ARGV[2] pass of the first head out of reach, "" = none · then for each head: name, pass,
  stride, room ("" = no limit)

  Returns {turns of each head, its new pass, …, pass of the last turn}; "-" where there is none
]]
--- @include "lib/turns"
local names, passes, strides, rooms = {}, {}, {}, {}
for i = 3, #ARGV, 4 do
  local name = ARGV[i]
  names[#names + 1] = name
  passes[#passes + 1] = tonumber(ARGV[i + 1])
  strides[name] = tonumber(ARGV[i + 2])
  rooms[name] = tonumber(ARGV[i + 3])
end
local turns, pass, last = take_turns(names, passes, tonumber(ARGV[2]) or math.huge, tonumber(ARGV[1]), function(name)
  return strides[name]
end, function(name)
  return rooms[name]
end)
local out = {}
for i = 1, #names do
  out[#out + 1] = turns[i] and tostring(turns[i]) or "-"
  out[#out + 1] = pass[i] and tostring(pass[i]) or "-"
end
out[#out + 1] = last and tostring(last) or "-"
return out
